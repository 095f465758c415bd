import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { upgrade } from '../../src/migrations/run/upgrade.ts';
import type { PostgresTarget } from '../../src/settings/settings.ts';
import { createEmptyTarget, uniqueName } from '../support/engine.ts';
import type { PostgresVersion } from '../support/postgres-binaries.ts';
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { ledgerOf, on, rows, run, tables } from './inspect.ts';
import { refusal } from './refusal.ts';
import { A, account, B, C, writeChain } from './scratch-chain.ts';

let target: PostgresTarget;
beforeEach(async () => {
  const empty = await createEmptyTarget('postgres');
  target = empty.target;
  return empty.dispose;
});

const reporter = { line() {} };

describe('rights and extensions', () => {
  test('with pg_trgm where nobody looks: the next step makes the start go through', async () => {
    await run(target, 'create schema apart', 'create extension pg_trgm schema apart');
    const message = await refusal(upgrade(target, { reporter }), 'failed', 1);
    expect(message).toContain('operator class "gin_trgm_ops" does not exist');
    expect(message).toContain(
      ': add the schema that has the extension pg_trgm to the search path, then start again.',
    );
    const looking = { ...target, searchPath: 'public,apart' };
    expect((await upgrade(looking, { reporter })).applied.length).toBeGreaterThan(1);
  });

  test('without pg_trgm, for a user who may not create it: the next step, typed, makes the start go through', async () => {
    const user = uniqueName('modest');
    await run(target, `create role ${user} login`, `grant create on schema public to ${user}`);
    const modest = { ...target, user };
    try {
      const message = await refusal(upgrade(modest, { reporter }), 'failed', 1);
      expect(message).toContain('permission denied to create extension "pg_trgm"');
      const [, command] = /: have a superuser run (.*) in this database, then start again\.$/.exec(message)!;
      expect(await tables(target)).toEqual(['_migrations']);
      await run(target, command!);
      expect((await upgrade(modest, { reporter })).applied.length).toBeGreaterThan(1);
    } finally {
      await run(target, `drop owned by ${user} cascade`, `drop role ${user}`);
    }
  });

  test("an extension that the server doesn't have", async () => {
    const folder = writeChain([{ id: A, slug: 'extension', up: ['create extension pg_nothing'] }]);
    expect(await refusal(upgrade(target, { folder, reporter }), 'failed', 1)).toMatch(
      /: install PostgreSQL's additional modules \(postgresql-contrib\) on its machine, then start again\.$/,
    );
  });

  test('a standby, which only reads', async () => {
    const standby = { ...target, sessionParameters: { default_transaction_read_only: 'on' } };
    const folder = writeChain(account);
    expect(await refusal(upgrade(standby, { folder, reporter }), 'failed', 1)).toContain(
      'set PREFECT_DATABASE_URL to a server that may be written to, not a standby',
    );
    expect(await tables(target)).toEqual([]);
  });

  test('tables of another user', async () => {
    const folder = writeChain(account.slice(0, 1));
    await upgrade(target, { folder, reporter });
    writeChain(
      [account[0]!, { id: B, slug: 'note', up: ['alter table account add column note text'] }],
      folder,
    );
    const user = uniqueName('guest');
    await run(
      target,
      `create role ${user} login`,
      `grant create on schema public to ${user}`,
      `grant all on all tables in schema public to ${user}`,
    );
    try {
      expect(await refusal(upgrade({ ...target, user }, { folder, reporter }), 'failed', 1)).toMatch(
        /must be owner of table account.*run it as the user who owns the tables, or have the right granted, then/,
      );
    } finally {
      await run(target, `drop owned by ${user} cascade`, `drop role ${user}`);
    }
  });
});

describe('a server of our own', () => {
  let server: PostgresServer;
  let own: PostgresTarget;
  beforeAll(async () => {
    // Of 512 bytes, or of 1024: room for its log of writes, which has files of 16 MB.
    const version = (process.env['TEST_POSTGRES_VERSION'] ?? '18') as PostgresVersion;
    server = await startPostgres(version, { largestFile: '40000' });
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    own = { ...target, port: Number(new URL(server.url).port), database: 'postgres' };
  });

  test('that is full: the revision is undone, and says where to make room', async () => {
    const large = 'create table large as select x from generate_series(1, 1700000) as s (x)';
    await run(own, 'create schema full_disk');
    const there = { ...own, searchPath: 'full_disk' };
    const folder = writeChain([...account, { id: C, slug: 'large', up: [large] }]);
    expect(await refusal(upgrade(there, { folder, reporter }), 'failed', 1)).toMatch(
      /failed at statement 1 of 1 .*leaves the database at b{12}: make room on its disk, then start again\.$/,
    );
    expect(await tables(there)).toEqual(expect.arrayContaining(['_migrations', 'account']));
    expect(await tables(there)).not.toContain('large');
  });

  test('that falls over in the middle: nothing is half done, and the next start goes on', async () => {
    await run(own, 'create schema crash');
    const there = { ...own, searchPath: 'crash' };
    const online = {
      id: C,
      slug: 'online',
      header: '-- Transaction: none',
      up: [
        'update account set balance = balance + 1',
        'select pg_sleep(3)',
        'update account set balance = balance * 3',
      ],
    };
    const folder = writeChain([...account, online]);
    const failed = refusal(upgrade(there, { folder, reporter }), 'failed', 1);
    await crashDuring(/pg_sleep/);
    expect(await failed).toMatch(
      /failed at statement 2 of 3 .*the next start goes on from there: make sure that PostgreSQL runs, then start again\.$/,
    );
    // Recovering, it refuses everyone for a moment.
    while (await on(there, readable).catch(() => true)) await sleep(100);
    expect((await ledgerOf(there)).map(({ id }) => id)).toEqual([A, B]);
    await upgrade(there, { folder, reporter });
    expect(await rows(there, 'select balance from account')).toEqual([{ balance: 603 }]);
  });

  const readable = async ({ tableNames }: { tableNames(): Promise<string[]> }) =>
    (await tableNames()).length === 0;

  /** One of its processes is killed, so that it throws all others out and starts anew. */
  async function crashDuring(statement: RegExp): Promise<void> {
    const client = new pg.Client({ connectionString: server.url });
    client.on('error', () => {});
    await client.connect();
    for (;;) {
      const { rows: found } = await client.query(
        'select pid, query from pg_stat_activity where pid <> pg_backend_pid() and state = $1',
        ['active'],
      );
      const busy = found.find(({ query }) => statement.test(query));
      if (busy) {
        process.kill(busy.pid, 'SIGKILL');
        break;
      }
      await sleep(50);
    }
    await client.end().catch(() => {});
  }
});
