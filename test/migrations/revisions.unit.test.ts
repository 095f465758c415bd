import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chainFolder, checksumOf, readChain } from '../../src/migrations/chain/revisions.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prefect-server-chain-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ID = '0123456789ab';
const NAME = `2026_01_02_030405_${ID}_add_labels`;
const UP = `-- Revision: ${ID}\n-- Revises: base\n-- Create Date: 2026-01-02\n\ncreate table a (id text);\n`;

function write(up: string, down: string | null = '-- Down: lossless\n', name = NAME): void {
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, 'up.sql'), up);
  if (down !== null) writeFileSync(join(folder, name, 'down.sql'), down);
}

describe('a revision is read from its folder', () => {
  test('with its header, statements and label', () => {
    const second =
      '--> statement-breakpoint\n-- only a remark\n--> statement-breakpoint\n/* x */ create index i on a (id);\n';
    write(UP + second, '-- Down: lossy (a.id)\n\ndrop table a;\n');
    expect(readChain(folder)).toEqual([
      {
        id: ID,
        parent: null,
        slug: 'add_labels',
        folder: NAME,
        checksum: checksumOf(UP + second),
        transactional: true,
        breaking: false,
        statements: [UP.trim(), '/* x */ create index i on a (id);'],
        downSql: '-- Down: lossy (a.id)\n\ndrop table a;\n',
        label: 'lossy',
        data: null,
      },
    ]);
  });

  test('with what its header may also say', () => {
    write(UP.replace('\n\n', '\n-- Transaction: none\n-- Breaking: yes\n\n').replace('base', 'ba9876543210'));
    expect(readChain(folder)).toMatchObject([
      { transactional: false, breaking: true, parent: 'ba9876543210' },
    ]);
  });

  test('the same whatever git made of its line ends', () => {
    write(UP.replaceAll('\n', '\r\n'));
    expect(readChain(folder)).toMatchObject([{ checksum: checksumOf(UP), statements: [UP.trim()] }]);
  });

  test('a trigger has its own begin and end', () => {
    write(`${UP}--> statement-breakpoint\ncreate trigger t after insert on a begin select 1; end;`);
    expect(readChain(folder)[0]!.statements).toHaveLength(2);
  });
});

describe('a folder that is wrong is named', () => {
  test.each([
    ['another id in the header', () => write(UP.replace(ID, 'ffffffffffff')), `-- Revision: ${ID}`],
    ['no parent', () => write(UP.replace('-- Revises: base\n', '')), '-- Revises: <parent>'],
    ['no down.sql', () => write(UP, null), 'down.sql'],
    ['no label', () => write(UP, 'drop table a;'), '-- Down: lossless | lossy | irreversible'],
    ['a name of another kind', () => write(UP, '', '0000_brave_hulk'), '0000_brave_hulk is no revision'],
    [
      'a commit',
      () => write(`${UP}--> statement-breakpoint\n-- now\nCOMMIT;`),
      'may not control transactions',
    ],
    [
      'an id for the second time',
      () => {
        write(UP);
        write(UP, '-- Down: lossless\n', NAME.replace('2026', '2027'));
      },
      'has the same revision id',
    ],
  ])('%s', (_, prepare, message) => {
    prepare();
    expect(() => readChain(folder)).toThrow(message);
  });

  test("a chain that isn't there", () => {
    expect(() => readChain(join(folder, 'none'))).toThrow(/can't be read from .*none/);
  });
});

test('the chains of the package have the same length, times and slugs', () => {
  const [sqlite, pg] = [readChain(chainFolder('sqlite')), readChain(chainFolder('pg'))];
  const withoutId = (name: string) => name.slice(0, 17) + name.slice(30);
  expect(sqlite.length).toBeGreaterThan(0);
  expect(sqlite.map((revision) => withoutId(revision.folder))).toEqual(
    pg.map((revision) => withoutId(revision.folder)),
  );
});
