import { closeSync, existsSync, openSync, rmSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import SqliteDriver from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/open.ts';
import { diagnose } from '../../src/migrations/doctor/doctor.ts';
import { exitCodeOf } from '../../src/migrations/doctor/findings.ts';
import { fix } from '../../src/migrations/doctor/fix.ts';
import { diagnosisText } from '../../src/migrations/doctor/report.ts';
import { openMigrated } from '../../src/migrations/run/upgrade.ts';
import { memoryConnection } from '../../src/migrations/sqlite/memory.ts';
import type { SqliteTarget } from '../../src/settings/settings.ts';
import { createMigratedTarget } from '../support/database.ts';
import { type EmptyTarget, sqliteTarget } from '../support/engine.ts';
import { run, tables } from './inspect.ts';

let place: EmptyTarget;
let file: string;
beforeEach(async () => {
  place = await createMigratedTarget('sqlite');
  ({ file } = place.target as SqliteTarget);
});
afterEach(() => place.dispose());

const look = async (deep = false) => (await diagnose(place.target, { deep })).findings;
const repair = async () => fix(place.target, await look(), { reporter: { line: () => {} } });

test('a page that was overwritten', async () => {
  const pages = 120;
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.alloc(4096 * 3, 0x5a), 0, 4096 * 3, 4096 * (pages - 3));
  closeSync(handle);
  const findings = await look();
  expect(findings.map(({ code }) => code)).toContain('file.damaged');
  expect(exitCodeOf(findings)).toBe(5);
});

test.each(['_migrations', 'flow', 'flow_run'])('the first page of %s', async (table) => {
  const driver = new SqliteDriver(file);
  const page = driver.prepare('select rootpage from sqlite_master where name = ?').pluck().get(table);
  driver.close();
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.alloc(4096, 0xff), 0, 4096, 4096 * (Number(page) - 1));
  closeSync(handle);
  const findings = await look();
  expect(findings.map(({ code }) => code)).toEqual(['file.damaged']);
  expect(findings[0]!.advice).toContain('prefect-server database restore');
  expect(await repair()).toEqual([]);
});

test('a file whose schema is broken', async () => {
  const driver = new SqliteDriver(file);
  driver.unsafeMode(true);
  driver.pragma('writable_schema = on');
  driver.exec(`update sqlite_master set sql = 'CREATE TABLE flow (nonsense' where name = 'flow'`);
  driver.close();
  await expect(look()).rejects.toThrow(/is damaged .*restore it from a backup/);
});

test('an index that misses a row is only found by a deep look', async () => {
  await run(place.target, `insert into flow (id, name, created) values ('a', 'b', 'long ago')`);
  const driver = new SqliteDriver(file);
  driver.unsafeMode(true);
  driver.pragma('writable_schema = on');
  // The same index, said to be over another column: what it holds is not what its table has.
  driver.exec(
    `update sqlite_master set sql = replace(sql, '("created")', '("updated")') where name = 'ix_flow__created'`,
  );
  driver.close();
  expect((await look()).map(({ code }) => code)).toEqual(['index.changed']);
  const deep = await look(true);
  expect(deep.map(({ code }) => code).sort()).toEqual(['file.damaged', 'index.changed']);
  expect(deep.find(({ code }) => code === 'file.damaged')!.advice).toContain('REINDEX');
});

test('a dead table of a rebuild is dropped, but not if it has the only rows', async () => {
  await run(place.target, 'create table "__new_flow" (id integer)');
  expect((await look()).map(({ code, severity }) => [code, severity])).toEqual([
    ['table.leftover', 'warning'],
  ]);
  expect((await repair()).map(({ error }) => error)).toEqual([null]);
  expect(await tables(place.target)).not.toContain('__new_flow');
  await run(place.target, 'pragma foreign_keys = off', 'alter table csrf_token rename to "__new_csrf_token"');
  const findings = await look();
  expect(findings.map(({ code, severity }) => [code, severity])).toContainEqual(['table.leftover', 'error']);
  expect(findings.flatMap(({ fix: statements }) => statements)).toEqual([]);
});

test('a WAL file that has grown is emptied', async () => {
  const holder = new SqliteDriver(file);
  holder.pragma('journal_mode = wal');
  holder.pragma('wal_autocheckpoint = 0');
  holder.exec('create table _fill (t)');
  for (let i = 0; i < 18; i++) holder.exec('insert into _fill values (randomblob(4000000))');
  holder.exec('drop table _fill');
  const findings = await look();
  expect(findings.map(({ code }) => code)).toContain('file.wal');
  expect(exitCodeOf(findings)).toBe(0);
  expect((await repair()).map(({ error }) => error)).toEqual([null]);
  expect((await look()).map(({ code }) => code)).not.toContain('file.wal');
  holder.close();
});

test('text in UTF-16', async () => {
  const target = sqliteTarget(`${file}.utf16`);
  const driver = new SqliteDriver(target.file);
  driver.pragma(`encoding = 'UTF-16'`);
  const source = new SqliteDriver(file);
  const schema = source
    .prepare(`select sql from sqlite_master where sql is not null order by type = 'index'`)
    .all();
  for (const { sql } of schema as { sql: string }[]) driver.exec(sql);
  const ledger = source.prepare('select * from _migrations').all() as Record<string, unknown>[];
  for (const row of ledger)
    driver
      .prepare(`insert into _migrations values (${Object.keys(row).map(() => '?')})`)
      .run(Object.values(row));
  driver.close();
  source.close();
  const { findings } = await diagnose(target);
  expect(findings.map(({ code }) => code)).toEqual(['engine.encoding']);
});

test('a database in memory is looked at on its own connection', async () => {
  const target = { ...sqliteTarget(':memory:') };
  const { db } = await openMigrated(target, { log: () => {} } as never, openDatabase);
  expect((await diagnose(memoryConnection(db), { deep: true })).findings).toEqual([]);
  await memoryConnection(db).run('drop index ix_flow__created');
  expect((await diagnose(memoryConnection(db))).findings.map(({ code }) => code)).toEqual(['index.missing']);
  await db.close();
});

test('a file that is not there is not made by looking', async () => {
  const missing = `${file}.missing`;
  const { findings } = await diagnose(sqliteTarget(missing), { deep: true });
  expect(findings.map(({ code }) => code)).toEqual(['ledger.behind']);
  expect(existsSync(missing)).toBe(false);
});

test('a copy that was never finished goes, one that grows stays', async () => {
  const [dead, growing] = [
    `${file}.backup-20261121T140000Z-base.part`,
    `${file}.backup-20261121T150000Z-base.part`,
  ];
  for (const name of [dead, growing]) writeFileSync(name, 'half');
  utimesSync(dead, new Date('2026-11-20'), new Date('2026-11-20'));
  const findings = await look();
  expect(findings).toMatchObject([{ code: 'file.leftover', files: [dead], fix: [] }]);
  expect(diagnosisText(await diagnose(place.target))).toContain(`  --fix     rm ${dead}`);
  expect((await repair()).map(({ error }) => error)).toEqual([null]);
  expect([existsSync(dead), existsSync(growing)]).toEqual([false, true]);
  rmSync(growing);
});
