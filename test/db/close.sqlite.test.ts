import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { createMigratedTarget } from '../support/database.ts';

const script = fileURLToPath(new URL('long-read-process.ts', import.meta.url));

/** The driver can't interrupt a statement, and neither a thread nor its process ends in the middle of one. */
test('closing the database ends a long read, and the process can leave', async () => {
  const { target, dispose } = await createMigratedTarget();
  try {
    const args = ['--import', 'tsx', script, JSON.stringify(target)];
    // Rejects when the exit code isn't 0 or the process had to be killed.
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      timeout: 30_000,
      killSignal: 'SIGKILL',
    });
    const { failed, milliseconds } = JSON.parse(stdout) as { failed: string; milliseconds: number };
    expect(failed).toBe('A read of the SQLite database was cut short: the database is being closed.');
    expect(milliseconds).toBeLessThan(2_000);
  } finally {
    await dispose();
  }
});
