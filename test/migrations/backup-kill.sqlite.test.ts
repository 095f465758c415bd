import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  openSync,
  readdirSync,
  statfsSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import SqliteDriver from 'better-sqlite3';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { backup, restore } from '../../src/migrations/run/backup.ts';
import { upgrade } from '../../src/migrations/run/upgrade.ts';
import type { SqliteTarget } from '../../src/settings/settings.ts';
import { createEmptyTarget } from '../support/engine.ts';
import type { BackupTask } from './backup-process.ts';
import { rows, run } from './inspect.ts';
import { bundleProcess } from './process-bundle.ts';
import { refusal } from './refusal.ts';
import { A, account, B, writeChain } from './scratch-chain.ts';

const folder = writeChain([account[0]!, { id: B, slug: 'loses', up: ['update account set balance = 2'] }]);

let script: string;
beforeAll(async () => {
  script = await bundleProcess('backup-process');
});

let target: SqliteTarget;
let lines: string[];
beforeEach(async () => {
  const empty = await createEmptyTarget('sqlite');
  target = empty.target;
  lines = [];
  await upgrade(target, { folder, to: A, reporter: { line() {} } });
  return empty.dispose;
});

const reporter = { line: (line: string) => lines.push(line) };
const balance = () => rows(target, 'select balance from account');
const beside = (pattern: RegExp) =>
  readdirSync(dirname(target.file)).filter(
    (name) => name.startsWith(basename(target.file)) && pattern.test(name),
  );
/** Whether it was killed. */
function runProcess(task: BackupTask): boolean {
  const { status, signal, stderr } = spawnSync(process.execPath, [script, JSON.stringify(task)], {
    encoding: 'utf8',
  });
  if (signal === null) expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return signal === 'SIGKILL';
}

describe('killed wherever a file gets its name', () => {
  test('a restore leaves one database or the other, and the next one ends as if it never had been', async () => {
    const { file: from } = await backup(target);
    for (let killAt = 1; ; killAt++) {
      await run(target, 'update account set balance = 7');
      const wasKilled = runProcess({ target, from, killAt });
      const found = await balance();
      expect(wasKilled ? [[{ balance: 7 }], [{ balance: 100 }]] : [[{ balance: 100 }]]).toContainEqual(found);
      await restore(target, from);
      expect({ killAt, balance: await balance() }).toEqual({ killAt, balance: [{ balance: 100 }] });
      expect(beside(/restoring/)).toEqual([]);
      if (!wasKilled) {
        expect(killAt).toBeGreaterThan(3);
        break;
      }
    }
  });

  test('a backup leaves what the next one removes, and says so, but no part that is in hand', async () => {
    const elsewhere = join(dirname(target.file), `${basename(target.file)}-copies`);
    execFileSync('mkdir', [elsewhere]);
    for (const task of [{}, { file: join(elsewhere, 'mine') }]) {
      expect(runProcess({ target, ...task, killAt: 1 })).toBe(true);
      const where = dirname(task.file ?? target.file);
      const parts = () =>
        readdirSync(where).filter((name) => name.startsWith(basename(target.file)) && /\.part/.test(name));
      const [left] = parts();
      expect(left).toMatch(/\.part$/);
      writeFileSync(join(where, `${left}-journal`), 'half');
      const inHand = new SqliteDriver(join(where, `${basename(target.file)}.other.part`));
      inHand.exec('pragma journal_mode = wal; create table note (id); begin; select * from note');
      const made = await backup(target, { reporter, ...(task.file && { file: `${task.file}-2` }) });
      expect(lines.splice(0)).toEqual([
        `removed ${join(where, left!)}, an unfinished copy of a process that is gone`,
      ]);
      expect(parts().filter((name) => !name.includes('.other.part'))).toEqual([]);
      expect(parts().length).toBeGreaterThan(0);
      inHand.close();
      expect(await rows({ ...target, file: made.file }, 'select balance from account')).toEqual([
        { balance: 100 },
      ]);
    }
    execFileSync('rm', ['-r', elsewhere]);
  });
});

describe('without room', () => {
  /** A file that claims to be larger than the disk, and takes nothing of it. */
  function inflate(file: string): void {
    const { bavail, bsize } = statfsSync(dirname(file));
    truncateSync(file, bavail * bsize + 1e9);
  }

  test('a restore says what helps it', async () => {
    const { file } = await backup(target);
    inflate(file);
    const message = await refusal(restore(target, file), 'backup', 1);
    expect(message).toMatch(/MB: make room beside the database, which was left as it is, then restore\.$/);
    expect(await balance()).toEqual([{ balance: 100 }]);
  });

  test('a backup by hand does, and a migration', async () => {
    await run(target, 'pragma journal_mode = delete');
    const { bavail, bsize } = statfsSync(dirname(target.file));
    const pages = Math.ceil((bavail * bsize + 1e9) / 4096);
    const header = openSync(target.file, 'r+');
    const size = Buffer.alloc(4);
    size.writeUInt32BE(pages);
    writeSync(header, size, 0, 4, 28);
    closeSync(header);
    truncateSync(target.file, pages * 4096);
    expect(await refusal(backup(target), 'backup', 1)).toMatch(
      /MB: make room, or run prefect-server database backup with a file on another disk\.$/,
    );
    expect(await refusal(upgrade(target, { folder, reporter }), 'backup', 1)).toMatch(
      /MB: make room, or set PREFECT_DATABASE_BACKUP=false to do it without a copy\.$/,
    );
    expect(await balance()).toEqual([{ balance: 100 }]);
  });
});
