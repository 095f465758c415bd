/**
 * Migrating: an empty database to the head, and a database with nothing pending, in the process (as a start does it) and
 * as the whole command, beside Prefect's own `server database upgrade`.
 */
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { migrate } from '../src/migrations/run/upgrade.ts';
import { type Databases, targetOf } from './databases.ts';
import type { EngineName, Options } from './options.ts';
import { milliseconds, ratio } from './report.ts';
import { environmentOf } from './servers.ts';

const ROUNDS = 5;
const MAIN = join(import.meta.dirname, '../dist/main.js');

type Pair = [empty: number, nothing: number];

export async function benchMigrations(
  engine: EngineName,
  databases: Databases,
  { python }: Options,
): Promise<void> {
  const best = (run: (url: string) => Promise<number>, rounds = ROUNDS) =>
    bestOf(engine, databases, run, rounds);
  const byCommand = (program: string, words: string[]) => async (url: string) =>
    command(program, words, environmentOf(databases.home, url));
  line('', 'empty to head', 'nothing pending');
  print('ours, in the process', await best(inProcess));
  const ours = await best(byCommand(process.execPath, [MAIN, 'database']));
  print('ours, the command', ours);
  if (!python) return;
  const prefect = join(dirname(python), 'prefect');
  const theirs = await best(byCommand(prefect, ['server', 'database']), 1);
  print("Prefect's, the command", theirs);
  line('times as quick', ratio(theirs[0] / ours[0]), ratio(theirs[1] / ours[1]));
}

function print(name: string, [empty, nothing]: Pair): void {
  line(name, milliseconds(empty), milliseconds(nothing));
}

function line(name: string, empty: string, nothing: string): void {
  console.log(`  ${name.padEnd(28)}${empty.padStart(14)}${nothing.padStart(18)}`);
}

/** The best of some rounds on a new database each, and of as many again on the last one. */
async function bestOf(
  engine: EngineName,
  databases: Databases,
  run: (url: string) => Promise<number>,
  rounds: number,
): Promise<Pair> {
  let [empty, nothing] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < rounds; round++) {
    const url = await databases.make(engine);
    empty = Math.min(empty, await run(url));
    for (let again = 0; again < rounds; again++) nothing = Math.min(nothing, await run(url));
  }
  return [empty, nothing];
}

async function inProcess(url: string): Promise<number> {
  const start = performance.now();
  await migrate(targetOf(url), { log: () => {} });
  return performance.now() - start;
}

function command(program: string, words: string[], env: NodeJS.ProcessEnv): number {
  const start = performance.now();
  execFileSync(program, [...words, 'upgrade', '-y'], { env, stdio: 'ignore' });
  return performance.now() - start;
}
