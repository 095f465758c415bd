import { and, asc, eq, type SQL } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { AGENT_STATES, slotsOfQueues, WORKER_STATES } from '../concurrency/active-slots.ts';
import { type WorkQueueFilter, workQueueFilter } from '../filters/work-pool.ts';
import { countFlowRuns } from '../flow-run/query.ts';
import type { Part } from '../list.ts';
import type { WorkQueue } from './event.ts';

/** How slots are counted: as workers' polls do, or as agents', for which a queue may choose its runs by tags. */
export type Counting = 'workers' | 'agents';

/** The runs that a queue of the oldest kind chooses by itself, instead of runs naming it. */
export interface QueueFilter {
  tags?: string[] | null;
  deployment_ids?: string[] | null;
}

interface Joined {
  queue: WorkQueue;
  poolName: string;
}

/** A queue as it goes over the wire; only one with a limit tells how many slots are taken. */
export function toWorkQueue({ queue, poolName }: Joined, activeSlots: number) {
  return {
    ...queue,
    work_pool_name: poolName,
    active_slots: queue.concurrency_limit === null ? null : activeSlots,
  };
}

export type WorkQueueAnswer = ReturnType<typeof toWorkQueue>;

function selectQueues(db: Database) {
  const { work_pool, work_queue } = db.tables;
  return db.orm
    .select({ queue: work_queue, poolName: work_pool.name })
    .from(work_queue)
    .innerJoin(work_pool, eq(work_pool.id, work_queue.work_pool_id));
}

async function withSlots(db: Database, rows: Joined[], counting: Counting): Promise<WorkQueueAnswer[]> {
  const limited = rows.map(({ queue }) => queue).filter((queue) => queue.concurrency_limit !== null);
  const choosing = counting === 'agents' ? limited.filter((queue) => queue.filter) : [];
  const slots = await slotsOfQueues(
    db,
    limited.filter((queue) => !choosing.includes(queue)).map(({ id }) => id),
    counting === 'agents' ? AGENT_STATES : WORKER_STATES,
  );
  // A query a queue, but nobody has made such queues since work pools came.
  for (const queue of choosing) slots.set(queue.id, await countChosenRuns(db, queue.filter as QueueFilter));
  return rows.map((row) => toWorkQueue(row, slots.get(row.queue.id) ?? 0));
}

/** What a queue with a filter chooses among the runs of deployments. */
export function chosenRuns({ tags, deployment_ids }: QueueFilter) {
  return { tags: { all_: tags }, deployment_id: { any_: deployment_ids, is_null_: false } };
}

export function countChosenRuns(db: Database, filter: QueueFilter): Promise<number> {
  const flow_runs = { ...chosenRuns(filter), state: { type: { any_: WORKER_STATES } } };
  return countFlowRuns(db, { flow_runs });
}

/** The queue of this name in a pool of this name. */
export function readPoolQueue(db: Database, poolName: string, name: string) {
  const { work_pool, work_queue } = db.tables;
  return readOne(db, and(eq(work_pool.name, poolName), eq(work_queue.name, name)), 'workers');
}

export function readQueueAnswer(db: Database, id: string) {
  return readOne(db, eq(db.tables.work_queue.id, id), 'agents');
}

async function readOne(
  db: Database,
  where: SQL | undefined,
  counting: Counting,
): Promise<WorkQueueAnswer | undefined> {
  const rows = await selectQueues(db).where(where);
  const [answer] = await withSlots(db, rows, counting);
  return answer;
}

/** A pool's queues, the most urgent first. */
export function findPoolQueues(
  db: Database,
  poolId: string,
  filter: WorkQueueFilter | null | undefined,
  { limit, offset }: Part,
): Promise<WorkQueueAnswer[]> {
  const { work_queue } = db.tables;
  return db.longRead(async () => {
    const rows = await selectQueues(db)
      .where(and(eq(work_queue.work_pool_id, poolId), workQueueFilter(db, filter)))
      .orderBy(asc(work_queue.priority))
      .limit(limit)
      .offset(offset);
    return withSlots(db, rows, 'workers');
  });
}

/** Queues of all pools, by name. */
export function findQueues(
  db: Database,
  filter: WorkQueueFilter | null | undefined,
  { limit, offset }: Part,
): Promise<WorkQueueAnswer[]> {
  const { work_queue } = db.tables;
  return db.longRead(async () => {
    const rows = await selectQueues(db)
      .where(workQueueFilter(db, filter))
      .orderBy(asc(work_queue.name))
      .limit(limit)
      .offset(offset);
    return withSlots(db, rows, 'agents');
  });
}
