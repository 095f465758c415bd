import { and, asc, eq, sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { prepared } from '../../db/prepared.ts';
import type { WorkQueueStatus } from '../../schema/types.ts';
import { now, secondsBetween, type Timestamp } from '../../time/timestamp.ts';
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
}

const queuesOf = prepared(({ orm, tables }) => {
  const { deployment, work_pool, work_queue } = tables;
  const { id, name, priority, status, is_paused, concurrency_limit, last_polled } = work_queue;
  const asleep = sql`select 1 from ${deployment} where ${deployment.work_queue_id} = ${work_queue.id} and ${deployment.status} = 'NOT_READY'`;
  return orm
    .select({
      pool: work_pool,
      queue: { id, name, priority, status, is_paused, concurrency_limit, last_polled },
      wakes: sql<boolean>`exists (${asleep})`.mapWith(Boolean),
    })
    .from(work_pool)
    .leftJoin(work_queue, eq(work_queue.work_pool_id, work_pool.id))
    .where(eq(work_pool.name, sql.placeholder('name')))
    .orderBy(asc(work_queue.priority))
    .prepare('polled_queues');
});

/** A pool with all of its queues, the most urgent first; undefined when there is no such pool. */
export async function readPolledPool(
  db: Database,
  name: string,
): Promise<{ pool: WorkPool; queues: PolledQueue[] } | undefined> {
  const rows = await queuesOf(db).execute({ name });
  if (!rows[0]) return undefined;
  const queues = rows.flatMap(({ queue, wakes }) => (queue ? [{ ...queue, wakes }] : []));
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
  queues: PolledQueue[],
): Promise<void> {
  const moment = now();
  const due = queues.filter((queue) => isDue(queue, moment));
  if (due.length === 0) return;
  const queueIds = due.map(({ id }) => id);
  await db.transaction(async () => {
    await noteQueues(db, pool, queueIds, moment);
    await markDeploymentsReady(db, { queueIds });
  });
}

function isDue({ status, last_polled, wakes }: PolledQueue, moment: Timestamp): boolean {
  if (wakes || status === 'NOT_READY' || last_polled === null) return true;
  return secondsBetween(last_polled, moment) >= NOTED_EVERY_SECONDS;
}

async function noteQueues(
  db: Database,
  pool: Pick<WorkPool, 'id' | 'name' | 'type'>,
  ids: string[],
  moment: Timestamp,
): Promise<void> {
  const { work_queue } = db.tables;
  const select = db.orm
    .select({ id: work_queue.id, name: work_queue.name, status: work_queue.status })
    .from(work_queue)
    .where(db.dialect.isIn(work_queue.id, ids))
    .orderBy(work_queue.id);
  const rows = await db.dialect.lockRows(select, work_queue);
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
