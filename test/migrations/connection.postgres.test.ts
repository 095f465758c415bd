import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { migrate, upgrade } from '../../src/migrations/run/upgrade.ts';
import type { PostgresTarget } from '../../src/settings/settings.ts';
import { asSuperuser, createEmptyTarget, uniqueName } from '../support/engine.ts';
import { on, rows, run, tables } from './inspect.ts';
import { refusal } from './refusal.ts';
import { A, account, B, C, writeChain } from './scratch-chain.ts';

let target: PostgresTarget;
beforeEach(async () => {
  const empty = await createEmptyTarget('postgres');
  target = empty.target;
  return empty.dispose;
});

const log = () => {};

describe("a server that can't be used", () => {
  test('nobody listens, or there is no such database', async () => {
    const folder = writeChain(account);
    const nobody = await refusal(migrate({ ...target, port: 1 }, { log, folder }), 'unreachable', 1);
    expect(nobody).toContain('ECONNREFUSED');
    const none = await refusal(migrate({ ...target, database: 'none' }, { log, folder }), 'unreachable', 1);
    expect(none).toContain('database "none" does not exist');
  });

  test('a user who may not create tables is told what to grant', async () => {
    const user = uniqueName('guest');
    await run(target, `create role ${user} login`, 'revoke create on schema public from public');
    try {
      const message = await refusal(
        migrate({ ...target, user }, { log, folder: writeChain(account) }),
        'unreachable',
        1,
      );
      expect(message).toContain(`GRANT CREATE ON SCHEMA public TO ${user}`);
      expect(await tables(target)).toEqual([]);
    } finally {
      await run(target, `drop role ${user}`);
    }
  });

  test('a connection that is lost in the middle ends the migration and its lock', async () => {
    const folder = writeChain([
      { id: A, slug: 'slow', up: ['create table note (id int)', 'select pg_sleep(20)'] },
    ]);
    const failed = refusal(migrate(target, { log, folder }), 'failed', 1);
    await sleep(500);
    await asSuperuser((client) =>
      client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [
        target.database,
      ]),
    );
    expect(await failed).toContain('terminating connection');
    expect(await tables(target)).toEqual(['_migrations']);
    await on(target, async ({ lock }) => expect(await lock.tryAcquire()).toBe(true));
  });
});

test('a long statement tells every second that it is still at work', async () => {
  const folder = writeChain([{ id: A, slug: 'slow', up: ['select pg_sleep(2.5)'] }]);
  const told: number[] = [];
  await upgrade(target, {
    folder,
    reporter: { line: log, progress: ({ elapsedMs }) => told.push(elapsedMs) },
  });
  expect(told.length).toBeGreaterThan(1);
  expect(told.at(-1)).toBeGreaterThan(900);
});

describe('schemas and extensions', () => {
  test('each schema of a database has its own chain and its own lock', async () => {
    await run(target, 'create schema one', 'create schema two', 'create table public.invoice (id int)');
    const one = { ...target, searchPath: 'one' };
    const two = { ...target, searchPath: 'two' };
    const folder = writeChain(account);
    await on(one, async ({ lock }) => {
      expect(await lock.tryAcquire()).toBe(true);
      await migrate(two, { log, folder, lockTimeoutSeconds: 0 });
    });
    expect(await tables(two)).toEqual(['_migrations', 'account']);
    expect(await tables(one)).toEqual([]);
    await migrate(one, { log, folder });
    expect(await rows(one, 'select balance from account')).toEqual([{ balance: 200 }]);
    await refusal(migrate({ ...target, searchPath: 'three' }, { log, folder }), 'not_ours', 2);
  });

  test("what an extension brings isn't another program's", async () => {
    await run(target, 'create extension pg_stat_statements');
    expect(await tables(target)).toEqual([]);
    expect((await migrate(target, { log, folder: writeChain(account) })).applied).toHaveLength(2);
  });
});

describe('a lock that someone else keeps', () => {
  const chain = [
    ...account,
    {
      id: C,
      slug: 'note',
      header: '-- Transaction: none',
      up: ['update account set balance = balance + 1', 'alter table account add column note text'],
    },
  ];

  test('is named while it is waited for, given way to, and waited for again', async () => {
    const folder = writeChain(account);
    await migrate(target, { log, folder });
    writeChain(chain, folder);
    const lines: string[] = [];
    const impatient = { ...target, sessionParameters: { lock_timeout: '1500' } };
    await on(target, async (reader) => {
      await reader.run('begin');
      await reader.run('select balance from account');
      const done = migrate(impatient, { log: (line) => lines.push(line), folder });
      while (!lines.some((line) => line.startsWith('gave way'))) await sleep(20);
      await reader.run('commit');
      await done;
    });
    const [waiting, gaveWay] = lines.filter((line) => /^(waiting|gave way)/.test(line));
    expect(waiting).toMatch(
      /^waiting for a lock of prefect-server migration.* \(PostgreSQL's process \d+, idle in transaction, since \d+ s, last statement: select balance from account\)$/,
    );
    expect(gaveWay).toMatch(/^gave way to prefect-server migration.*; trying again in 0.5 s$/);
    expect(await rows(target, 'select balance, note from account')).toEqual([{ balance: 201, note: null }]);
  });

  test('has the one who keeps it in the message that gives up', async () => {
    const folder = writeChain(account);
    await migrate(target, { log, folder });
    writeChain(chain, folder);
    await on(target, async (reader) => {
      await reader.run('begin');
      await reader.run('select balance from account');
      const impatient = { ...target, sessionParameters: { lock_timeout: '1500' } };
      const message = await refusal(migrate(impatient, { log, folder, tableLockSeconds: 0 }), 'locked', 7);
      expect(message).toMatch(/at statement 2 of 2 .*the lock is kept by .*PostgreSQL's process \d+/);
    });
    await migrate(target, { log, folder });
    expect(await rows(target, 'select balance from account')).toEqual([{ balance: 201 }]);
  });
});

describe('an index that is built concurrently', () => {
  test('is built anew where a broken attempt left it INVALID', async () => {
    const make = 'create table entry (id int primary key, amount int)';
    const index = 'create unique index concurrently if not exists "uq Entry" on entry (amount)';
    const chain = [
      { id: A, slug: 'entry', up: [make, 'insert into entry values (1, 5), (2, 5)'] },
      { id: B, slug: 'index', header: '-- Transaction: none', up: [index] },
    ];
    const folder = writeChain(chain);
    expect(await refusal(migrate(target, { log, folder }), 'failed', 1)).toContain('is duplicated');
    const valid = () =>
      rows(target, 'select indisvalid from pg_index where indexrelid = \'"uq Entry"\'::regclass');
    expect(await valid()).toEqual([{ indisvalid: false }]);
    await run(target, 'delete from entry where id = 2');
    await migrate(target, { log, folder });
    expect(await valid()).toEqual([{ indisvalid: true }]);
  });
});
