import { createHash } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { CommitListeners } from '../../db/commit-listeners.ts';
import type { Database, Tables } from '../../db/database.ts';
import { now } from '../../time/timestamp.ts';

/** What a worker is asked to take down. */
export type CleanupMessage = Tables['_cleanup_message']['$inferSelect'];

/** One that a worker has now. */
export type ReservedCleanup = CleanupMessage & { reservation_token: string; lease_expires_at: string };

/** Infrastructure of a run that was given up, for its cancelling took too long. The only kind that Prefect's server makes. */
const CANCELLING_TIMEOUT = 'cancelling_timeout_teardown.v1';

/** Pools of these kinds have no workers. */
const WITHOUT_WORKERS = /:(?:push|managed)$/;

const listeners = new CommitListeners<string>();

/** Calls `listener` with the pool of each message that waits anew by a change of this server. @returns what ends it */
export function onCleanupWaiting(db: Database, listener: (poolId: string) => void): () => void {
  return listeners.add(db, listener);
}

export function tellCleanupWaits(db: Database, poolId: string): void {
  listeners.tell(db, poolId);
}

export type Enqueued = 'enqueued' | 'no worker' | 'no pool';

/**
 * Asks a worker of the run's pool to take down what the run has left, in the transaction that gives the run up: so there
 * is one message for it, whatever fails.
 */
export async function enqueueCancellingTimeout(
  db: Database,
  run: { id: string; work_queue_id: string | null; infrastructure_pid: string | null },
  stateId: string,
): Promise<Enqueued> {
  const { _cleanup_message, work_pool, work_queue } = db.tables;
  const [pool] = run.work_queue_id
    ? await db.orm
        .select({ id: work_pool.id, type: work_pool.type })
        .from(work_queue)
        .innerJoin(work_pool, eq(work_pool.id, work_queue.work_pool_id))
        .where(eq(work_queue.id, run.work_queue_id))
    : [];
  if (!pool) return 'no pool';
  if (WITHOUT_WORKERS.test(pool.type)) return 'no worker';
  await db.orm
    .insert(_cleanup_message)
    .values({
      id: uuid5(`prefect:${CANCELLING_TIMEOUT}:${run.id}:${stateId}`),
      created: now(),
      work_pool_id: pool.id,
      work_queue_id: run.work_queue_id,
      kind: CANCELLING_TIMEOUT,
      target: { flow_run_id: run.id, infrastructure_pid: run.infrastructure_pid },
      delivery_count: 0,
    })
    .onConflictDoNothing();
  tellCleanupWaits(db, pool.id);
  return 'enqueued';
}

const URL_NAMESPACE = Buffer.from('6ba7b8119dad11d180b400c04fd430c8', 'hex');

/** The uuid of version 5 that stands for a name, among those of URLs. */
export function uuid5(name: string): string {
  const bytes = createHash('sha1').update(URL_NAMESPACE).update(name).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
