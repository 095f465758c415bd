import { and, eq } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';

/** The id of a pool's default queue (null while it has none); undefined when there is no such pool. */
export async function readDefaultQueueId(db: Database, poolName: string): Promise<string | null | undefined> {
  const { work_pool } = db.tables;
  const [pool] = await db.orm
    .select({ queue: work_pool.default_queue_id })
    .from(work_pool)
    .where(eq(work_pool.name, poolName));
  return pool?.queue;
}

/** The id of a pool's queue; undefined when there is none of these names. */
export async function readQueueId(
  db: Database,
  poolName: string,
  queueName: string,
): Promise<string | undefined> {
  const { work_pool, work_queue } = db.tables;
  const [queue] = await db.orm
    .select({ id: work_queue.id })
    .from(work_queue)
    .innerJoin(work_pool, eq(work_pool.id, work_queue.work_pool_id))
    .where(and(eq(work_pool.name, poolName), eq(work_queue.name, queueName)));
  return queue?.id;
}
