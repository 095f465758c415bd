/**
 * Measures the built server against the limit of the machine in the same run, on SQLite and on PostgreSQL, and prints
 * ratios. BENCH_SECONDS is the length of one measurement (2); BENCH_ENGINES picks `sqlite`, `postgres`; with
 * PREFECT_BENCH_PYTHON=/path/to/python of a virtual environment that has Prefect, its own server is in the table too.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '../test/support/postgres-server.ts';
import { type Measured, measure, measureEvents, seed } from './load.ts';
import { OPERATIONS } from './operations.ts';
import { memoryOf, type Running, startLimit, startOurs, startPrefect } from './servers.ts';
import { countStatements } from './statements.ts';

const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 2);
const ENGINES = (process.env['BENCH_ENGINES'] ?? 'sqlite,postgres').split(',');
const PYTHON = process.env['PREFECT_BENCH_PYTHON'];
const CONNECTIONS = [1, 8, 64];
const SEEDED = 500;
const EVENTS = 5_000;

const home = mkdtempSync(join(tmpdir(), 'prefect-server-bench-'));
const postgres = ENGINES.includes('postgres') ? await startPostgres('18') : undefined;
try {
  for (const engine of ENGINES) await benchEngine(engine);
} finally {
  await postgres?.stop();
  rmSync(home, { recursive: true, force: true });
}

/** Two databases that ours has migrated, one for each server, so that neither reads the other's rows. */
async function databases(engine: string): Promise<[ours: string, limit: string, prefect: string]> {
  const names = ['ours', 'limit', 'prefect'];
  if (engine === 'sqlite')
    return names.map((name) => `sqlite+aiosqlite:///${join(home, `${name}.db`)}`) as never;
  const client = new pg.Client({ connectionString: postgres!.url });
  await client.connect();
  for (const name of names) await client.query(`create database "${name}"`);
  await client.end();
  return names.map((name) =>
    postgres!.url.replace('postgres://', 'postgresql+asyncpg://').replace(/\/postgres$/, `/${name}`),
  ) as never;
}

async function benchEngine(engine: string): Promise<void> {
  const [oursUrl, limitUrl, prefectUrl] = await databases(engine);
  const empty = await startOurs(home, oursUrl);
  await empty.stop();
  const ours = await startOurs(home, oursUrl);
  const idleMemory = memoryOf(ours.pid);
  const migrated = await startOurs(home, limitUrl);
  const seeds = new Map([['limit', await seed(migrated, SEEDED)]]);
  await migrated.stop();
  const limit = await startLimit(limitUrl.replace(/^sqlite\+aiosqlite:\/\/\//, '').replace('+asyncpg', ''));
  const servers = [ours, limit];
  if (PYTHON) servers.push(await startPrefect(PYTHON, join(home, 'python'), prefectUrl));
  for (const server of servers)
    if (!seeds.has(server.name)) seeds.set(server.name, await seed(server, SEEDED));

  try {
    console.log(`\n## ${engine}\n`);
    console.log(
      `start on an empty database ${empty.startMs.toFixed(0)} ms, on an existing one ${ours.startMs.toFixed(0)} ms, idle memory ${idleMemory.toFixed(0)} MB\n`,
    );
    console.log(
      `statements an operation (BEGIN and COMMIT aside): ${JSON.stringify(await countStatements(oursUrl))}\n`,
    );
    header(servers);
    for (const connections of CONNECTIONS) {
      for (const operation of OPERATIONS) {
        row(
          operation.name,
          connections,
          await inTurn(servers, (server) =>
            measure(server, operation, seeds.get(server.name)!, connections, SECONDS),
          ),
        );
      }
      row(
        'events',
        connections,
        await inTurn(servers, (server) => measureEvents(server, connections, EVENTS)),
      );
    }
    console.log(`\nmemory after the load: ${memoryOf(ours.pid).toFixed(0)} MB`);
  } finally {
    for (const server of servers) await server.stop();
  }
}

async function inTurn(servers: Running[], run: (server: Running) => Promise<Measured>): Promise<Measured[]> {
  const results: Measured[] = [];
  for (const server of servers) results.push(await run(server));
  return results;
}

function header(servers: Running[]): void {
  const columns = servers.map(({ name }) => `${name}/s | median ms | p99 ms | failed`);
  console.log(`| operation | connections | ours/limit | ${columns.join(' | ')} |`);
  console.log(`|---|---|---|${'---|'.repeat(servers.length * 4)}`);
}

function row(name: string, connections: number, results: Measured[]): void {
  const cells = results.map(
    ({ rate, median, p99, failed }) =>
      `${rate.toFixed(0)} | ${median.toFixed(1)} | ${p99.toFixed(1)} | ${failed}`,
  );
  console.log(
    `| ${name} | ${connections} | ${(results[0]!.rate / results[1]!.rate).toFixed(2)} | ${cells.join(' | ')} |`,
  );
}
