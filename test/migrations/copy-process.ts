import { copyDatabase } from '../../src/migrations/copy/copy.ts';
import type { DatabaseTarget } from '../../src/settings/settings.ts';

/** Run as a process of its own: copies, and ends with SIGKILL when so much has been reported since the target has its tables. */
const {
  from,
  to,
  killAt,
  killAfter = Number.POSITIVE_INFINITY,
} = JSON.parse(process.argv[2]!) as {
  from: DatabaseTarget;
  to: DatabaseTarget;
  killAt: number;
  /** Or after so many rows of the log. */
  killAfter?: number;
};
let left = killAt;
const count = (): void => {
  if (--left === 0) process.kill(process.pid, 'SIGKILL');
};
await copyDatabase(from, to, {
  reporter: {
    line: (text) => {
      if (!text.startsWith('appl')) count();
    },
    progress: ({ direction, name, revision, rows }) => {
      if (direction !== 'copy') return;
      if (name === 'copying' && revision === 'log' && rows!.done >= killAfter)
        process.kill(process.pid, 'SIGKILL');
      count();
    },
  },
});
console.log(killAt - left);
