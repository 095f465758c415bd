import { asc, eq } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import type { JsonObject } from '../../schema/types.ts';
import { now } from '../../time/timestamp.ts';
import { insertEvents } from '../event/event.ts';
import { queueEvent, type WorkPool, type WorkQueue } from './event.ts';
import { freePriority, type Ranked, rankQueues } from './work-queue-priority.ts';

export interface WorkQueueCreate {
  name: string;
  description?: string | null;
  is_paused?: boolean;
  concurrency_limit?: number | null;
  /** The first free one when absent; others make way for a given one. */
  priority?: number | null;
  filter?: JsonObject | null;
}

/**
 * Adds a queue to a pool. Runs in the caller's transaction.
 * @throws IntegrityError when the pool has one of this name
 */
export async function insertWorkQueue(
  db: Database,
  pool: Pick<WorkPool, 'id' | 'name' | 'type'>,
  { name, description, is_paused, concurrency_limit, priority, filter }: WorkQueueCreate,
): Promise<WorkQueue> {
  const { work_queue } = db.tables;
  const moment = now();
  const others = await lockQueues(db, pool.id);
  const [queue] = await db.orm
    .insert(work_queue)
    .values({
      name,
      description: description ?? '',
      is_paused: is_paused ?? false,
      concurrency_limit: concurrency_limit ?? null,
      priority: priority ?? freePriority(others.map((other) => other.priority)),
      filter: filter ?? null,
      work_pool_id: pool.id,
      created: moment,
      updated: moment,
    })
    .returning();
  if (priority) await setPriorities(db, rankQueues([...others, queue!].sort(byPriority), queue));
  await insertEvents(db, [queueEvent('created', queue!, pool)]);
  return queue!;
}

function byPriority(a: Ranked, b: Ranked): number {
  return a.priority - b.priority;
}

/** The queues of a pool by priority, which nobody else can renumber until the transaction ends. */
export async function lockQueues(db: Database, poolId: string): Promise<Ranked[]> {
  const { work_pool, work_queue } = db.tables;
  await db.dialect.lockRows(
    db.orm.select({ id: work_pool.id }).from(work_pool).where(eq(work_pool.id, poolId)),
    work_pool,
  );
  return db.orm
    .select({ id: work_queue.id, priority: work_queue.priority })
    .from(work_queue)
    .where(eq(work_queue.work_pool_id, poolId))
    .orderBy(asc(work_queue.priority));
}

/** One statement a queue: a pool has few of them, and they change by hand. */
export async function setPriorities(db: Database, changes: Ranked[]): Promise<void> {
  const { work_queue } = db.tables;
  for (const { id, priority } of changes) {
    await db.orm.update(work_queue).set({ priority, updated: now() }).where(eq(work_queue.id, id));
  }
}
