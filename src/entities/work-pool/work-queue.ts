import { and, eq } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { IntegrityError, unwrapDatabaseError } from '../../db/errors.ts';
import type { WorkPool, WorkQueue } from './event.ts';
import { createWorkPool } from './work-pool.ts';
import { findWorkPool, readWorkPool } from './work-pool-lookup.ts';
import { insertWorkQueue, type WorkQueueCreate } from './work-queue-insert.ts';

export type { WorkQueue };

/** Holds the queues that were made without a pool, for agents. */
const AGENT_POOL = 'default-agent-pool';

/** The queue of this name in a pool. */
async function readWorkQueue(db: Database, poolId: string, name: string): Promise<WorkQueue | undefined> {
  const { work_queue } = db.tables;
  const [queue] = await db.orm
    .select()
    .from(work_queue)
    .where(and(eq(work_queue.work_pool_id, poolId), eq(work_queue.name, name)));
  return queue;
}

export async function readWorkQueueById(db: Database, id: string): Promise<WorkQueue | undefined> {
  const { work_queue } = db.tables;
  const [queue] = await db.orm.select().from(work_queue).where(eq(work_queue.id, id));
  return queue;
}

/**
 * The queue that these names mean, made when there is none: a name alone is one of the agents' pool, a pool alone its
 * default queue. Null for no names at all, or a pool without a default queue.
 * @throws HttpError 404 when there is no such pool
 */
export async function ensureWorkQueue(
  db: Database,
  { poolName, queueName }: { poolName?: string | null; queueName?: string | null },
): Promise<WorkQueue | null> {
  if (!poolName) return queueName ? ensureAgentQueue(db, queueName) : null;
  const pool = await findWorkPool(db, poolName);
  if (queueName) return readOrInsert(db, pool, { name: queueName });
  return pool.default_queue_id ? ((await readWorkQueueById(db, pool.default_queue_id)) ?? null) : null;
}

async function ensureAgentQueue(db: Database, name: string): Promise<WorkQueue> {
  return readOrInsert(db, await ensureAgentPool(db), { name, priority: 1 });
}

/** The pool of the agents' queues, made when it is first needed. */
async function ensureAgentPool(db: Database): Promise<WorkPool> {
  const existing = await readWorkPool(db, AGENT_POOL);
  if (existing) return existing;
  return orExisting(
    () => createWorkPool(db, { name: AGENT_POOL, type: 'prefect-agent' }),
    db,
    () => readWorkPool(db, AGENT_POOL),
  );
}

/**
 * A queue of the agents', made in their pool. Where the pool has to be made first, its default queue comes with it.
 * @throws IntegrityError when there is one of this name
 */
export async function createAgentQueue(db: Database, given: WorkQueueCreate): Promise<WorkQueue> {
  const existing = await readWorkPool(db, AGENT_POOL);
  const pool = existing ?? (await ensureAgentPool(db));
  if (!existing && given.name === 'default') return (await readWorkQueue(db, pool.id, 'default'))!;
  return db.transaction(() => insertWorkQueue(db, pool, given));
}

/** A queue of the agents', by name. */
export async function readAgentQueue(db: Database, name: string): Promise<WorkQueue | undefined> {
  const pool = await readWorkPool(db, AGENT_POOL);
  if (pool) return readWorkQueue(db, pool.id, name);
  const { work_queue } = db.tables;
  const [queue] = await db.orm.select().from(work_queue).where(eq(work_queue.name, name)).limit(1);
  return queue;
}

async function readOrInsert(db: Database, pool: WorkPool, given: WorkQueueCreate): Promise<WorkQueue> {
  const existing = await readWorkQueue(db, pool.id, given.name);
  if (existing) return existing;
  return orExisting(
    () => insertWorkQueue(db, pool, given),
    db,
    () => readWorkQueue(db, pool.id, given.name),
  );
}

/** Two requests may need the same new row at once; the one that comes second takes what the first has made. */
async function orExisting<T>(
  make: () => Promise<T>,
  db: Database,
  read: () => Promise<T | undefined>,
): Promise<T> {
  try {
    return await db.transaction(make);
  } catch (error) {
    const cause = unwrapDatabaseError(error);
    const existing = cause instanceof IntegrityError && cause.kind === 'unique' ? await read() : undefined;
    if (!existing) throw error;
    return existing;
  }
}
