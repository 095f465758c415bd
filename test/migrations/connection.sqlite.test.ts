import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { migrate, openMigrated, requireMigrated } from '../../src/migrations/run/upgrade.ts';
import type { SqliteTarget } from '../../src/settings/settings.ts';
import { createEmptyTarget, sqliteTarget } from '../support/engine.ts';
import { on, rows, run, tables } from './inspect.ts';
import { refusal } from './refusal.ts';
import { A, account, B, writeChain } from './scratch-chain.ts';

let target: SqliteTarget;
beforeEach(async () => {
  const empty = await createEmptyTarget('sqlite');
  target = empty.target;
  return empty.dispose;
});

const log = () => {};
const upgrade = (...up: string[][]) =>
  migrate(target, {
    log,
    folder: writeChain(up.map((statements, i) => ({ id: [A, B][i]!, slug: 'change', up: statements }))),
  });

describe('what the path may name', () => {
  const folder = () => writeChain(account);

  test("a file that isn't SQLite stays as it is", async () => {
    writeFileSync(target.file, 'The quick brown fox jumps over the lazy dog. '.repeat(50));
    const before = readFileSync(target.file);
    expect(await refusal(migrate(target, { log, folder: folder() }), 'not_ours', 2)).toContain(target.file);
    expect(readFileSync(target.file)).toEqual(before);
  });

  test("a folder, a file in a folder that isn't there, a file that may not be created", async () => {
    mkdirSync(`${target.file}.d`);
    await refusal(migrate(sqliteTarget(`${target.file}.d`), { log, folder: folder() }), 'unreachable', 1);
    const missing = await refusal(
      migrate(sqliteTarget(`${target.file}.none/x.db`), { log, folder: folder() }),
      'unreachable',
      1,
    );
    expect(missing).toContain('create the folder');
    await refusal(migrate({ ...target, create: false }, { log, folder: folder() }), 'unreachable', 1);
    expect(existsSync(target.file)).toBe(false);
  });

  test("a file that isn't there is not made by looking", async () => {
    await refusal(requireMigrated(target, folder()), 'behind', 4);
    expect(existsSync(target.file)).toBe(false);
  });

  test('a file that another program has locked whole', async () => {
    await run(target, 'create table other (id integer)');
    await on(target, async (other) => {
      await other.run('begin exclusive');
      const message = await refusal(
        migrate({ ...target, timeout: 0.2 }, { log, folder: folder() }),
        'locked',
        7,
      );
      expect(message).toContain('locked by another program');
    });
  });

  test('a damaged file', async () => {
    await migrate(target, { log, folder: folder() });
    const bytes = readFileSync(target.file);
    writeFileSync(target.file, bytes.fill(0xff, 100, 4096));
    expect(await refusal(migrate(target, { log, folder: folder() }), 'changed', 5)).toContain('restore');
  });

  test("memory: on the database's own connection", async () => {
    const { db } = await openMigrated(sqliteTarget(':memory:'), { log, folder: folder() });
    expect(await db.execute(sql`select balance from account`)).toEqual([{ balance: 200 }]);
    expect(await db.execute(sql`pragma foreign_keys`)).toEqual([{ foreign_keys: 1 }]);
    await db.close();
  });
});

const family = [
  'create table parent (id integer primary key, name text)',
  'create table child (id integer primary key, parent_id integer references parent (id) on delete cascade)',
  'create table loose (id integer primary key, parent_id integer references parent (id) on delete set null)',
  "insert into parent values (1, 'a'), (2, 'b')",
  'insert into child values (1, 1), (2, 2)',
  'insert into loose values (1, 1), (2, 2)',
];

const rebuild = (copy: string) => [
  'create table __new_parent (id integer primary key, name text not null)',
  copy,
  'drop table parent',
  'alter table __new_parent rename to parent',
];

describe('a table that is rebuilt', () => {
  test('keeps the rows that refer to it', async () => {
    await upgrade(family, rebuild('insert into __new_parent select id, name from parent'));
    expect(await rows(target, 'select parent_id from child union all select parent_id from loose')).toEqual(
      [1, 2, 1, 2].map((parent_id) => ({ parent_id })),
    );
    await run(target, 'pragma foreign_keys = on', 'delete from parent where id = 1');
    expect(await rows(target, 'select id from child')).toEqual([{ id: 2 }]);
  });

  test('may be mentioned by views and triggers', async () => {
    const mentions = [
      'create view names as select name from parent',
      'create table seen (id integer)',
      'create trigger on_loose after insert on loose begin insert into seen select count(*) from parent; end',
    ];
    await upgrade([...family, ...mentions], rebuild('insert into __new_parent select id, name from parent'));
    expect(await rows(target, 'select name from names')).toHaveLength(2);
    await run(target, 'insert into loose values (3, 1)');
    expect(await rows(target, 'select id from seen')).toEqual([{ id: 2 }]);
  });

  test('is refused when it loses rows that others refer to', async () => {
    const all = rebuild('insert into __new_parent select id, name from parent');
    const forgets = ['delete from parent where id = 2', ...all];
    const message = await refusal(upgrade(family, forgets), 'failed', 1);
    expect(message).toContain('1 from child to parent, 1 from loose to parent');
    expect(await rows(target, 'select count(*) as n from parent')).toEqual([{ n: 2 }]);
  });

  test('may have had such rows before', async () => {
    const orphan = 'insert into child values (3, 99)';
    await upgrade(family);
    await run(target, 'pragma foreign_keys = off', orphan);
    const all = rebuild('insert into __new_parent select id, name from parent');
    const folder = writeChain([
      { id: A, slug: 'change', up: family },
      { id: B, slug: 'change', up: all },
    ]);
    expect((await migrate(target, { log, folder })).head).toBe(B);
  });

  test('is followed by foreign keys when it is really renamed', async () => {
    await upgrade(family, ['alter table parent rename to ancestor']);
    const [child] = await rows(target, "select sql from sqlite_master where name = 'child'");
    expect(child!['sql']).toContain('references "ancestor"');
  });
});

describe('the file', () => {
  test('is in WAL mode, and not locked by what a migration leaves', async () => {
    const folder = writeChain(account.slice(0, 1));
    await migrate(target, { log, folder });
    expect(await rows(target, 'pragma journal_mode')).toEqual([{ journal_mode: 'wal' }]);
    expect(existsSync(`${target.file}.migrate-lock`)).toBe(true);
    writeChain(account, folder);
    expect((await migrate(target, { log, folder, lockTimeoutSeconds: 0 })).head).toBe(B);
    expect(await tables(target)).toEqual(['_migrations', 'account']);
  });
});
