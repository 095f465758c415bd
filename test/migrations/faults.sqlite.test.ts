import { chmodSync, chownSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/open.ts';
import { downgrade } from '../../src/migrations/run/downgrade.ts';
import { requireMigrated, upgrade } from '../../src/migrations/run/upgrade.ts';
import { memoryConnection } from '../../src/migrations/sqlite/memory.ts';
import type { SqliteTarget } from '../../src/settings/settings.ts';
import { runFolder, sqliteTarget, uniqueName } from '../support/engine.ts';
import { Child } from './child.ts';
import { rows } from './inspect.ts';
import { refusal } from './refusal.ts';
import { A, account, B, writeChain } from './scratch-chain.ts';

let target: SqliteTarget;
beforeEach(() => {
  // Others must get to it, and to the chains.
  chmodSync(runFolder(), 0o755);
  const folder = join(runFolder(), uniqueName('faults'));
  mkdirSync(folder);
  target = sqliteTarget(join(folder, 'flows.db'));
});
afterEach(() => rmSync(dirname(target.file), { recursive: true, force: true }));

const reporter = { line() {} };
const numbers = (count: number) =>
  `with recursive n (x) as (select 1 union all select x + 1 from n where x < ${count})`;
/** Some 12 MB. */
const large = `create table large as ${numbers(1_000_000)} select x * 1000000000 as x from n`;

describe('a file that this user may not write', () => {
  const NOBODY = 65_534;

  /** Root may write everything, so that the tests of who may not are somebody else's. */
  async function asNobody<T>(work: () => Promise<T>): Promise<T> {
    if (process.geteuid?.() !== 0) return work();
    for (const path of [dirname(target.file), target.file, `${target.file}.migrate-lock`])
      if (existsSync(path)) chownSync(path, NOBODY, NOBODY);
    process.seteuid!(NOBODY);
    try {
      return await work();
    } finally {
      process.seteuid!(0);
    }
  }

  async function behind(): Promise<string> {
    const folder = writeChain(account.slice(0, 1));
    await upgrade(target, { folder, reporter });
    writeChain(account, folder);
    return folder;
  }

  const untouched = async () =>
    expect(await rows(target, 'select balance from account')).toEqual([{ balance: 100 }]);

  test('fails before the first change, and works when the right is given', async () => {
    const folder = await behind();
    chmodSync(target.file, 0o444);
    const message = await asNobody(() => refusal(upgrade(target, { folder, reporter }), 'failed', 1));
    expect(message).toMatch(
      /readonly database.*make sure that this user may write the file and its folder, then/,
    );
    const back = () => downgrade(target, { folder, to: 'base', reporter });
    expect(await asNobody(() => refusal(back(), 'failed', 1))).toMatch(/readonly database/);
    await untouched();
    chmodSync(target.file, 0o644);
    expect((await asNobody(() => upgrade(target, { folder, reporter }))).head).toBe(B);
  });

  test('nor its folder', async () => {
    const folder = await behind();
    chmodSync(dirname(target.file), 0o555);
    const message = await asNobody(() => refusal(upgrade(target, { folder, reporter }), 'unreachable', 1));
    expect(message).toMatch(
      /can't be opened \(.*\): make sure that this user may write the file and its folder\.$/,
    );
    chmodSync(dirname(target.file), 0o755);
    await untouched();
  });

  test('nor the file of the lock, which someone else has made', async () => {
    const folder = await behind();
    chmodSync(`${target.file}.migrate-lock`, 0o444);
    const message = await asNobody(() => refusal(upgrade(target, { folder, reporter }), 'unreachable', 1));
    expect(message).toMatch(/can't be locked with the file .*: make that file and its folder writable\.$/);
    await untouched();
  });

  test('nor read', async () => {
    const folder = await behind();
    chmodSync(target.file, 0o000);
    const message = await asNobody(() => refusal(requireMigrated(target, folder), 'unreachable', 1));
    expect(message).toMatch(
      /can't be opened \(.*\): make sure that this user may write the file and its folder\.$/,
    );
    chmodSync(target.file, 0o644);
    await untouched();
  });
});

describe('a disk that is full', () => {
  test('undoes the revision and says so; with room it goes on', { timeout: 120_000 }, async () => {
    const folder = writeChain([...account, { id: 'cccccccccccc', slug: 'large', up: [large] }]);
    await upgrade(target, { folder, to: B, reporter });
    // Of 512 bytes, or of 1024.
    const child = new Child({ target, folder }, 'ulimit -f 4096');
    child.go();
    expect(await child.exitCode()).toBe(1);
    expect(child.lines.at(-1)).toMatch(
      /Revision c{12} \(large\) failed at statement 1 of 1 .*leaves the database at b{12}: make (?:sure that its disk has room and works|room on its disk), then start again/,
    );
    expect(await rows(target, "select count(*) as n from sqlite_master where name = 'large'")).toEqual([
      { n: 0 },
    ]);
    expect(await rows(target, 'pragma integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    expect(await rows(target, 'select balance from account')).toEqual([{ balance: 200 }]);
    expect((await upgrade(target, { folder, reporter })).applied).toHaveLength(1);
  });

  test('as SQLite itself tells it', async () => {
    const db = await openDatabase(sqliteTarget(':memory:'));
    await db.execute(sql.raw('pragma max_page_count = 100'));
    const folder = writeChain([...account, { id: 'cccccccccccc', slug: 'large', up: [large] }]);
    const message = await refusal(upgrade(memoryConnection(db), { folder, reporter }), 'failed', 1);
    expect(message).toMatch(/database or disk is full\); it was rolled back.*: make room on its disk, then/);
    expect(await db.execute(sql`select id from _migrations order by id`)).toEqual([{ id: A }, { id: B }]);
    await db.close();
  });
});
