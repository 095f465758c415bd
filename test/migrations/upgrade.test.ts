import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checksumOf, readChain } from '../../src/migrations/chain/revisions.ts';
import { type MigrateResult, migrate, requireMigrated } from '../../src/migrations/run/upgrade.ts';
import type { DatabaseTarget } from '../../src/settings/settings.ts';
import { createEmptyTarget, dialect, type EmptyTarget } from '../support/engine.ts';
import { bestOf } from '../support/timing.ts';
import { ledgerOf, on, rows, run, tables } from './inspect.ts';
import { refusal } from './refusal.ts';
import { A, account, B, C, writeChain } from './scratch-chain.ts';

let empty: EmptyTarget;
let lines: string[];
beforeEach(async () => {
  empty = await createEmptyTarget();
  lines = [];
});
afterEach(() => empty.dispose());

function upgrade(folder: string, lockTimeoutSeconds = 1): Promise<MigrateResult> {
  return migrate(empty.target, { folder, lockTimeoutSeconds, log: (line) => lines.push(line) });
}

const balance = () => rows(empty.target, 'select balance from account');

describe('the ordinary way', () => {
  test('the first start applies all in order and writes the ledger', async () => {
    const folder = writeChain(account);
    const result = await upgrade(folder);
    expect(result.applied.map(({ id }) => id)).toEqual([A, B]);
    expect(result.head).toBe(B);
    expect(await balance()).toEqual([{ balance: 200 }]);
    expect(lines).toEqual([
      `applying: ${A}`,
      expect.stringMatching(/^applied a{12} \(2 statements, \d+ ms\), 1 of 2$/),
      `applying: ${B}`,
      expect.stringMatching(/^applied b{12} \(1 statements, \d+ ms\), 2 of 2$/),
    ]);
    const ledger = await ledgerOf(empty.target);
    expect(ledger).toMatchObject([
      {
        id: A,
        parent: null,
        name: 'account',
        label: 'lossless',
        breaking: false,
        down_sql: '-- Down: lossless\n',
      },
      { id: B, parent: A, name: 'double' },
    ]);
    expect(ledger[0]!.applied_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    expect(ledger[0]!.app_version).toMatch(/^\d+\.\d+\.\d+/);
    expect(ledger.map((row) => row.checksum)).toEqual(readChain(folder).map((revision) => revision.checksum));
  });

  test('the second start applies nothing and does without the lock', async () => {
    const folder = writeChain(account);
    await upgrade(folder);
    lines = [];
    await on(empty.target, async ({ lock }) => {
      expect(await lock.tryAcquire()).toBe(true);
      expect(await upgrade(folder)).toEqual({ applied: [], head: B });
    });
    expect(lines).toEqual([]);
    expect(await balance()).toEqual([{ balance: 200 }]);
  });

  test('the second start takes under 20 ms', async () => {
    const folder = writeChain(account);
    await upgrade(folder);
    expect(await bestOf(50, () => upgrade(folder))).toBeLessThan(20);
  });

  test('a later revision is applied alone, and only then the database counts as migrated', async () => {
    const folder = writeChain(account.slice(0, 1));
    await upgrade(folder);
    writeChain(account, folder);
    const message = await refusal(requireMigrated(empty.target, folder), 'behind', 4);
    expect(message).toContain(`${B} (double): run prefect-server database upgrade.`);
    expect((await upgrade(folder)).applied.map(({ id }) => id)).toEqual([B]);
    await requireMigrated(empty.target, folder);
    expect(await balance()).toEqual([{ balance: 200 }]);
  });

  test('a chain without revisions leaves the database empty', async () => {
    expect(await upgrade(writeChain([]))).toEqual({ applied: [], head: null });
    expect(await tables(empty.target)).toEqual([]);
  });

  test("line ends don't count in a checksum", () => {
    expect(checksumOf('-- a\r\nselect 1;\r\n')).toBe(checksumOf('-- a\nselect 1;\n'));
  });
});

describe('the lock', () => {
  test('who needs it waits, says for whom, and gives up with exit code 7', async () => {
    const folder = writeChain(account);
    await on(empty.target, async ({ lock }) => {
      expect(await lock.tryAcquire()).toBe(true);
      const message = await refusal(upgrade(folder, 1.5), 'locked', 7);
      expect(message).toContain(`process ${process.pid} on `);
      expect(message).toMatch(dialect === 'postgres' ? /connected \d+ s ago/ : /since \d{4}-\d\d-\d\dT/);
      expect(lines).toHaveLength(1);
      expect(lines[0]).toContain('waiting for the migration lock, held by ');
    });
    expect(await tables(empty.target)).toEqual([]);
    expect((await upgrade(folder)).applied).toHaveLength(2);
  });

  test('it is free again after a revision failed', async () => {
    const folder = writeChain([{ id: A, slug: 'bad', up: ['create nonsense'] }]);
    await refusal(upgrade(folder), 'failed', 1);
    await on(empty.target, async ({ lock }) => expect(await lock.tryAcquire()).toBe(true));
  });
});

describe('refusals', () => {
  test('an applied revision that was changed', async () => {
    const folder = writeChain(account);
    await upgrade(folder);
    appendFileSync(join(folder, readChain(folder)[0]!.folder, 'up.sql'), '-- a second thought\n');
    const message = await refusal(upgrade(folder), 'changed', 5);
    expect(message).toContain(`${A} (account) was changed`);
  });

  test('a database that is ahead of the code', async () => {
    const folder = writeChain(account);
    await upgrade(folder);
    writeChain(account.slice(0, 1), folder);
    const message = await refusal(upgrade(folder), 'ahead', 3);
    expect(message).toContain(`${B} (double)`);
  });

  test('a revision that was merged late', async () => {
    const [first, second] = [account[0]!, account[1]!];
    const folder = writeChain([first, { ...second, parent: A }]);
    await upgrade(folder);
    writeChain(
      [first, { ...second, parent: A }, { id: C, slug: 'late', parent: A, up: ['drop table account'] }],
      folder,
    );
    const message = await refusal(upgrade(folder), 'order', 1);
    expect(message).toContain(`${C} (late) revises ${A}`);
    expect(message).toContain(
      `reinstall the package, or, in a checkout of the sources, run npm run migrations:rebase ${C}`,
    );
    expect(await balance()).toEqual([{ balance: 200 }]);
  });

  test('a revision that was put behind another one after it had been applied', async () => {
    const [first, second] = [account[0]!, account[1]!];
    const folder = writeChain(account);
    await upgrade(folder);
    writeChain([first, { id: C, slug: 'landed', up: ['drop table account'] }, second], folder);
    const message = await refusal(upgrade(folder), 'order', 1);
    expect(message).toContain(`${B} (double) was applied`);
    expect(message).toContain(`after ${A}, but now comes after ${C}`);
    expect(message).toContain(
      `run prefect-server database downgrade -r ${A}, then prefect-server database upgrade.`,
    );
    expect(await balance()).toEqual([{ balance: 200 }]);
  });

  test('a chain that branches before anything of it is applied', async () => {
    const folder = writeChain([
      account[0]!,
      account[1]!,
      { id: C, slug: 'late', parent: A, up: ['select 1'] },
    ]);
    await refusal(upgrade(folder), 'order', 1);
    expect(await tables(empty.target)).toEqual([]);
  });

  test('a database that Prefect made is left alone', async () => {
    await run(
      empty.target,
      'create table alembic_version (version_num varchar(32))',
      'create table flow (id integer)',
    );
    const message = await refusal(upgrade(writeChain(account)), 'made_by_prefect', 2);
    expect(message).toContain('prefect-server database adopt');
    expect(message).toContain(dialect === 'sqlite' ? 'PREFECT_DATABASE_PATH' : 'PREFECT_DATABASE_URL');
    expect(await tables(empty.target)).toEqual(['alembic_version', 'flow']);
  });

  test('a database of another program is left alone', async () => {
    await run(empty.target, 'create table invoice (id integer)');
    expect(await refusal(upgrade(writeChain(account)), 'not_ours', 2)).toContain('(invoice)');
    expect(await tables(empty.target)).toEqual(['invoice']);
  });

  test('a ledger of another program', async () => {
    await run(empty.target, 'create table _migrations (version integer)');
    await refusal(upgrade(writeChain(account)), 'not_ours', 2);
  });
});

describe('a revision that fails', () => {
  test('is rolled back whole, and what was before it stays', async () => {
    const bad = {
      id: C,
      slug: 'bad',
      up: ['create table note (id integer)', 'insert into nowhere values (1)'],
    };
    const folder = writeChain([...account, bad]);
    const message = await refusal(upgrade(folder), 'failed', 1);
    expect(message).toContain(`${C} (bad) failed at statement 2 of 2`);
    expect(message).toContain('nowhere');
    expect(await tables(empty.target)).toEqual(['_migrations', 'account']);
    expect((await ledgerOf(empty.target)).map(({ id }) => id)).toEqual([A, B]);
    writeChain([...account, { ...bad, up: bad.up.slice(0, 1) }], folder);
    expect((await upgrade(folder)).applied.map(({ id }) => id)).toEqual([C]);
  });

  test('is rolled back whole when it breaks a foreign key', async () => {
    const parents = [
      'create table parent (id integer primary key)',
      'create table child (id integer primary key, parent_id integer constraint fk_child references parent (id))',
      'insert into parent values (1)',
      'insert into child values (1, 1)',
    ];
    const breaks = ['create table note (id integer)', 'delete from parent'];
    const folder = writeChain([
      { id: A, slug: 'parents', up: parents },
      { id: B, slug: 'orphans', up: breaks },
    ]);
    expect(await refusal(upgrade(folder), 'failed', 1)).toMatch(/child/);
    expect(await tables(empty.target)).toEqual(['_migrations', 'child', 'parent']);
    expect(await rows(empty.target, 'select id from parent')).toEqual([{ id: 1 }]);
    expect((await ledgerOf(empty.target)).map(({ id }) => id)).toEqual([A]);
  });

  test('because another program keeps a lock says so, with exit code 7', async () => {
    const folder = writeChain(account.slice(0, 1));
    await upgrade(folder);
    writeChain(account, folder);
    const target: DatabaseTarget =
      empty.target.backend === 'sqlite'
        ? { ...empty.target, timeout: 0.2 }
        : { ...empty.target, sessionParameters: { lock_timeout: '200' } };
    await on(empty.target, async (other) => {
      await other.run('begin');
      await other.run('update account set balance = 0');
      const message = await refusal(
        migrate(target, { folder, tableLockSeconds: 1, log: (line) => lines.push(line) }),
        'locked',
        7,
      );
      expect(lines.filter((line) => line.startsWith('gave way to '))).toHaveLength(1);
      expect(message).toContain(`leaves the database at ${A}: stop whatever else is using the database`);
      await other.run('rollback');
    });
    expect((await upgrade(folder)).head).toBe(B);
  });

  test('without a transaction keeps what it had done, and is run again', async () => {
    const create = 'create table if not exists note (id integer)';
    const index =
      dialect === 'postgres' ? 'create index concurrently if not exists ix_note on note (id)' : 'select 1';
    const revision = {
      id: A,
      slug: 'notes',
      header: '-- Transaction: none',
      up: [create, 'create nonsense'],
    };
    const folder = writeChain([revision]);
    expect(await refusal(upgrade(folder), 'failed', 1)).toContain('without a transaction');
    expect(await tables(empty.target)).toEqual(['_migration_progress', '_migrations', 'note']);
    expect(await ledgerOf(empty.target)).toEqual([]);
    expect(await refusal(requireMigrated(empty.target, folder), 'behind', 4)).toContain(A);
    writeChain([{ ...revision, up: ['create table other (id integer)', index] }], folder);
    expect(await refusal(upgrade(folder), 'changed', 5)).toContain('changed after it had come halfway (1 of');
    // What wasn't done yet may be put right.
    writeChain([{ ...revision, up: [create, index] }], folder);
    expect((await upgrade(folder)).head).toBe(A);
  });

  test('may not end the transaction of the runner', async () => {
    await refusal(upgrade(writeChain([{ id: A, slug: 'a', up: ['select 1', 'commit'] }])), 'chain', 1);
  });
});
