/**
 * Makes a large database, the same one for the same seed on both engines, to try migrations, copies and queries on:
 * `npx tsx bench/seed.ts --runs 1000000 --url sqlite+aiosqlite:////tmp/large.db`. An empty or missing database is
 * migrated first. For each flow run there are three states, a task run with three, two logs, an event with two resources.
 */
import { parseArgs } from 'node:util';
import { migrate } from '../src/migrations/run/runner.ts';
import { resolveSettings } from '../src/settings/settings.ts';
import { seedEstate } from './seed-estate.ts';
import { Random } from './seed-random.ts';
import { batchOfRuns, RUN_TABLES } from './seed-runs.ts';
import { openSink } from './seed-sink.ts';

/** Made one by one; the database repeats them for as many days as there are to be. */
const RUNS_A_DAY = 10_000;
const BATCH = 200;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: String(RUNS_A_DAY) },
    seed: { type: 'string', default: '1' },
    url: { type: 'string' },
  },
});
if (values.url === undefined) throw new Error('Name the database: --url sqlite+aiosqlite:////tmp/large.db.');
await seed(Number(values.runs), Number(values.seed), values.url);

async function seed(runs: number, start: number, url: string): Promise<void> {
  const { databaseTarget } = resolveSettings({ env: { PREFECT_DATABASE_URL: url } });
  const { applied } = await migrate(databaseTarget, { log: console.error });
  if (applied.length === 0) throw new Error(`There is a database at ${url} already: name an empty one.`);
  const began = performance.now();
  const log = (what: string) =>
    console.error(`${what}, ${((performance.now() - began) / 1000).toFixed(1)} s`);
  const days = Math.ceil(runs / RUNS_A_DAY);
  const aDay = Math.ceil(runs / days);
  const random = new Random(start);
  const sink = await openSink(databaseTarget, RUN_TABLES);
  const estate = await seedEstate(sink, random, runs);
  for (let done = 0; done < aDay; done += BATCH) {
    const batch = batchOfRuns(estate, random, done, Math.min(BATCH, aDay - done), aDay);
    for (const name of RUN_TABLES) await sink.add(name, batch[name] as never);
  }
  log(`made ${aDay} runs`);
  await sink.repeat(RUN_TABLES, days, (day) => {
    if (day % 10 === 0) log(`${(day + 1) * aDay} runs`);
  });
  log(`${aDay * days} runs; building the indexes`);
  await sink.finish();
  log('done');
}
