import { and, eq, isNotNull, isNull, lt, or, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { now, type Timestamp } from '../../time/timestamp.ts';
import { markDeploymentsNotReady } from '../deployment/readiness.ts';
import { insertEvents } from '../event/event.ts';
import { queueStatusEvent } from './event.ts';
import { writeWorkPool } from './work-pool-change.ts';
import { lockWorkPool } from './work-pool-lookup.ts';

/**
 * What nobody has heard of for too long. Each function looks again at a row in the statement that changes it: whoever was
 * heard of in between stays as it is.
 */
export interface Patience {
  /** Of a worker that doesn't say how often it lets hear from it. */
  fallbackSeconds: number;
  /** How many of its heartbeats a worker may miss. */
  heartbeats: number;
}

/** @returns how many workers went offline */
export async function markWorkersOffline(
  db: Database,
  { fallbackSeconds, heartbeats }: Patience,
): Promise<number> {
  const { worker } = db.tables;
  const moment = now();
  const silence = db.dialect.secondsBetween(worker.last_heartbeat_time, db.dialect.timestampValue(moment));
  const interval = sql`coalesce(${worker.heartbeat_interval_seconds}, ${sql.raw(String(fallbackSeconds))})`;
  const rows = await db.orm
    .update(worker)
    .set({ status: 'OFFLINE', updated: moment })
    .where(and(eq(worker.status, 'ONLINE'), sql`${silence} > ${interval} * ${sql.raw(String(heartbeats))}`))
    .returning({ id: worker.id });
  return rows.length;
}

/** Pools that are ready without a worker online aren't any more. @returns their names */
export async function markPoolsNotReady(db: Database): Promise<string[]> {
  const { work_pool } = db.tables;
  const deserted = await db.orm
    .select({ name: work_pool.name })
    .from(work_pool)
    .where(and(eq(work_pool.status, 'READY'), hasNoWorker(db)));
  const marked: string[] = [];
  // A transaction a pool: pools are few, and they lose their last worker rarely.
  for (const { name } of deserted) {
    if (await markPoolNotReady(db, name)) marked.push(name);
  }
  return marked;
}

function hasNoWorker(db: Database): SQL {
  const { work_pool, worker } = db.tables;
  return sql`not exists (select 1 from ${worker} where ${worker.work_pool_id} = ${work_pool.id} and ${worker.status} = 'ONLINE')`;
}

function markPoolNotReady(db: Database, name: string): Promise<boolean> {
  const { work_pool } = db.tables;
  return db.transaction(async () => {
    const pool = await lockWorkPool(db, name).catch(() => null);
    if (pool?.status !== 'READY') return false;
    const [deserted] = await db.orm
      .select({ id: work_pool.id })
      .from(work_pool)
      .where(and(eq(work_pool.id, pool.id), hasNoWorker(db)));
    if (!deserted) return false;
    await writeWorkPool(db, pool, { status: 'NOT_READY' });
    return true;
  });
}

/** Deployments that were ready, and that neither they nor their queue were asked for since `before`. */
export async function markDeploymentsForgotten(db: Database, before: Timestamp): Promise<number> {
  const { deployment, work_queue } = db.tables;
  const rows = await db.orm
    .select({ id: deployment.id })
    .from(deployment)
    .leftJoin(work_queue, eq(work_queue.id, deployment.work_queue_id))
    .where(
      and(
        eq(deployment.status, 'READY'),
        lt(deployment.last_polled, before),
        or(isNull(work_queue.last_polled), lt(work_queue.last_polled, before)),
      ),
    );
  if (rows.length === 0) return 0;
  const ids = rows.map(({ id }) => id);
  await markDeploymentsNotReady(db, { ids, polledBefore: before });
  return rows.length;
}

/** Queues that were ready and that nobody has polled since `before`. */
export function markQueuesForgotten(db: Database, before: Timestamp): Promise<number> {
  const { work_pool, work_queue } = db.tables;
  return db.transaction(async () => {
    const rows = await db.orm
      .update(work_queue)
      .set({ status: 'NOT_READY', updated: now() })
      .where(
        and(
          eq(work_queue.status, 'READY'),
          isNotNull(work_queue.last_polled),
          lt(work_queue.last_polled, before),
        ),
      )
      .returning();
    if (rows.length === 0) return 0;
    const poolIds = [...new Set(rows.map((queue) => queue.work_pool_id))];
    const pools = await db.orm.select().from(work_pool).where(db.dialect.isIn(work_pool.id, poolIds));
    const byId = new Map(pools.map((pool) => [pool.id, pool]));
    await insertEvents(
      db,
      rows.map((queue) => queueStatusEvent(queue, byId.get(queue.work_pool_id)!)),
    );
    return rows.length;
  });
}
