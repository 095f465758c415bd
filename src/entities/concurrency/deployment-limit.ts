import { eq, inArray } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { now } from '../../time/timestamp.ts';
import { newLimit } from './limit.ts';

/**
 * Gives a deployment its own limit of concurrent runs, or takes it away, and notes it on the deployment's row. A
 * deployment that is tied to a limit keeps that one, whoever made it: its number is changed. No events are told, as in
 * Prefect. For a transaction. Gives back the limit's id, null without one.
 */
export async function setDeploymentLimit(
  db: Database,
  deploymentId: string,
  limit: number | null,
): Promise<string | null> {
  const { deployment, concurrency_limit_v2: limits } = db.tables;
  const [current] = await db.orm
    .select({ id: limits.id, limit: limits.limit })
    .from(deployment)
    .innerJoin(limits, eq(limits.id, deployment.concurrency_limit_id))
    .where(eq(deployment.id, deploymentId));
  if ((current?.limit ?? null) === limit) return current?.id ?? null;
  if (limit === null) {
    await db.orm.delete(limits).where(eq(limits.id, current!.id));
    await noteLimit(db, deploymentId, null, null);
    return null;
  }
  const id = current ? await changeLimit(db, current.id, limit) : await makeLimit(db, deploymentId, limit);
  await noteLimit(db, deploymentId, id, limit);
  return id;
}

/** For the deletion of deployments, in its transaction: also a limit that others are tied to goes, as in Prefect. */
export async function deleteDeploymentLimits(db: Database, deploymentIds: string[]): Promise<void> {
  const { deployment, concurrency_limit_v2: limits } = db.tables;
  const theirs = db.orm
    .select({ id: deployment.concurrency_limit_id })
    .from(deployment)
    .where(db.dialect.isIn(deployment.id, deploymentIds));
  await db.orm.delete(limits).where(inArray(limits.id, theirs));
}

async function changeLimit(db: Database, id: string, limit: number): Promise<string> {
  const { concurrency_limit_v2: limits } = db.tables;
  await db.orm.update(limits).set({ limit }).where(eq(limits.id, id));
  return id;
}

/** One of this name may be left from before, when the deployment was tied to another one: it serves again. */
async function makeLimit(db: Database, deploymentId: string, limit: number): Promise<string> {
  const { concurrency_limit_v2: limits } = db.tables;
  const updated = now();
  const [made] = await db.orm
    .insert(limits)
    .values(newLimit({ name: `deployment:${deploymentId}`, limit }))
    .onConflictDoUpdate({ target: limits.name, set: { limit, updated } })
    .returning({ id: limits.id });
  return made!.id;
}

async function noteLimit(
  db: Database,
  deploymentId: string,
  concurrency_limit_id: string | null,
  concurrency_limit: number | null,
): Promise<void> {
  const { deployment } = db.tables;
  await db.orm
    .update(deployment)
    .set({ concurrency_limit_id, concurrency_limit })
    .where(eq(deployment.id, deploymentId));
}
