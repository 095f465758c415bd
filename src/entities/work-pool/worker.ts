import { and, desc, eq } from 'drizzle-orm';
import type { Database, Tables } from '../../db/database.ts';
import { now } from '../../time/timestamp.ts';
import { defineFilter, type FilterInput } from '../filters/filter.ts';
import { any, notAny, period } from '../filters/operators.ts';
import type { Part } from '../list.ts';
import type { WorkPool } from './event.ts';
import { writeWorkPool } from './work-pool-change.ts';
import { findWorkPool, lockWorkPool } from './work-pool-lookup.ts';

export type Worker = Tables['worker']['$inferSelect'];

const workerFilter = defineFilter(({ worker }) => ({
  last_heartbeat_time: period(worker.last_heartbeat_time),
  status: { any_: any(worker.status), not_any_: notAny(worker.status) },
}));

export type WorkerFilter = FilterInput<typeof workerFilter>;

export interface Heartbeat {
  name: string;
  /** What a worker doesn't say stays as it was. */
  heartbeat_interval_seconds?: number | null;
}

/**
 * Notes that a worker of a pool lives: two statements, unless that makes the pool ready.
 * @throws HttpError 404 when there is no such pool
 */
export async function recordHeartbeat(
  db: Database,
  poolName: string,
  heartbeat: Heartbeat,
): Promise<WorkPool> {
  const pool = await findWorkPool(db, poolName);
  if (pool.status !== 'NOT_READY') {
    await upsertWorker(db, pool.id, heartbeat);
    return pool;
  }
  return db.transaction(async () => {
    // Of several workers that come up at once, one tells that the pool is ready. The pool first: a row that refers to it
    // keeps others from deleting it, who'd have the pool.
    const locked = await lockWorkPool(db, poolName);
    await upsertWorker(db, locked.id, heartbeat);
    return locked.status === 'NOT_READY' ? writeWorkPool(db, locked, { status: 'READY' }) : locked;
  });
}

async function upsertWorker(
  db: Database,
  work_pool_id: string,
  { name, heartbeat_interval_seconds }: Heartbeat,
): Promise<void> {
  const { worker } = db.tables;
  const moment = now();
  const state = {
    last_heartbeat_time: moment,
    status: 'ONLINE' as const,
    updated: moment,
    ...(heartbeat_interval_seconds != null && { heartbeat_interval_seconds }),
  };
  await db.orm
    .insert(worker)
    .values({ work_pool_id, name, created: moment, ...state })
    .onConflictDoUpdate({ target: [worker.work_pool_id, worker.name], set: state });
}

/** A pool's workers, the last heard of first. */
export function findWorkers(
  db: Database,
  poolId: string,
  filter: WorkerFilter | null | undefined,
  { limit, offset }: Part,
): Promise<Worker[]> {
  const { worker } = db.tables;
  return db.longRead(async () =>
    db.orm
      .select()
      .from(worker)
      .where(and(eq(worker.work_pool_id, poolId), workerFilter(db, filter)))
      .orderBy(desc(worker.last_heartbeat_time))
      .limit(limit)
      .offset(offset),
  );
}

/** False when the pool has no worker of this name. */
export async function deleteWorker(db: Database, poolId: string, name: string): Promise<boolean> {
  const { worker } = db.tables;
  const rows = await db.orm
    .delete(worker)
    .where(and(eq(worker.work_pool_id, poolId), eq(worker.name, name)))
    .returning({ id: worker.id });
  return rows.length > 0;
}
