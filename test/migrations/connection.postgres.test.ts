import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { migrate } from '../../src/migrations/runner.ts';
import type { PostgresTarget } from '../../src/settings/settings.ts';
import { asSuperuser, createEmptyTarget, type EmptyTarget, uniqueName } from '../support/engine.ts';
import { on, rows, run, tables } from './inspect.ts';
import { refusal } from './refusal.ts';
import { A, account, writeChain } from './scratch-chain.ts';

let empty: EmptyTarget;
let target: PostgresTarget;
beforeEach(async () => {
  empty = await createEmptyTarget('postgres');
  target = empty.target as PostgresTarget;
});
afterEach(() => empty.dispose());

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
