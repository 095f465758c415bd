import { setTimeout as sleep } from 'node:timers/promises';
import type { MigrationConnection } from '../connection.ts';
import type { MigrationReporter } from '../progress.ts';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

export interface Patience {
  readonly reporter: MigrationReporter;
  readonly seconds: number;
}

/**
 * Runs a transaction, or a statement that is one, again and again while all that it fails for is someone else's lock:
 * whoever waits for a lock on a table holds up everyone behind it, so it is better to step back in between.
 */
export async function withPatience<T>(
  connection: MigrationConnection,
  { reporter, seconds }: Patience,
  attempt: () => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await attempt();
    } catch (error) {
      if (!connection.isLockTimeout(error) || performance.now() + pause > deadline) throw error;
      reporter.line(
        `gave way to ${connection.blocker()}, which keeps a lock; trying again in ${pause / 1000} s`,
      );
      await sleep(pause);
    }
  }
}
