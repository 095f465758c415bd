import { and, asc, eq, isNull, lt, or, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { prepared } from '../../db/prepared.ts';
import type { WorkQueueStatus } from '../../schema/types.ts';
import { now, secondsBetween, type Timestamp } from '../../time/timestamp.ts';
import { WORKER_STATES } from '../concurrency/active-slots.ts';
import { markDeploymentsReady } from '../deployment/readiness.ts';
import { insertEvents } from '../event/event.ts';
import { queueStatusEvent, type WorkPool } from './event.ts';

/** As much of a queue as a poll needs. */
export interface PolledQueue {
  id: string;
  name: string;
  priority: number;
  status: WorkQueueStatus;
  is_paused: boolean;
  concurrency_limit: number | null;
  last_polled: Timestamp | null;
  /** One of its deployments isn't ready yet, which a poll changes. */
  wakes: boolean;
  /** Runs that take a slot; counted only in a pool that has a limit, or a queue with one. */
  taken: number;
}

export interface PolledPool {
  pool: WorkPool;
  /** All of them, the most urgent first. */
  queues: PolledQueue[];
}

const queuesOf = prepared((db) => {
  const { deployment, work_pool, work_queue } = db.tables;
  const { id, name, priority, status, is_paused, concurrency_limit, last_polled } = work_queue;
  const asleep = sql`select 1 from ${deployment} where ${deployment.work_queue_id} = ${work_queue.id} and ${deployment.status} = 'NOT_READY'`;
  return db.orm
    .select({
      pool: work_pool,
      queue: { id, name, priority, status, is_paused, concurrency_limit, last_polled },
      wakes: sql<boolean>`exists (${asleep})`.mapWith(Boolean),
      taken: sql<number>`coalesce(active.taken, 0)`.mapWith(Number),
    })
    .from(work_pool)
    .leftJoin(work_queue, eq(work_queue.work_pool_id, work_pool.id))
    .leftJoin(sql`(${activeRuns(db)}) as active`, sql`active.queue_id = ${work_queue.id}`)
    .where(eq(work_pool.name, sql.placeholder('name')))
    .orderBy(asc(work_queue.priority))
    .prepare('polled_queues');
});

/** How many runs of each queue take a slot, if anybody wants to know. Those that run are few, those of a queue are not. */
function activeRuns({ dialect, tables }: Database): SQL {
  const { flow_run, work_pool, work_queue } = tables;
  const queueId = dialect.unselective(flow_run.work_queue_id);
  const states = sql.join(
    WORKER_STATES.map((state) => sql.raw(`'${state}'`)),
    sql`, `,
  );
  const limited = sql`select 1 from ${work_pool} p join ${work_queue} q on q.work_pool_id = p.id
    where p.name = ${sql.placeholder('name')} and (p.concurrency_limit is not null or q.concurrency_limit is not null)`;
  return sql`select ${queueId} as queue_id, count(*) as taken from ${flow_run}
    where ${flow_run.state_type} in (${states}) and exists (${limited}) group by 1`;
}

/** Undefined when there is no such pool. */
export async function readPolledPool(db: Database, name: string): Promise<PolledPool | undefined> {
  const rows = await db.longRead(async () => queuesOf(db).execute({ name }));
  if (!rows[0]) return undefined;
  const queues = rows.flatMap(({ queue, wakes, taken }) => (queue ? [{ ...queue, wakes, taken }] : []));
  return { pool: rows[0].pool, queues };
}

/**
 * Many workers may poll one queue many times a second; that this is noted once in so many seconds is enough for whoever looks
 * whether it's polled at all, which takes a minute's silence.
 */
const NOTED_EVERY_SECONDS = 5;

/** Notes that these queues were polled, and tells of those that, with their deployments, became ready by it. */
export async function notePoll(
  db: Database,
  pool: Pick<WorkPool, 'id' | 'name' | 'type'>,
  queues: NotedQueue[],
): Promise<void> {
  const moment = now();
  const due = queues.filter((queue) => isDue(queue, moment));
  if (due.length === 0) return;
  const queueIds = due.map(({ id }) => id);
  if (!due.some(({ status, wakes }) => wakes || status === 'NOT_READY')) {
    await noteMoment(db, queueIds, moment);
    return;
  }
  await db.transaction(async () => {
    await noteQueues(db, pool, queueIds, moment);
    await markDeploymentsReady(db, { queueIds });
  });
}

type NotedQueue = Pick<PolledQueue, 'id' | 'status' | 'last_polled' | 'wakes'>;

function isDue({ status, last_polled, wakes }: NotedQueue, moment: Timestamp): boolean {
  if (wakes || status === 'NOT_READY' || last_polled === null) return true;
  return secondsBetween(last_polled, moment) >= NOTED_EVERY_SECONDS;
}

function lockQueues(db: Database, ids: string[]) {
  const { work_queue } = db.tables;
  const { id, name, status } = work_queue;
  const select = db.orm
    .select({ id, name, status })
    .from(work_queue)
    .where(db.dialect.isIn(id, ids))
    .orderBy(id);
  return db.dialect.lockRows(select, work_queue);
}

/** Where nothing else changes: that their deployments were asked for, too, is noted by the foreman. */
async function noteMoment(db: Database, ids: string[], moment: Timestamp): Promise<void> {
  const { work_queue } = db.tables;
  const locked = lockQueues(db, ids).as('polled');
  await db.orm
    .update(work_queue)
    .set({ last_polled: moment, updated: moment })
    .where(sql`${work_queue.id} in (select id from ${locked})`);
}

/** Who polls a queue asks for its deployments. */
export async function notePolledDeployments(db: Database): Promise<void> {
  const { deployment, work_queue } = db.tables;
  const isOlder = or(isNull(deployment.last_polled), lt(deployment.last_polled, work_queue.last_polled));
  const select = db.orm
    .select({ id: deployment.id })
    .from(deployment)
    .innerJoin(work_queue, eq(work_queue.id, deployment.work_queue_id))
    .where(and(eq(deployment.status, 'READY'), isOlder))
    .orderBy(deployment.id);
  const polled = db.dialect.lockRows(select, deployment).as('polled');
  const ofQueue = sql`(select q.last_polled from ${work_queue} q where q.id = ${deployment.work_queue_id})`;
  await db.orm
    .update(deployment)
    // `updated` stays: a newer one would have the scheduler look at them again.
    .set({ last_polled: ofQueue, updated: sql`${deployment.updated}` })
    .where(sql`${deployment.id} in (select id from ${polled})`);
}

async function noteQueues(
  db: Database,
  pool: Pick<WorkPool, 'id' | 'name' | 'type'>,
  ids: string[],
  moment: Timestamp,
): Promise<void> {
  const { work_queue } = db.tables;
  const rows = await lockQueues(db, ids);
  await db.orm
    .update(work_queue)
    .set({ last_polled: moment, updated: moment })
    .where(db.dialect.isIn(work_queue.id, ids));
  const woken = rows.filter(({ status }) => status === 'NOT_READY');
  if (woken.length === 0) return;
  await db.orm
    .update(work_queue)
    .set({ status: 'READY', updated: moment })
    .where(
      db.dialect.isIn(
        work_queue.id,
        woken.map(({ id }) => id),
      ),
    );
  await insertEvents(
    db,
    woken.map((queue) => queueStatusEvent({ ...queue, status: 'READY' }, pool)),
  );
}

/** A queue by its id, as a poll needs it. */
export async function readPolledQueue(db: Database, id: string) {
  const { deployment, work_pool, work_queue } = db.tables;
  const [found] = await db.orm
    .select({
      queue: work_queue,
      pool: { id: work_pool.id, name: work_pool.name, type: work_pool.type },
      asleep: deployment.id,
    })
    .from(work_queue)
    .innerJoin(work_pool, eq(work_pool.id, work_queue.work_pool_id))
    .leftJoin(
      deployment,
      and(eq(deployment.work_queue_id, work_queue.id), eq(deployment.status, 'NOT_READY')),
    )
    .where(eq(work_queue.id, id))
    .limit(1);
  return found && { pool: found.pool, queue: { ...found.queue, wakes: found.asleep !== null } };
}
