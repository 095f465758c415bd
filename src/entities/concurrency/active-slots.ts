import { and, count, eq } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';

/** A worker's poll counts these against the limits of pools and queues. */
export const WORKER_STATES = ['PENDING', 'RUNNING'];

/** An agent's poll of a queue counts these. */
export const AGENT_STATES = [...WORKER_STATES, 'CANCELLING'];

/** How many runs of each of these queues take a slot; a queue without any is left out. */
export async function slotsOfQueues(
  db: Database,
  queueIds: string[],
  states: string[] = WORKER_STATES,
): Promise<Map<string, number>> {
  if (queueIds.length === 0) return new Map();
  const { flow_run } = db.tables;
  const rows = await db.orm
    .select({ id: flow_run.work_queue_id, active: count() })
    .from(flow_run)
    .where(and(db.dialect.isIn(flow_run.work_queue_id, queueIds), isOneOf(db, states)))
    .groupBy(flow_run.work_queue_id);
  return new Map(rows.map(({ id, active }) => [id!, active]));
}

/** The same of pools, by their queues. */
export async function slotsOfPools(db: Database, poolIds: string[]): Promise<Map<string, number>> {
  if (poolIds.length === 0) return new Map();
  const { flow_run, work_queue } = db.tables;
  const rows = await db.orm
    .select({ id: work_queue.work_pool_id, active: count() })
    .from(flow_run)
    .innerJoin(work_queue, eq(work_queue.id, flow_run.work_queue_id))
    .where(and(db.dialect.isIn(work_queue.work_pool_id, poolIds), isOneOf(db, WORKER_STATES)))
    .groupBy(work_queue.work_pool_id);
  return new Map(rows.map(({ id, active }) => [id, active]));
}

function isOneOf(db: Database, states: string[]) {
  return db.dialect.isIn(db.tables.flow_run.state_type, states);
}
