/** Prefect's own server and ours on one database, one after the other: nothing that either has recorded is lost. */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prefectHead } from '../../src/migrations/adopt/prefect-revisions.ts';
import { rowsIn } from '../migrations/copy-databases.ts';
import { cleanEnvironment } from '../oracle/process.ts';
import { type ServerOptions, type ServerProcess, startOracle, startOurs } from '../oracle/server.ts';
import { ensureVenv, PREFECT, ROOT } from '../oracle/venv.ts';
import { differencesOfRows } from '../parity/rows.ts';
import {
  asSuperuser,
  createEmptyTarget,
  type EmptyTarget,
  type EngineName,
  postgresDatabase,
} from '../support/engine.ts';
import { runProgram } from './program.ts';
import { saveSecret, secretsOf } from './secrets.ts';

const TSX = import.meta.resolve('tsx');
const exec = promisify(execFile);

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

type Target = EmptyTarget['target'];

interface CopyDocument {
  rows: number;
  tables: { table: string; rows: number; checksum: { source: string; target: string } }[];
}

const urlOf = (target: Target): string =>
  target.backend === 'sqlite'
    ? `sqlite+aiosqlite:///${target.file}`
    : `postgresql+asyncpg://${target.user}@${target.host}:${target.port}/${target.database}`;

export function adoptSuite(engine: EngineName): void {
  const home = mkdtempSync(join(tmpdir(), 'prefect-adopt-'));
  const disposals: (() => Promise<void>)[] = [];
  let target: Target;
  /** Each flow run with its states, as a server tells them. */
  let recorded: Map<string, unknown>;

  beforeAll(async () => {
    await ensureVenv();
    target = await newTarget();
  });
  afterAll(async () => {
    for (const dispose of disposals) await dispose();
    rmSync(home, { recursive: true, force: true });
  });

  async function newTarget(of: EngineName = engine): Promise<Target> {
    const empty = await createEmptyTarget(of);
    disposals.push(empty.dispose);
    return empty.target;
  }

  async function run(command: string, args: string[], of: Target): Promise<Ran> {
    const env = {
      ...cleanEnvironment(),
      PREFECT_HOME: home,
      NO_COLOR: '1',
      DO_NOT_TRACK: '1',
      COLUMNS: '300',
    };
    const url = { PREFECT_API_DATABASE_CONNECTION_URL: urlOf(of) };
    return exec(command, args, {
      cwd: home,
      env: { ...env, ...url } as NodeJS.ProcessEnv,
      maxBuffer: 1e8,
    }).then(
      (done) => ({ code: 0, ...done }),
      (error: Ran) => ({ code: error.code, stdout: error.stdout, stderr: error.stderr }),
    );
  }
  const prefect = (args: string[], of = target) => run(PREFECT, ['server', 'database', ...args], of);
  const ours = (args: string[], of = target) =>
    run(process.execPath, ['--import', TSX, join(ROOT, 'src/main.ts'), 'database', ...args], of);

  async function serving<T>(
    whose: 'prefect' | 'ours',
    work: (server: ServerProcess) => Promise<T>,
    from = target,
  ): Promise<T> {
    const env = { PREFECT_API_DATABASE_CONNECTION_URL: urlOf(from) };
    const server =
      whose === 'prefect'
        ? await startOracle({ database: 'sqlite', env })
        : await startOurs(oursOptions(from));
    try {
      return await work(server);
    } finally {
      await server.stop();
    }
  }

  async function runFlows(server: ServerProcess): Promise<void> {
    const done = await runProgram('runs', { url: server.url, env: { DATABASE: engine, SERVER: 'ours' } });
    done.assertPassed('a flow with tasks');
  }

  const secrets = { 'of-prefect': { ä: ['日本', 1.5] }, 'of-ours': 'written by the other 😀' };

  test('Prefect makes the database and runs flows', async () => {
    recorded = await serving('prefect', async (server) => {
      await runFlows(server);
      await saveSecret(server.url, 'of-prefect', secrets['of-prefect']);
      const refused = await ours(['adopt', '-y']);
      expect(refused).toMatchObject({ code: 7, stderr: expect.stringContaining('is in use by ') });
      return historyOf(server.url);
    });
    expect(recorded.size).toBeGreaterThan(3);
  });

  test('ours takes it over when it is told to, serves these runs and adds more', async () => {
    expect(await ours(['upgrade', '-y'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('run prefect-server database adopt'),
    });
    const done = await ours(['adopt', '-y', '--json']);
    expect(done.code, done.stderr).toBe(0);
    expect(JSON.parse(done.stdout)).toMatchObject({ adopted: true, kept: [] });
    recorded = await serving('ours', async (server) => {
      const found = await historyOf(server.url);
      expect(found).toEqual(recorded);
      await saveSecret(server.url, 'of-ours', secrets['of-ours']);
      expect(await secretsOf(server.url)).toEqual(secrets);
      await runFlows(server);
      return historyOf(server.url);
    });
  });

  test('Prefect refuses it meanwhile, and leaves it as it is', async () => {
    const refused = await prefect(['upgrade', '-y']);
    expect(refused.code).not.toBe(0);
    expect(refused.stdout + refused.stderr).toContain(
      "Can't locate revision identified by 'adopted by prefect-server'",
    );
    expect(await ours(['check'])).toMatchObject({ code: 0 });
  });

  test('given back, Prefect opens it, sees all runs and adds its own', async () => {
    const done = await ours(['adopt', '--give-back', '-y', '--json']);
    expect(done.code, done.stderr).toBe(0);
    expect(JSON.parse(done.stdout)).toMatchObject({
      given_back: true,
      revision: prefectHead(engine === 'sqlite' ? 'sqlite' : 'pg'),
    });
    await serving('prefect', async (server) => {
      expect(await historyOf(server.url)).toEqual(recorded);
      expect(await secretsOf(server.url)).toEqual(secrets);
      await runFlows(server);
    });
  });

  test('Prefect migrates it to base and up again', async () => {
    const copy = await copyOf(target);
    expect(await prefect(['downgrade', '-y', '-r', 'base'], copy)).toMatchObject({ code: 0 });
    expect(await prefect(['upgrade', '-y'], copy)).toMatchObject({ code: 0 });
    const again = await ours(['adopt', '-y'], copy);
    expect(again.code, again.stderr).toBe(0);
  });

  test('copied to the other engine it has the same rows, and ours serves them', async () => {
    const adopted = await ours(['adopt', '-y', '--json']);
    expect(adopted.code, adopted.stderr).toBe(0);
    const before = await serving('ours', (server) => historyOf(server.url));
    const other = await newTarget(engine === 'sqlite' ? 'postgres' : 'sqlite');
    const copied = await ours(['copy', '--from', urlOf(target), '--to', urlOf(other), '--json']);
    expect(copied.code, copied.stderr).toBe(0);
    const { tables, rows } = JSON.parse(copied.stdout) as CopyDocument;
    for (const { table, checksum } of tables)
      expect([table, checksum.target]).toEqual([table, checksum.source]);
    expect(rows).toBeGreaterThan(recorded.size);

    const [here, there] = [await rowsIn(target), await rowsIn(other)];
    expect(differencesOfRows(here, there)).toEqual([]);
    expect(Object.fromEntries(tables.map(({ table, rows }) => [table, rows]))).toEqual(
      Object.fromEntries(Object.entries(here).map(([table, list]) => [table, list.length])),
    );
    for (const table of ['flow_run', 'flow_run_state', 'task_run', 'task_run_state', 'log', 'events'])
      expect([table, here[table]!.length > 0]).toEqual([table, true]);
    await serving(
      'ours',
      async (server) => {
        expect(await historyOf(server.url)).toEqual(before);
        await runFlows(server);
      },
      other,
    );
  });

  describe('a database that ours has made', () => {
    let made: Target;
    beforeAll(async () => {
      made = await newTarget();
      expect(await ours(['upgrade', '-y'], made)).toMatchObject({ code: 0 });
    });

    test('is not harmed by a Prefect that tries to migrate it', async () => {
      expect((await prefect(['upgrade', '-y'], made)).code).not.toBe(0);
      expect(await ours(['check'], made)).toMatchObject({ code: 0 });
    });

    test("becomes Prefect's, which migrates it down and up", async () => {
      const done = await ours(['adopt', '--give-back', '-y'], made);
      expect(done.code, done.stderr).toBe(0);
      expect(await prefect(['upgrade', '-y'], made)).toMatchObject({ code: 0 });
      expect(await prefect(['downgrade', '-y', '-r', 'base'], made)).toMatchObject({ code: 0 });
      expect(await prefect(['upgrade', '-y'], made)).toMatchObject({ code: 0 });
      expect(await ours(['adopt', '-y'], made)).toMatchObject({ code: 0 });
    });
  });

  async function copyOf(of: Target): Promise<Target> {
    if (of.backend === 'sqlite') {
      const copy = await newTarget();
      if (copy.backend === 'sqlite') copyFileSync(of.file, copy.file);
      return copy;
    }
    const name = `${of.database}_copy`;
    await asSuperuser((client) => client.query(`create database ${name} template ${of.database}`));
    const copy = postgresDatabase(name);
    disposals.push(copy.dispose);
    return copy.target;
  }
}

function oursOptions(target: Target): ServerOptions {
  if (target.backend === 'sqlite') return { database: 'sqlite', env: { PREFECT_DATABASE_PATH: target.file } };
  const { user, host, port, database } = target;
  return { database: `postgres://${user}@${host}:${port}/${database}` };
}

interface Run {
  id: string;
  [field: string]: unknown;
}

/** What a server computes for the moment in which it is asked is no part of the record. */
const OF_THE_MOMENT = ['estimated_run_time', 'estimated_start_time_delta', 'total_run_time'];

async function historyOf(api: string): Promise<Map<string, unknown>> {
  const runs = new Map<string, unknown>();
  for (const kind of ['flow_runs', 'task_runs']) {
    for (let offset = 0; ; offset += 200) {
      const page = (await post(`${api}/${kind}/filter`, { limit: 200, offset, sort: 'ID_DESC' })) as Run[];
      for (const run of page) {
        const record = Object.fromEntries(
          Object.entries(run).filter(([field]) => !OF_THE_MOMENT.includes(field)),
        );
        runs.set(run.id, { ...record, states: await statesOf(api, kind, run.id) });
      }
      if (page.length < 200) break;
    }
  }
  return runs;
}

async function statesOf(api: string, kind: string, id: string): Promise<unknown> {
  const field = kind.replace(/s$/, '_id');
  const answer = await fetch(`${api}/${kind.replace(/s$/, '')}_states/?${field}=${id}`);
  return answer.json();
}

async function post(url: string, body: unknown): Promise<unknown> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
