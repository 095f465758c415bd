import { eq } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { errors } from '../../errors.ts';
import type { WorkQueueStatus } from '../../schema/types.ts';
import { now, secondsBetween, type Timestamp } from '../../time/timestamp.ts';
import { insertEvents } from '../event/event.ts';
import {
  type Changes,
  queueEvent,
  queueStatusEvent,
  queueUpdatedEvent,
  type WorkPool,
  type WorkQueue,
} from './event.ts';
import { lockQueues, setPriorities } from './work-queue-insert.ts';
import { rankQueues } from './work-queue-priority.ts';

export type WorkQueueChanges = Partial<
  Pick<
    WorkQueue,
    'name' | 'description' | 'is_paused' | 'concurrency_limit' | 'priority' | 'last_polled' | 'filter'
  >
>;

const RECENT_SECONDS = 60;

/**
 * Writes the members that are given, null included. Those with another priority make way, as far as `ranks` says so: the
 * routes of agents' times left them as they were. False when there is no such queue.
 */
export function updateWorkQueue(
  db: Database,
  id: string,
  changes: WorkQueueChanges,
  { ranks }: { ranks: boolean },
): Promise<boolean> {
  return db.transaction(async () => {
    const found = await lockQueue(db, id);
    if (!found) return false;
    const { queue: before, pool } = found;
    const status = statusAfter(before, changes);
    const queue = await write(db, id, { ...changes, ...(status && { status }) });
    const changed = changedFields(before, queue, changes);
    if (ranks && changes.priority) {
      const all = await lockQueues(db, pool.id);
      await setPriorities(db, rankQueues(all, { id, priority: changes.priority }));
    }
    await insertEvents(db, [
      ...(Object.keys(changed).length > 0 ? [queueUpdatedEvent(queue, pool, changed)] : []),
      ...(status ? [queueStatusEvent(queue, pool)] : []),
    ]);
    return true;
  });
}

async function lockQueue(
  db: Database,
  id: string,
): Promise<{ queue: WorkQueue; pool: WorkPool } | undefined> {
  const { work_pool, work_queue } = db.tables;
  // The pool first, as whoever renumbers its queues does.
  const select = db.orm
    .select({ queue: work_queue, pool: work_pool })
    .from(work_queue)
    .innerJoin(work_pool, eq(work_pool.id, work_queue.work_pool_id))
    .where(eq(work_queue.id, id));
  const [found] = await db.dialect.lockRows(select, work_pool);
  return found;
}

async function write(
  db: Database,
  id: string,
  changes: WorkQueueChanges & { status?: WorkQueueStatus },
): Promise<WorkQueue> {
  const { work_queue } = db.tables;
  const [queue] = await db.orm
    .update(work_queue)
    .set({ ...changes, updated: now() })
    .where(eq(work_queue.id, id))
    .returning();
  return queue!;
}

/** Pausing what is paused already, or the other way round, is no change of the status. */
function statusAfter(
  before: WorkQueue,
  { is_paused, last_polled }: WorkQueueChanges,
): WorkQueueStatus | undefined {
  const isPaused = before.status === 'PAUSED';
  if (is_paused && !isPaused) return 'PAUSED';
  if (is_paused !== false || !isPaused) return undefined;
  return isRecent(last_polled === undefined ? before.last_polled : last_polled) ? 'READY' : 'NOT_READY';
}

function isRecent(polled: Timestamp | null): boolean {
  return polled !== null && secondsBetween(polled, now()) <= RECENT_SECONDS;
}

/** What an event of an update tells of; pausing is told by the status. */
const TOLD = ['name', 'description', 'concurrency_limit', 'priority'] as const;

function changedFields(before: WorkQueue, after: WorkQueue, changes: WorkQueueChanges): Changes {
  const changed: Changes = {};
  for (const field of TOLD) {
    if (field in changes && before[field] !== after[field]) {
      changed[field] = { from: before[field], to: after[field] };
    }
  }
  return changed;
}

/**
 * Deletes a queue, and gives the others of its pool priorities without doubles.
 * @throws HttpError 409 for the default queue of its pool
 */
export function deleteWorkQueue(db: Database, id: string, { ranks }: { ranks: boolean }): Promise<boolean> {
  const { work_queue } = db.tables;
  return db.transaction(async () => {
    const found = await lockQueue(db, id);
    if (!found) return false;
    const { queue, pool } = found;
    if (pool.default_queue_id === id) {
      // Prefect's answer is a 500 here, since its database refuses it.
      throw errors.conflict("A pool's default queue can't be deleted: delete the pool, or pause the queue.");
    }
    await db.orm.delete(work_queue).where(eq(work_queue.id, id));
    if (ranks) await setPriorities(db, rankQueues(await lockQueues(db, pool.id)));
    await insertEvents(db, [queueEvent('deleted', queue, pool)]);
    return true;
  });
}
