import { once } from 'node:events';
import { downgrade } from '../../src/migrations/downgrade.ts';
import { MigrationError } from '../../src/migrations/errors.ts';
import { upgrade } from '../../src/migrations/runner.ts';
import type { DatabaseTarget } from '../../src/settings/settings.ts';

/** Run as a process of its own: says `ready`, waits for a line on stdin, migrates, and prints each line of the log. */
export interface Task {
  target: DatabaseTarget;
  folder: string;
  /** Goes down to a revision instead of up to the head. */
  down?: string;
  /** Ends the process with SIGKILL when so many lines and steps of progress have been reported. */
  killAt?: number;
}

const { target, folder, down, killAt = 0 } = JSON.parse(process.argv[2]!) as Task;
// Loaded before the start, so that eight of these meet within milliseconds.
await (target.backend === 'sqlite'
  ? import('../../src/migrations/sqlite/connection.ts')
  : import('../../src/migrations/pg/connection.ts'));
let left = killAt;
function count(): void {
  if (--left === 0) process.kill(process.pid, 'SIGKILL');
}
const reporter = {
  line(text: string) {
    console.log(text);
    // What comes next begins at once, with nothing done in between.
    if (!/^(applying|reverting)/.test(text)) count();
  },
  progress: count,
};
console.log('ready');
await once(process.stdin, 'data');
try {
  const done =
    down === undefined
      ? (await upgrade(target, { folder, reporter })).applied
      : (await downgrade(target, { folder, to: down, acceptDataLoss: true, reporter })).reverted;
  console.log(`done ${done.length}`);
} catch (error) {
  console.log(String(error));
  process.exitCode = error instanceof MigrationError ? error.exitCode : 99;
}
process.stdin.destroy();
