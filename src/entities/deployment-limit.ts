import { eq } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { now } from '../time/timestamp.ts';

/**
 * Sets how many runs of a deployment may go on at once: a global concurrency limit of its own, which the deployment
 * points to. Null deletes the limit that it points to, whoever made it.
 */
export async function setDeploymentLimit(
  db: Database,
  deployment: { id: string; concurrency_limit_id: string | null },
  value: number | null,
): Promise<void> {
  const { concurrency_limit_v2: limit, deployment: table } = db.tables;
  const { id, concurrency_limit_id } = deployment;
  if (value === null) {
    if (concurrency_limit_id === null) return;
    await db.orm.delete(limit).where(eq(limit.id, concurrency_limit_id));
    await db.orm.update(table).set({ concurrency_limit: null, updated: now() }).where(eq(table.id, id));
    return;
  }
  const moment = now();
  if (concurrency_limit_id !== null) {
    await db.orm
      .update(limit)
      .set({ limit: value, updated: moment })
      .where(eq(limit.id, concurrency_limit_id));
  } else await pointToNewLimit(db, id, value);
}

async function pointToNewLimit(db: Database, id: string, value: number): Promise<void> {
  const { concurrency_limit_v2: limit, deployment } = db.tables;
  const moment = now();
  const [made] = await db.orm
    .insert(limit)
    .values({
      name: `deployment:${id}`,
      limit: value,
      active: true,
      active_slots: 0,
      denied_slots: 0,
      slot_decay_per_second: 0,
      avg_slot_occupancy_seconds: 2,
      created: moment,
      updated: moment,
    })
    .returning({ id: limit.id });
  await db.orm
    .update(deployment)
    .set({ concurrency_limit_id: made!.id, concurrency_limit: value, updated: moment })
    .where(eq(deployment.id, id));
}
