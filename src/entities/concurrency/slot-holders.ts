import { and, asc, count, eq, isNull, or, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { now, secondsBetween } from '../../time/timestamp.ts';
import type { FlowRunRow } from '../flow-run/flow-run.ts';
import { countRows } from '../list.ts';
import type { WorkPool, WorkQueue } from '../work-pool/event.ts';
import { AGENT_STATES, slotsOfPools, slotsOfQueues, WORKER_STATES } from './active-slots.ts';

interface Page {
  limit: number;
  page: number;
}

const pagesOf = (total: number, limit: number): number => (limit > 0 ? Math.ceil(total / limit) : 0);

/** Who takes the slots of a pool: its queues, a page of them, with the first runs of each. */
export async function readPoolConcurrency(
  db: Database,
  pool: WorkPool,
  { limit, page, runsOfQueue }: Page & { runsOfQueue: number },
) {
  const { work_queue } = db.tables;
  const ofPool = eq(work_queue.work_pool_id, pool.id);
  const queues = await db.orm
    .select({ id: work_queue.id, name: work_queue.name, concurrency_limit: work_queue.concurrency_limit })
    .from(work_queue)
    .where(ofPool)
    .orderBy(asc(work_queue.priority))
    .limit(limit)
    .offset((page - 1) * limit);
  const ids = queues.map(({ id }) => id);
  const [total, ofPools, ofQueues, holders] = await Promise.all([
    countRows(db, work_queue, ofPool),
    slotsOfPools(db, [pool.id]),
    slotsOfQueues(db, ids),
    firstHolders(db, ids, runsOfQueue),
  ]);
  return {
    active_slots: ofPools.get(pool.id) ?? 0,
    concurrency_limit: pool.concurrency_limit,
    queues: queues.map(({ id, name, concurrency_limit }) => ({
      queue_id: id,
      queue_name: name,
      active_slots: ofQueues.get(id) ?? 0,
      concurrency_limit,
      flow_runs: holders.filter((run) => run.work_queue_id === id).map(toSummary),
      flow_run_count: ofQueues.get(id) ?? 0,
    })),
    count: total,
    limit,
    pages: pagesOf(total, limit),
    page,
  };
}

type Holder = Pick<
  FlowRunRow,
  'id' | 'name' | 'state_type' | 'state_name' | 'start_time' | 'state_timestamp' | 'work_queue_id'
>;

function columns(db: Database) {
  const { id, name, state_type, state_name, start_time, state_timestamp, work_queue_id } = db.tables.flow_run;
  return { id, name, state_type, state_name, start_time, state_timestamp, work_queue_id };
}

async function firstHolders(db: Database, queueIds: string[], most: number): Promise<Holder[]> {
  if (queueIds.length === 0 || most === 0) return [];
  const { flow_run } = db.tables;
  const where = and(
    db.dialect.isIn(flow_run.work_queue_id, queueIds),
    db.dialect.isIn(flow_run.state_type, WORKER_STATES),
  );
  const ranked = sql`select id from (select ${flow_run.id}, row_number() over (partition by ${flow_run.work_queue_id} order by ${flow_run.id}) as place from ${flow_run} where ${where}) ranked where place <= ${sql.raw(String(most))}`;
  return db.longRead(async () =>
    db.orm
      .select(columns(db))
      .from(flow_run)
      .where(sql`${flow_run.id} in (${ranked})`)
      .orderBy(asc(flow_run.id)),
  );
}

/** Who takes the slots of one queue, a page of them. */
export async function readQueueConcurrency(db: Database, queue: WorkQueue, { limit, page }: Page) {
  const { flow_run } = db.tables;
  const where = holdersOf(db, queue);
  return db.longRead(async () => {
    const [row] = await db.orm.select({ count: count() }).from(flow_run).where(where);
    const runs = await db.orm
      .select(columns(db))
      .from(flow_run)
      .where(where)
      .orderBy(asc(flow_run.id))
      .limit(limit)
      .offset((page - 1) * limit);
    const total = row!.count;
    return {
      active_slots: total,
      concurrency_limit: queue.concurrency_limit,
      flow_runs: runs.map(toSummary),
      count: total,
      limit,
      pages: pagesOf(total, limit),
      page,
    };
  });
}

/** Runs of agents' times belong to a queue by its name alone. */
function holdersOf(db: Database, queue: WorkQueue): SQL | undefined {
  const { flow_run } = db.tables;
  const byName = and(isNull(flow_run.work_queue_id), eq(flow_run.work_queue_name, queue.name));
  return and(
    or(eq(flow_run.work_queue_id, queue.id), byName),
    db.dialect.isIn(flow_run.state_type, AGENT_STATES),
  );
}

function toSummary({ work_queue_id, ...run }: Holder) {
  const since = run.state_timestamp;
  return { ...run, time_in_current_state: since === null ? null : secondsBetween(since, now()) };
}
