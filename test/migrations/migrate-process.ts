import { once } from 'node:events';
import { MigrationError } from '../../src/migrations/errors.ts';
import type { MigrationProgress } from '../../src/migrations/progress.ts';
import { downgrade } from '../../src/migrations/run/downgrade.ts';
import { reset } from '../../src/migrations/run/reset.ts';
import { upgrade } from '../../src/migrations/run/upgrade.ts';
import type { DatabaseTarget } from '../../src/settings/settings.ts';
import { dieAtCommit, momentsSeen, NO_MOMENT } from './moments.ts';

/** Run as a process of its own: says `ready`, waits for a line on stdin, migrates, and prints each line of the log. */
export interface Task {
  target: DatabaseTarget;
  folder: string;
  /** Goes up to a revision instead of the head. */
  to?: string;
  /** Goes down to a revision. */
  down?: string;
  /** Makes all anew. */
  reset?: boolean;
  /** Ends the process with SIGKILL when so many lines and steps of progress have been reported. */
  killAt?: number;
  /** The same at the so manieth moment of its commits, as `moments.ts` counts them. */
  killCommit?: number;
  /** Does it to these databases instead, one a line on stdin: `ready 1`, the log, how it ended, `end 1`, `ready 2`. */
  rounds?: DatabaseTarget[];
}

const {
  target,
  folder,
  to,
  down,
  reset: anew,
  killAt = 0,
  killCommit = 0,
  rounds,
} = JSON.parse(process.argv[2]!) as Task;
// Loaded before the start, so that all of these meet within milliseconds.
await (target.backend === 'sqlite'
  ? import('../../src/migrations/sqlite/connection.ts')
  : import('../../src/migrations/pg/connection.ts'));
if (killCommit > 0) await dieAtCommit(killCommit);
let left = killAt;
let reports = 0;
function count(): void {
  reports++;
  if (--left === 0) process.kill(process.pid, 'SIGKILL');
}
let reported = '';
const reporter = {
  line(text: string) {
    console.log(text);
    // What comes next begins at once, with nothing done in between.
    if (!/^(applying|reverting)/.test(text)) count();
  },
  /** A place that is reported again is one that takes long on a busy machine. */
  progress({ revision, statement, rows }: MigrationProgress) {
    const place = `${revision} ${statement} ${rows?.done}`;
    if (place !== reported) count();
    reported = place;
  },
};

async function migrate(on: DatabaseTarget): Promise<void> {
  try {
    if (anew) await reset(on, { folder, reporter });
    const done =
      down === undefined
        ? (await upgrade(on, { folder, ...(to !== undefined && { to }), reporter })).applied
        : (await downgrade(on, { folder, to: down, acceptDataLoss: true, reporter })).reverted;
    console.log(`done ${done.length}`);
    if (killCommit === NO_MOMENT) console.log(`counted ${reports} ${momentsSeen()}`);
  } catch (error) {
    console.log(String(error));
    process.exitCode = error instanceof MigrationError ? error.exitCode : 99;
  }
}

if (!rounds) {
  console.log('ready');
  await once(process.stdin, 'data');
  await migrate(target);
}
for (const [index, on] of (rounds ?? []).entries()) {
  console.log(`ready ${index + 1}`);
  await once(process.stdin, 'data');
  await migrate(on);
  console.log(`end ${index + 1}`);
}
process.stdin.destroy();
