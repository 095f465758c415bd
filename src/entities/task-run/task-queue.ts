import { and, asc, desc, eq, gt, isNull, lt, or, type SQL } from 'drizzle-orm';
import { CommitListeners } from '../../db/commit-listeners.ts';
import type { Database } from '../../db/database.ts';
import { addSeconds, now } from '../../time/timestamp.ts';
import { readTaskRun, type TaskRun } from './task-run.ts';

const listeners = new CommitListeners<string>();

/** Calls `listener` with the key of each task run that this server has put on the queue. @returns what ends it */
export function onTaskEnqueued(db: Database, listener: (taskKey: string) => void): () => void {
  return listeners.add(db, listener);
}

/** Has a task run wait for a worker of its task, in the current transaction; one that waits already waits anew. */
export async function enqueueTaskRun(
  db: Database,
  { id, task_key }: { id: string; task_key: string },
  is_retry: boolean,
): Promise<void> {
  const { _task_queue } = db.tables;
  const place = { task_key, is_retry, enqueued: now(), claim: null, claimed_until: null };
  await db.orm
    .insert(_task_queue)
    .values({ task_run_id: id, ...place })
    .onConflictDoUpdate({ target: _task_queue.task_run_id, set: place });
  listeners.tell(db, task_key);
}

/** Whoever lost a race chooses among so many, so as not to run into the same others again. */
const AMONG = 10;

/** How long a worker may take to say that it got a task run, before another one gets it. */
const CLAIM_SECONDS = 30;

/**
 * The next task run for one of these keys, claimed so that nobody else gets it; null when none waits. One that has been
 * started or ended meanwhile isn't handed out any more.
 * @param claim a uuid of whoever hands it out
 */
export async function claimTaskRun(db: Database, keys: string[], claim: string): Promise<TaskRun | null> {
  const { _task_queue } = db.tables;
  for (let lost = false; ; lost = true) {
    const nextOnes = await db.orm
      .select({ id: _task_queue.task_run_id })
      .from(_task_queue)
      .where(and(db.dialect.isIn(_task_queue.task_key, keys), isFree(db)))
      .orderBy(desc(_task_queue.is_retry), asc(_task_queue.enqueued))
      .limit(lost ? AMONG : 1);
    const next = nextOnes[Math.floor(Math.random() * nextOnes.length)];
    if (!next) return null;
    const [claimed] = await db.orm
      .update(_task_queue)
      .set({ claim, claimed_until: addSeconds(now(), CLAIM_SECONDS) })
      .where(and(eq(_task_queue.task_run_id, next.id), isFree(db)))
      .returning({ id: _task_queue.task_run_id });
    // Someone else was quicker: another one, then.
    if (!claimed) continue;
    const run = await readTaskRun(db, next.id);
    if (run?.state_type === 'SCHEDULED') return run;
    await dequeueTaskRun(db, next.id, claim);
  }
}

function isFree(db: Database): SQL | undefined {
  const { claimed_until } = db.tables._task_queue;
  return or(isNull(claimed_until), lt(claimed_until, now()));
}

/** Takes a task run off the queue, once a worker has it. */
export async function dequeueTaskRun(db: Database, id: string, claim: string): Promise<void> {
  const { _task_queue } = db.tables;
  await db.orm.delete(_task_queue).where(and(eq(_task_queue.task_run_id, id), eq(_task_queue.claim, claim)));
}

/** Gives back a task run that no worker took: others get it before all that wait. */
export async function releaseTaskRun(db: Database, id: string, claim: string): Promise<void> {
  const { _task_queue } = db.tables;
  const rows = await db.orm
    .update(_task_queue)
    .set({ is_retry: true, claim: null, claimed_until: null })
    .where(and(eq(_task_queue.task_run_id, id), eq(_task_queue.claim, claim)))
    .returning({ task_key: _task_queue.task_key });
  for (const { task_key } of rows) listeners.tell(db, task_key);
}

/** Those of the keys for which a task run waits. */
export async function waitingTaskKeys(db: Database, keys: string[]): Promise<string[]> {
  const { _task_queue } = db.tables;
  const rows = await db.orm
    .selectDistinct({ key: _task_queue.task_key })
    .from(_task_queue)
    .where(and(db.dialect.isIn(_task_queue.task_key, keys), isFree(db)));
  return rows.map(({ key }) => key);
}

/** A worker that its server hasn't seen for so long is gone, and the server with it. */
const FORGOTTEN_AFTER_SECONDS = 30;

/** Notes that these listen for task runs. */
export async function observeTaskWorkers(
  db: Database,
  workers: { identifier: string; task_keys: string[] }[],
): Promise<void> {
  if (workers.length === 0) return;
  const { _task_worker } = db.tables;
  const seen = now();
  const { identifier, task_keys } = _task_worker;
  await db.insertMany(
    _task_worker,
    workers.map((worker) => ({ ...worker, seen })),
    {
      onConflictUpdate: { target: identifier, set: [task_keys, _task_worker.seen], newer: _task_worker.seen },
    },
  );
}

/** Takes away those whose server has died, so that they don't gather. */
export async function forgetLostTaskWorkers(db: Database): Promise<void> {
  const { _task_worker } = db.tables;
  await db.orm
    .delete(_task_worker)
    .where(lt(_task_worker.seen, addSeconds(now(), -2 * FORGOTTEN_AFTER_SECONDS)));
}

export async function forgetTaskWorkers(db: Database, identifiers: string[]): Promise<void> {
  if (identifiers.length === 0) return;
  const { _task_worker } = db.tables;
  await db.orm.delete(_task_worker).where(db.dialect.isIn(_task_worker.identifier, identifiers));
}

/** Who listens for task runs of any of these keys; of any at all when none is named. */
export async function findTaskWorkers(db: Database, keys: string[]) {
  const { _task_worker } = db.tables;
  const { identifier, task_keys, seen } = _task_worker;
  return db.orm
    .select({ identifier, task_keys, timestamp: seen })
    .from(_task_worker)
    .where(
      and(
        gt(seen, addSeconds(now(), -FORGOTTEN_AFTER_SECONDS)),
        keys.length > 0 ? db.dialect.jsonHasAny(task_keys, keys) : undefined,
      ),
    )
    .orderBy(asc(identifier));
}
