/**
 * Makes a large database, the same one for the same seed on both engines, to try migrations, copies and queries on:
 * `npx tsx bench/seed.ts --runs 1000000 --url sqlite+aiosqlite:////tmp/large.db`. An empty or missing database is
 * migrated first, and one that Prefect has made keeps its tables. For each flow run there are three states, a task run with three, two logs, an event with two resources.
 */
import { parseArgs } from 'node:util';
import { sql } from 'drizzle-orm';
import { openDatabase } from '../src/db/open.ts';
import { migrate } from '../src/migrations/run/upgrade.ts';
import type { DatabaseTarget } from '../src/settings/settings.ts';
import { targetOf } from './databases.ts';
import { seedEstate } from './seed/estate.ts';
import { Random } from './seed/random.ts';
import { batchOfRuns, RUN_TABLES } from './seed/runs.ts';
import { openSink } from './seed/sink.ts';

/** Made one by one; the database repeats them for as many days as there are to be. */
const RUNS_A_DAY = 10_000;
const BATCH = 200;

if (import.meta.filename === process.argv[1]) {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: String(RUNS_A_DAY) },
      seed: { type: 'string', default: '1' },
      url: { type: 'string' },
    },
  });
  if (values.url === undefined)
    throw new Error('Name the database: --url sqlite+aiosqlite:////tmp/large.db.');
  const options = { runs: Number(values.runs), seed: Number(values.seed), log: console.error };
  await fill(values.url, options);
}

export interface Filling {
  runs: number;
  seed?: number;
  log?: (line: string) => void;
}

/** Fills an empty database, or one that Prefect has just made. */
export async function fill(url: string, { runs, seed = 1, log = () => {} }: Filling): Promise<void> {
  const target = targetOf(url);
  if (!(await isPrefects(target))) {
    const { applied } = await migrate(target, { log });
    if (applied.length === 0) throw new Error(`There is a database at ${url} already: name an empty one.`);
  }
  const began = performance.now();
  const tell = (what: string) => log(`${what}, ${((performance.now() - began) / 1000).toFixed(1)} s`);
  const days = Math.ceil(runs / RUNS_A_DAY);
  const aDay = Math.ceil(runs / days);
  const random = new Random(seed);
  const sink = await openSink(target, RUN_TABLES);
  const estate = await seedEstate(sink, random, runs);
  for (let done = 0; done < aDay; done += BATCH) {
    const batch = batchOfRuns(estate, random, done, Math.min(BATCH, aDay - done), aDay);
    for (const name of RUN_TABLES) await sink.add(name, batch[name] as never);
  }
  tell(`made ${aDay} runs`);
  await sink.repeat(RUN_TABLES, days, (day) => {
    if (day % 10 === 0) tell(`${(day + 1) * aDay} runs`);
  });
  tell(`${aDay * days} runs; building the indexes`);
  await sink.finish();
  tell('done');
}

async function isPrefects(target: DatabaseTarget): Promise<boolean> {
  const db = await openDatabase(target);
  const found = await db.execute(sql`select version_num from alembic_version`).catch(() => []);
  await db.close();
  return found.length > 0;
}
