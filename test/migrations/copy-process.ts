import { copyDatabase } from '../../src/migrations/copy/copy.ts';
import type { DatabaseTarget } from '../../src/settings/settings.ts';

/** Run as a process of its own: copies, and ends with SIGKILL when so much has been reported since the target has its tables. */
const { from, to, killAt } = JSON.parse(process.argv[2]!) as {
  from: DatabaseTarget;
  to: DatabaseTarget;
  killAt: number;
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
    progress: ({ direction }) => {
      if (direction === 'copy') count();
    },
  },
});
console.log(killAt - left);
