import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, test } from 'vitest';
import { migrate } from '../../src/migrations/run/upgrade.ts';
import type { SqliteTarget } from '../../src/settings/settings.ts';
import { createEmptyTarget } from '../support/engine.ts';
import { ledgerOf, rows, tables } from './inspect.ts';
import { A, account, B, type ScratchRevision, writeChain } from './scratch-chain.ts';

let target: SqliteTarget;
beforeEach(async () => {
  const empty = await createEmptyTarget('sqlite');
  target = empty.target;
  return empty.dispose;
});

const log = () => {};
const script = fileURLToPath(new URL('migrate-process.ts', import.meta.url));

/** Migrates in a process whose files may grow to so many blocks of 512 bytes, as on a full disk. */
function migrateWithin(blocks: number, folder: string): { code: number; last: string } {
  const task = JSON.stringify({ target, folder });
  const shell = `trap '' XFSZ; ulimit -f ${blocks}; echo go | "$0" --import tsx "$1" "$2"; echo "code $?"`;
  const output = execFileSync('sh', ['-c', shell, process.execPath, script, task], { encoding: 'utf8' });
  const lines = output.trim().split('\n');
  return { code: Number(lines.at(-1)!.slice(5)), last: lines.at(-2)! };
}

const fills: ScratchRevision = {
  id: B,
  slug: 'fill',
  up: [
    'create table note (id integer primary key, text text)',
    'insert into note with recursive n (x) as (select 1 union all select x + 1 from n where x < 5000) select x, hex(randomblob(500)) from n',
  ],
};

describe('a disk that is full', () => {
  test('ends the migration with a sentence, and nothing is half done', async () => {
    await migrate(target, { log, folder: writeChain(account.slice(0, 1)) });
    const folder = writeChain([account[0]!, fills]);
    const { code, last } = migrateWithin(2000, folder);
    expect(last).toMatch(
      /Revision b{12} \(fill\) failed at statement 2 of 2 .*\((?:disk I\/O error|database or disk is full)/,
    );
    expect(last).toContain(`it was rolled back, which leaves the database at ${A}`);
    expect(code).toBe(1);
    expect(await tables(target)).toEqual(['_migrations', 'account']);
    expect((await migrate(target, { log, folder })).head).toBe(B);
    expect(await rows(target, 'select count(*) as n from note')).toEqual([{ n: 5000 }]);
  });

  test('that has no room for the copy is noticed before anything is done', async () => {
    await migrate(target, { log, folder: writeChain([account[0]!, fills]) });
    const folder = writeChain([
      account[0]!,
      fills,
      { id: 'cccccccccccc', slug: 'loses', up: ['delete from note'] },
    ]);
    const { code, last } = migrateWithin(2000, folder);
    expect(last).toMatch(
      /^MigrationError: The copy .* can't be written .*: make room, or its folder writable, then run it again\.$/,
    );
    expect(code).toBe(1);
    expect((await ledgerOf(target)).map(({ id }) => id)).toEqual([A, B]);
  });
});
