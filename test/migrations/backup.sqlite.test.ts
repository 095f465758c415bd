import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import SqliteDriver from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import { backup, restore } from '../../src/migrations/run/backup.ts';
import { upgrade } from '../../src/migrations/run/upgrade.ts';
import type { SqliteTarget } from '../../src/settings/settings.ts';
import { createEmptyTarget } from '../support/engine.ts';
import { on, rows, run } from './inspect.ts';
import { refusal } from './refusal.ts';
import { A, account, B, C, writeChain } from './scratch-chain.ts';

let target: SqliteTarget;
let lines: string[];
beforeEach(async () => {
  const empty = await createEmptyTarget('sqlite');
  target = empty.target;
  lines = [];
  return empty.dispose;
});

const reporter = { line: (line: string) => lines.push(line) };
const beside = () =>
  readdirSync(dirname(target.file))
    .filter((name) => name.startsWith(`${basename(target.file)}.backup-`))
    .sort();
const balance = (of: SqliteTarget = target) => rows(of, 'select balance from account');

function checkpoint(file: string): unknown {
  const driver = new SqliteDriver(file, { timeout: 0 });
  driver.exec('create table _written (id)');
  const found = driver.pragma('wal_checkpoint(TRUNCATE)');
  driver.close();
  return found;
}

const harmless = {
  id: B,
  slug: 'note',
  up: ['create table note (id integer)', 'alter table account add column x'],
};
const loses = { id: C, slug: 'loses', up: ['delete from account', 'drop table note'] };

describe('before a migration', () => {
  test('that loses something a checked copy is made, once, at the revision it comes from', async () => {
    const folder = writeChain([account[0]!, harmless, loses]);
    await upgrade(target, { folder, to: A, reporter });
    const { backup: copy } = await upgrade(target, { folder, reporter });
    expect(beside()).toEqual([basename(copy!)]);
    expect(copy).toMatch(/\.backup-\d{8}T\d{6}Z-a{12}$/);
    expect(lines).toContainEqual(expect.stringMatching(/^backed up to .*a{12} \(0\.0 MB, \d+ ms\)$/));
    expect(await balance()).toEqual([]);
    expect(await balance({ ...target, file: copy! })).toEqual([{ balance: 100 }]);
    expect(statSync(copy!).mode).toBe(statSync(target.file).mode);
  });

  test('that makes the database, or only adds to it, or is told not to, none is made', async () => {
    const folder = writeChain([account[0]!, harmless, loses]);
    await upgrade(target, { folder, to: B, reporter });
    await upgrade(target, { folder, backup: false, reporter });
    expect(beside()).toEqual([]);
    const other = await createEmptyTarget('sqlite');
    await upgrade(other.target, { folder, reporter });
    expect(beside()).toEqual([]);
    await other.dispose();
  });

  test('that fails, the message has the command that brings it back', async () => {
    const folder = writeChain([account[0]!, { ...loses, up: ['delete from account', 'drop table nothing'] }]);
    await upgrade(target, { folder, to: A, reporter });
    const message = await refusal(upgrade(target, { folder, reporter }), 'failed', 1);
    expect(message).toMatch(/prefect-server database restore .*\.backup-.*-a{12}\)\.$/);
  });

  test('that takes a while tells how far the copy is, and lets the log go while it checks the copy', async () => {
    const folder = writeChain([account[0]!, { id: B, slug: 'b', up: ['update account set balance = 1'] }]);
    await upgrade(target, { folder, to: A, reporter });
    await run(target, 'create table _large (bytes blob)', 'insert into _large values (zeroblob(60000000))');
    lines.length = 0;
    let held: unknown;
    const line = (text: string) => {
      lines.push(text);
      if (text === 'checking the copy') held = checkpoint(target.file);
    };
    await upgrade(target, { folder, reporter: { line } });
    expect(held).toMatchObject([{ busy: 0 }]);
    expect(lines[0]).toMatch(/^copying to .*\.backup-.*-a{12}, \d+ of 60 MB$/);
    expect(lines[1]).toBe('checking the copy');
    expect(lines[2]).toMatch(/^backed up to .* \(60\.\d MB, \d+ ms\)$/);
  });

  test('that is repeated within the second gets a copy of its own', async () => {
    const folder = writeChain([account[0]!, { ...loses, up: ['delete from account', 'drop table nothing'] }]);
    await upgrade(target, { folder, to: A, reporter });
    for (let start = 0; start < 2; start++) await refusal(upgrade(target, { folder, reporter }), 'failed', 1);
    expect(beside()).toHaveLength(2);
  });

  test('the newest copies stay', async () => {
    const folder = writeChain([account[0]!, { id: B, slug: 'b', up: ['update account set balance = 1'] }]);
    await upgrade(target, { folder, to: A, reporter });
    const old = ['20250101T000000Z-base', '20250102T000000Z-000000000000', '20250103T000000Z-base'];
    for (const end of old) writeFileSync(`${target.file}.backup-${end}`, '');
    writeFileSync(`${target.file}.backup-mine`, '');
    const { backup: copy } = await upgrade(target, { folder, backup: { keep: 2 }, reporter });
    const kept = [old[2], copy!.slice(-29), 'mine'].map((end) => `${basename(target.file)}.backup-${end}`);
    expect(beside()).toEqual(kept);
    expect(lines.filter((line) => line.startsWith('removed the old backup'))).toHaveLength(2);
  });
});

describe('by hand', () => {
  const folder = () => writeChain(account);

  test('a copy while others read and write, and back again', async () => {
    await upgrade(target, { folder: folder(), reporter });
    const file = `${target.file}.copy`;
    await on(target, async (writer) => {
      await writer.run('begin immediate');
      await writer.run('update account set balance = 7');
      expect(await backup(target, { file })).toMatchObject({ file });
      await writer.run('commit');
    });
    expect(await balance()).toEqual([{ balance: 7 }]);
    const { revision, replaced } = await restore(target, file);
    expect(revision).toBe(B);
    expect(await balance()).toEqual([{ balance: 200 }]);
    expect(await balance({ ...target, file: replaced! })).toEqual([{ balance: 7 }]);
    const again = await restore(target, file);
    expect(await balance({ ...target, file: replaced! })).toEqual([{ balance: 7 }]);
    expect(await balance({ ...target, file: again.replaced! })).toEqual([{ balance: 200 }]);
    expect(existsSync(file)).toBe(true);
  });

  test('nothing is replaced while someone has the database open', async () => {
    await upgrade(target, { folder: folder(), reporter });
    const { file } = await backup(target);
    await on(target, async (server) => {
      await server.run('update account set balance = 8');
      expect(await refusal(restore(target, file), 'locked', 7)).toContain('another process has it open');
    });
    expect(await balance()).toEqual([{ balance: 8 }]);
    await restore(target, file);
    expect(await balance()).toEqual([{ balance: 200 }]);
  });

  test('a damaged database is moved aside, a damaged copy refused', async () => {
    await upgrade(target, { folder: folder(), reporter });
    const { file } = await backup(target);
    await run(target, 'pragma wal_checkpoint(truncate)');
    const damaged = readFileSync(target.file).fill(0xff, 0, 4096);
    writeFileSync(target.file, damaged);
    const { replaced } = await restore(target, file);
    expect(readFileSync(replaced!)).toEqual(damaged);
    expect(await balance()).toEqual([{ balance: 200 }]);

    writeFileSync(file, readFileSync(file).fill(0xff, 4200, 8000));
    const damage = await refusal(restore(target, file), 'changed', 5);
    expect(damage.startsWith(`The SQLite database ${file} is damaged (`)).toBe(true);
    expect(damage).toMatch(/\): take an older backup, or run prefect-server database doctor\.$/);
    writeFileSync(file, 'no database');
    expect(await refusal(restore(target, file), 'not_ours', 2)).toBe(
      `The file ${file} is no SQLite database: name another one.`,
    );
    expect(await balance()).toEqual([{ balance: 200 }]);
    expect(
      readdirSync(dirname(target.file)).filter((name) =>
        name.startsWith(`${basename(target.file)}.restoring`),
      ),
    ).toEqual([]);
  });

  test('what is no backup of ours, or not there, is refused', async () => {
    const other = await createEmptyTarget('sqlite');
    await run(other.target, 'create table invoice (id integer)');
    await refusal(restore(target, other.target.file), 'not_ours', 2);
    await refusal(restore(target, `${target.file}.none`), 'backup', 1);
    await refusal(backup(target), 'backup', 1);
    await other.dispose();
  });

  test('where nothing was, a copy is simply put', async () => {
    await upgrade(target, { folder: folder(), reporter });
    const { file } = await backup(target);
    const place = await createEmptyTarget('sqlite');
    expect(await restore(place.target, file)).toEqual({ revision: B, replaced: null });
    expect(await balance(place.target as SqliteTarget)).toEqual([{ balance: 200 }]);
    await place.dispose();
  });
});
