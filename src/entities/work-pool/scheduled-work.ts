import { and, asc, eq, gte, lte, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { now, type Timestamp } from '../../time/timestamp.ts';
import { AGENT_STATES } from '../concurrency/active-slots.ts';
import { type FlowRunRow, selectFlowRuns, toFlowRun } from '../flow-run/flow-run.ts';
import { findFlowRuns } from '../flow-run/query.ts';
import type { WorkPool, WorkQueue } from './event.ts';
import type { PolledPool, PolledQueue } from './work-poll.ts';
import { chosenRuns, countChosenRuns, type QueueFilter } from './work-queue-query.ts';

export interface Wanted {
  limit: number;
  scheduled_before?: Timestamp;
  scheduled_after?: Timestamp;
}

/** Below SQLite's limit of 500 selects in one statement; a pool has rarely more than a few queues. */
const QUEUES_AT_ONCE = 100;

/**
 * The scheduled runs that a worker may start: none of a paused pool or queue, no more than pool and queue have slots left,
 * those of the most urgent queue first. `chosen` are the queues that are asked for. Runs that their own process retries aren't among them.
 *
 * Two workers that poll at once may get the same run. The server lets only one of them make it pending.
 */
export async function findScheduledWork(
  db: Database,
  { pool, queues }: PolledPool,
  chosen: PolledQueue[],
  wanted: Wanted,
): Promise<{ run: FlowRunRow; queue: PolledQueue }[]> {
  if (pool.is_paused) return [];
  const open = chosen.filter((queue) => !queue.is_paused);
  const taken = queues.reduce((sum, queue) => sum + queue.taken, 0);
  const most = Math.min(wanted.limit, slotsLeft(pool.concurrency_limit, taken));
  const found: { run: FlowRunRow; queue: PolledQueue }[] = [];
  for (let at = 0; at < open.length && found.length < most; at += QUEUES_AT_ONCE) {
    const some = open.slice(at, at + QUEUES_AT_ONCE);
    const places = new Map(some.map((queue, place) => [queue.id, place]));
    const rows = await runsOf(
      db,
      some,
      (queue) => Math.min(most, slotsLeft(queue.concurrency_limit, queue.taken)),
      wanted,
    );
    rows.sort((a, b) => places.get(a.work_queue_id!)! - places.get(b.work_queue_id!)! || byTime(a, b));
    found.push(...rows.map((run) => ({ run, queue: some[places.get(run.work_queue_id!)!]! })));
  }
  return found.slice(0, most);
}

function byTime(a: FlowRunRow, b: FlowRunRow): number {
  return (a.next_scheduled_start_time ?? '~') < (b.next_scheduled_start_time ?? '~') ? -1 : 1;
}

function slotsLeft(limit: number | null, taken: number): number {
  return limit === null ? Number.POSITIVE_INFINITY : Math.max(0, limit - taken);
}

/** The first runs of each queue, in one statement. Each queue is read along an index of its own runs. */
async function runsOf(
  db: Database,
  queues: PolledQueue[],
  most: (queue: PolledQueue) => number,
  { scheduled_before, scheduled_after }: Wanted,
): Promise<FlowRunRow[]> {
  const { flow_run } = db.tables;
  const retryType = db.dialect.jsonField(flow_run.empirical_policy, 'retry_type');
  const firsts = queues
    .filter((queue) => most(queue) > 0)
    .map((queue) => {
      const where = and(
        eq(flow_run.work_queue_id, queue.id),
        sql`${flow_run.state_type} = 'SCHEDULED'`,
        sql`coalesce(${retryType}, '') <> 'in_process'`,
        scheduled_after === undefined ? undefined : gte(flow_run.next_scheduled_start_time, scheduled_after),
        scheduled_before === undefined
          ? undefined
          : lte(flow_run.next_scheduled_start_time, scheduled_before),
      );
      return sql`select id from (select ${flow_run.id} from ${flow_run} where ${where} order by ${flow_run.next_scheduled_start_time} limit ${sql.raw(String(most(queue)))}) first`;
    });
  if (firsts.length === 0) return [];
  return db.longRead(async () =>
    db.orm
      .select()
      .from(flow_run)
      .where(sql`${flow_run.id} in (${sql.join(firsts, sql` union all `)})`),
  );
}

/** A run as a worker gets it (Prefect's WorkerFlowRunResponse): without its state, and without the names around it. */
export function toWorkerFlowRuns(pool: WorkPool, found: { run: FlowRunRow; queue: PolledQueue }[]) {
  const moment = now();
  return found.map(({ run, queue }) => {
    const around = { state: null, artifact: null, queue: null, pool: null };
    const { work_pool_id, work_pool_name, ...flow_run } = toFlowRun({ run, ...around }, moment);
    return { work_pool_id: pool.id, work_queue_id: queue.id, flow_run };
  });
}

/**
 * The scheduled runs of one queue, as agents ask for them: they belong to the queue by its name, unless it chooses runs by
 * their tags.
 */
export async function findRunsOfQueue(db: Database, queue: WorkQueue, wanted: Wanted) {
  if (queue.filter) return findChosenRuns(db, queue, queue.filter as QueueFilter, wanted);
  if (queue.is_paused) return [];
  const { flow_run } = db.tables;
  const limit = Math.min(wanted.limit, await slotsByName(db, queue));
  if (limit === 0) return [];
  const rows = await db.longRead(async () =>
    selectFlowRuns(db)
      .where(and(eq(flow_run.work_queue_name, queue.name), isScheduled(db, wanted)))
      .orderBy(asc(flow_run.next_scheduled_start_time), asc(flow_run.id))
      .limit(limit),
  );
  const moment = now();
  // Prefect doesn't look for the pool of a run here.
  return rows.map((row) => toFlowRun({ ...row, pool: null }, moment));
}

function isScheduled(db: Database, { scheduled_before }: Wanted): SQL | undefined {
  const { flow_run } = db.tables;
  return and(
    sql`${flow_run.state_type} = 'SCHEDULED'`,
    scheduled_before === undefined ? undefined : lte(flow_run.next_scheduled_start_time, scheduled_before),
  );
}

async function slotsByName(db: Database, queue: WorkQueue): Promise<number> {
  if (queue.concurrency_limit === null) return Number.POSITIVE_INFINITY;
  const { flow_run } = db.tables;
  const [row] = await db.orm
    .select({ taken: sql<number>`count(*)`.mapWith(Number) })
    .from(flow_run)
    .where(and(eq(flow_run.work_queue_name, queue.name), db.dialect.isIn(flow_run.state_type, AGENT_STATES)));
  return Math.max(0, queue.concurrency_limit - row!.taken);
}

async function findChosenRuns(db: Database, queue: WorkQueue, filter: QueueFilter, wanted: Wanted) {
  if (queue.is_paused) return [];
  const { concurrency_limit } = queue;
  const left =
    concurrency_limit === null
      ? Number.POSITIVE_INFINITY
      : concurrency_limit - (await countChosenRuns(db, filter));
  const flow_runs = {
    ...chosenRuns(filter),
    state: { type: { any_: ['SCHEDULED'] } },
    next_scheduled_start_time: { before_: wanted.scheduled_before },
  };
  const limit = Math.min(wanted.limit, Math.max(0, left));
  return findFlowRuns(db, { flow_runs }, { sort: 'NEXT_SCHEDULED_START_TIME_ASC', limit, offset: 0 });
}
