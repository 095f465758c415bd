import { once } from 'node:events';
import { adopt } from '../../src/migrations/adopt/adopt.ts';
import { giveBack } from '../../src/migrations/adopt/give-back.ts';
import { MigrationError } from '../../src/migrations/errors.ts';
import type { DatabaseTarget } from '../../src/settings/settings.ts';
import { dieAtCommit } from './moments.ts';

/** Run as a process of its own: says `ready`, waits for a line on stdin, then takes a database over or gives it back. */
export interface AdoptTask {
  target: DatabaseTarget;
  back: boolean;
  /** Of the chain. */
  folder: string;
  /** At which moment of its commits it ends with SIGKILL, as `moments.ts` counts them. */
  killCommit?: number;
}

const { target, back, folder, killCommit = 0 } = JSON.parse(process.argv[2]!) as AdoptTask;
if (killCommit > 0) await dieAtCommit(killCommit);
const options = { folder, reporter: { line: (text: string) => console.log(text) }, backup: false } as const;
console.log('ready');
await once(process.stdin, 'data');
try {
  const done = back ? (await giveBack(target, options)).given : (await adopt(target, options)).adopted;
  console.log(`done ${done}`);
} catch (error) {
  console.log(String(error));
  process.exitCode = error instanceof MigrationError ? error.exitCode : 99;
}
process.stdin.destroy();
