import { eq } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { errors } from '../../errors.ts';
import { JsonText } from '../../json/json.ts';
import type { JsonObject } from '../../schema/types.ts';
import { now } from '../../time/timestamp.ts';
import { uuid7 } from '../../time/uuid7.ts';
import { jobVariablesProblem } from '../deployment/job-variables.ts';
import { insertEvents } from '../event/event.ts';
import { poolEvent, poolStatusEvent, queueEvent, type WorkPool } from './event.ts';
import { AGENT_TYPE, tellOfWorkPool } from './work-pool-change.ts';
import { lockWorkPool } from './work-pool-lookup.ts';
import { insertWorkQueue } from './work-queue-insert.ts';

export interface WorkPoolCreate {
  name: string;
  type?: string;
  description?: string | null;
  base_job_template?: JsonText;
  is_paused?: boolean;
  concurrency_limit?: number | null;
  storage_configuration?: JsonObject;
}

/**
 * Makes a pool with its default queue.
 * @throws IntegrityError when there is one of this name
 */
export function createWorkPool(db: Database, given: WorkPoolCreate): Promise<WorkPool> {
  const { work_pool } = db.tables;
  const moment = now();
  const type = given.type ?? AGENT_TYPE;
  return db.transaction(async () => {
    const [pool] = await db.orm
      .insert(work_pool)
      .values({
        ...given,
        type,
        base_job_template: given.base_job_template ?? new JsonText('{}'),
        status: given.is_paused && type !== AGENT_TYPE ? 'PAUSED' : 'NOT_READY',
        created: moment,
        updated: moment,
      })
      .returning();
    const queue = await insertWorkQueue(db, pool!, {
      name: 'default',
      description: "The work pool's default queue.",
    });
    const [complete] = await db.orm
      .update(work_pool)
      .set({ default_queue_id: queue.id, updated: now() })
      .where(eq(work_pool.id, pool!.id))
      .returning();
    await insertEvents(db, [poolEvent('created', complete!)]);
    return complete!;
  });
}

/**
 * Whether the defaults of a template's variables fit their schema, which Prefect looks at when a pool is made and never after.
 * @throws HttpError 422, or 404 for a default that is a block which there isn't
 */
export async function checkTemplateDefaults(db: Database, template: JsonText): Promise<void> {
  const rules = { ignoreRequired: true, ignoreInvalidDefaults: false };
  const problem = await jobVariablesProblem(db, template, [], rules);
  if (problem === undefined) return;
  throw errors.unprocessable(`Validation failed for work pool's job variable defaults: ${problem}`);
}

/** As a client creates one: its template is checked, and its first status is told, too. */
export async function createAnnouncedWorkPool(db: Database, given: WorkPoolCreate): Promise<WorkPool> {
  if (given.base_job_template) await checkTemplateDefaults(db, given.base_job_template);
  return db.transaction(async () => {
    const pool = await createWorkPool(db, given);
    await insertEvents(db, [poolStatusEvent(pool, { id: uuid7(), occurred: now(), before: null })]);
    return pool;
  });
}

/** Its queues and workers go with it. @throws HttpError 404 */
export function deleteWorkPool(db: Database, name: string): Promise<WorkPool> {
  const { _cleanup_message, work_pool, work_queue } = db.tables;
  return db.transaction(async () => {
    const pool = await lockWorkPool(db, name, 'delete');
    const queues = await db.orm
      .select()
      .from(work_queue)
      .where(eq(work_queue.work_pool_id, pool.id))
      .orderBy(work_queue.priority);
    await insertEvents(db, [
      ...queues.map((queue) => queueEvent('deleted', queue, pool)),
      poolEvent('deleted', pool),
    ]);
    await db.orm.update(work_pool).set({ default_queue_id: null }).where(eq(work_pool.id, pool.id));
    // Nobody can be asked any more.
    await db.orm.delete(_cleanup_message).where(eq(_cleanup_message.work_pool_id, pool.id));
    await db.orm.delete(work_pool).where(eq(work_pool.id, pool.id));
    tellOfWorkPool(db, pool.id);
    return pool;
  });
}
