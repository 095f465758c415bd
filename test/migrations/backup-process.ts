import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { SqliteTarget } from '../../src/settings/settings.ts';

/** Run as a process of its own: copies or restores a database, and ends itself with SIGKILL at one of its steps. */
export interface BackupTask {
  target: SqliteTarget;
  /** Restored where it is given. */
  from?: string;
  /** Where the copy goes to. */
  file?: string;
  /** The so manieth time that a file gets another name, or a whole other content. */
  killAt: number;
}

const { target, from, file, killAt } = JSON.parse(process.argv[2]!) as BackupTask;
let left = killAt;
const CHANGES = ['chmodSync', 'copyFileSync', 'linkSync', 'renameSync'] as const;
for (const name of CHANGES) {
  const real = fs[name] as (...args: unknown[]) => unknown;
  Object.assign(fs, {
    [name](...args: unknown[]) {
      if (--left === 0) process.kill(process.pid, 'SIGKILL');
      return real(...args);
    },
  });
}
syncBuiltinESMExports();
const { backup, restore } = await import('../../src/migrations/run/backup.ts');
if (from === undefined) await backup(target, file === undefined ? {} : { file });
else await restore(target, from);
