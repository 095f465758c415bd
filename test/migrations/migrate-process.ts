import { once } from 'node:events';
import { MigrationError } from '../../src/migrations/errors.ts';
import { migrate } from '../../src/migrations/runner.ts';
import type { DatabaseTarget } from '../../src/settings/settings.ts';

/** Run as a process of its own: says `ready`, waits for a line on stdin, migrates, and prints each line of the log. */
export interface Task {
  target: DatabaseTarget;
  folder: string;
}

const { target, folder } = JSON.parse(process.argv[2]!) as Task;
// Loaded before the start, so that eight of these meet within milliseconds.
await (target.backend === 'sqlite'
  ? import('../../src/migrations/sqlite/connection.ts')
  : import('../../src/migrations/pg/connection.ts'));
console.log('ready');
await once(process.stdin, 'data');
try {
  const { applied } = await migrate(target, { folder, log: (line) => console.log(line) });
  console.log(`done ${applied.length}`);
} catch (error) {
  console.log(String(error));
  process.exitCode = error instanceof MigrationError ? error.exitCode : 99;
}
process.stdin.destroy();
