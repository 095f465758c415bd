/**
 * Measures migrating: an empty database to the head, and a database with nothing pending, in the process (as a start
 * does it) and as the whole command, on SQLite and on PostgreSQL. With PREFECT_BENCH_PYTHON=/path/to/python of a virtual
 * environment that has Prefect, its own `server database upgrade` stands beside ours.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { migrate } from '../src/migrations/run/runner.ts';
import { resolveSettings } from '../src/settings/settings.ts';
import { startPostgres } from '../test/support/postgres-server.ts';

const ENGINES = (process.env['BENCH_ENGINES'] ?? 'sqlite,postgres').split(',');
const PYTHON = process.env['PREFECT_BENCH_PYTHON'];
const ROUNDS = 5;
const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

const home = mkdtempSync(join(tmpdir(), 'prefect-server-bench-'));
const postgres = ENGINES.includes('postgres') ? await startPostgres('18') : undefined;
let made = 0;
try {
  for (const engine of ENGINES) await benchEngine(engine);
} finally {
  await postgres?.stop();
  rmSync(home, { recursive: true, force: true });
}

async function newDatabase(engine: string): Promise<string> {
  const name = `bench${made++}`;
  if (engine === 'sqlite') return `sqlite+aiosqlite:///${join(home, `${name}.db`)}`;
  const client = new pg.Client({ connectionString: postgres!.url });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  return postgres!.url.replace('postgres://', 'postgresql+asyncpg://').replace(/\/postgres$/, `/${name}`);
}

async function benchEngine(engine: string): Promise<void> {
  const rows: Record<string, [empty: number, nothing: number]> = {};
  rows['ours, in the process'] = await best(engine, inProcess);
  rows['ours, the command'] = await best(engine, async (url) =>
    command(process.execPath, [MAIN, 'database'], url),
  );
  if (PYTHON) {
    const prefect = join(dirname(PYTHON), 'prefect');
    rows["Prefect's, the command"] = await best(
      engine,
      async (url) => command(prefect, ['server', 'database'], url),
      1,
    );
  }
  console.log(`\n${engine}${' '.repeat(30 - engine.length)}empty to head  nothing pending`);
  for (const [name, [empty, nothing]] of Object.entries(rows))
    console.log(`  ${name.padEnd(28)}${milliseconds(empty)}${milliseconds(nothing).padStart(17)}`);
  const [ours, theirs] = [rows['ours, the command']!, rows["Prefect's, the command"]];
  if (theirs)
    console.log(
      `  ${'times as quick'.padEnd(28)}${ratio(theirs[0], ours[0])}${ratio(theirs[1], ours[1]).padStart(17)}`,
    );
}

function ratio(theirs: number, ours: number): string {
  return (theirs / ours).toFixed(0).padStart(10);
}

function milliseconds(time: number): string {
  return `${time.toFixed(0).padStart(10)} ms`;
}

/** The best of some rounds on a new database each, and of as many again on the last one. */
async function best(
  engine: string,
  run: (url: string) => Promise<number>,
  rounds = ROUNDS,
): Promise<[empty: number, nothing: number]> {
  let [empty, nothing] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < rounds; round++) {
    const url = await newDatabase(engine);
    empty = Math.min(empty, await run(url));
    for (let again = 0; again < rounds; again++) nothing = Math.min(nothing, await run(url));
  }
  return [empty, nothing];
}

async function inProcess(url: string): Promise<number> {
  const { databaseTarget } = resolveSettings({ env: { PREFECT_DATABASE_URL: url } });
  const start = performance.now();
  await migrate(databaseTarget, { log: () => {} });
  return performance.now() - start;
}

function command(program: string, words: string[], url: string): number {
  const env = {
    ...process.env,
    PREFECT_HOME: home,
    PREFECT_API_DATABASE_CONNECTION_URL: url,
    PREFECT_SERVER_ANALYTICS_ENABLED: 'false',
  };
  const start = performance.now();
  execFileSync(program, [...words, 'upgrade', '-y'], { env, stdio: 'ignore' });
  return performance.now() - start;
}
