import { setTimeout as sleep } from 'node:timers/promises';
import type { RunOptions } from '../connect.ts';
import type { MigrationConnection } from '../connection.ts';
import { MigrationError } from '../errors.ts';

const POLL_MS = 100;
const SAY_EVERY_MS = 5_000;
/** A lock that is free again by then is not worth a line. */
const SAY_FIRST_MS = 1_000;

const TIMEOUT_SECONDS = 300;

export type LockWait = Pick<RunOptions, 'reporter' | 'lockTimeoutSeconds'>;

/** Runs `work` as the only process that migrates this database. */
export async function withLock<T>(
  connection: MigrationConnection,
  wait: LockWait,
  work: () => Promise<T>,
): Promise<T> {
  await acquire(connection, wait);
  try {
    return await work();
  } finally {
    // A connection that broke has lost its lock already, and what broke it is the error to report.
    await connection.lock.release().catch(() => {});
  }
}

async function acquire(
  { lock, place }: MigrationConnection,
  { reporter, lockTimeoutSeconds: timeoutSeconds = TIMEOUT_SECONDS }: LockWait,
): Promise<void> {
  const start = performance.now();
  let sayAt = SAY_FIRST_MS;
  while (!(await lock.tryAcquire())) {
    const waited = performance.now() - start;
    if (waited > timeoutSeconds * 1000) throw await timedOut(lock, place, timeoutSeconds);
    if (waited > sayAt) {
      reporter.line(`waiting for the migration lock, held by ${await lock.holder()}`);
      sayAt += SAY_EVERY_MS;
    }
    await sleep(POLL_MS);
  }
}

async function timedOut(
  lock: MigrationConnection['lock'],
  place: string,
  seconds: number,
): Promise<MigrationError> {
  return new MigrationError(
    'locked',
    `${place} is being migrated by ${await lock.holder()}, which didn't finish within ${seconds} s: ` +
      'wait for it or stop it, then start again.',
  );
}
