import type { ChainName } from '../../src/migrations/chain/revisions.ts';
import { copyDatabase } from '../../src/migrations/copy/copy.ts';
import type { DatabaseTarget } from '../../src/settings/settings.ts';

/** Run as a process of its own: copies, and prints how often it reported. */
export interface CopyTask {
  from: DatabaseTarget;
  to: DatabaseTarget;
  folders: Record<ChainName, string>;
  /** Ends with SIGKILL when so much has been reported since the target has its tables. */
  killAt?: number;
  /** Or after so many rows of the log. */
  killAfter?: number;
}

const {
  from,
  to,
  folders,
  killAt,
  killAfter = Number.POSITIVE_INFINITY,
} = JSON.parse(process.argv[2]!) as CopyTask;
const die = (): void => void process.kill(process.pid, 'SIGKILL');
let reports = 0;
const count = (): void => {
  if (++reports === killAt) die();
};
await copyDatabase(from, to, {
  folders,
  reporter: {
    line: (text) => {
      if (!text.startsWith('appl')) count();
    },
    progress: ({ direction, name, revision, rows }) => {
      if (direction !== 'copy') return;
      if (name === 'copying' && revision === 'log' && rows!.done >= killAfter) die();
      count();
    },
  },
});
console.log(reports);
