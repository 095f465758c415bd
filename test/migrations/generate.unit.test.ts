import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pgTable, text as pgText } from 'drizzle-orm/pg-core';
import { index, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chainFolder, checksumOf, readChain } from '../../src/migrations/chain/revisions.ts';
import type { SchemaModules } from '../../src/migrations/generate/dialect.ts';
import { type Generated, generateRevisions } from '../../src/migrations/generate/generate.ts';
import { slugOf, timestampAfter } from '../../src/migrations/generate/revision-text.ts';
import { sideBySide } from '../../src/migrations/generate/side-by-side.ts';
import { pgGenerator } from '../../src/migrations/pg/generate/generate.ts';
import { sqliteGenerator } from '../../src/migrations/sqlite/generate/generate.ts';
import * as pgEnums from '../../src/schema/pg/enums.ts';
import * as pgTables from '../../src/schema/pg/index.ts';
import * as sqliteTables from '../../src/schema/sqlite/index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'generate-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const now = new Date('2026-11-22T09:30:00Z');

function generate(message: string, sqlite: SchemaModules, pg: SchemaModules): Promise<Generated> {
  const chains = [
    { generator: sqliteGenerator, schema: sqlite, folder: join(folder, 'sqlite') },
    { generator: pgGenerator, schema: pg, folder: join(folder, 'pg') },
  ];
  return generateRevisions({ chains, notesFolder: folder, message, now });
}

const both = (...columns: string[]): [SchemaModules, SchemaModules] => [
  { flow: sqliteTable('flow', Object.fromEntries(columns.map((name) => [name, text()]))) },
  { flow: pgTable('flow', Object.fromEntries(columns.map((name) => [name, pgText()]))) },
];
const read = (...path: string[]) => readFileSync(join(folder, ...path), 'utf8');
const chain = (name: string) => readChain(join(folder, name));

describe('generating revisions', () => {
  it('writes twins that the runner can read, one after the other', async () => {
    await generate('First', ...both('name'));
    await generate("Add labels to a flow's row", ...both('name', 'labels'));
    for (const name of ['sqlite', 'pg']) {
      const [first, second] = chain(name);
      expect(first).toMatchObject({ parent: null, slug: 'first', label: 'lossy' });
      expect(second).toMatchObject({ parent: first!.id, slug: 'add_labels_to_a_flows_row', label: 'lossy' });
      expect(first!.folder).toBe(`2026_11_22_093000_${first!.id}_first`);
      expect(second!.folder.slice(0, 17)).toBe('2026_11_22_093001');
      expect(second!.statements).toHaveLength(1);
      expect(second!.downSql).toMatch(
        /^-- Down: lossy \(flow\.labels\)\n\nALTER TABLE "flow" DROP COLUMN "labels";\n$/,
      );
    }
    expect(chain('sqlite')[1]!.id).not.toBe(chain('pg')[1]!.id);
    expect(read('sqlite', chain('sqlite')[1]!.folder, 'up.sql')).toBe(
      `-- Revision: ${chain('sqlite')[1]!.id}\n-- Revises: ${chain('sqlite')[0]!.id}\n-- Create Date: 2026-11-22 09:30:01\n\n` +
        'ALTER TABLE "flow" ADD COLUMN "labels" text;\n',
    );
  });

  it('writes nothing when nothing has changed', async () => {
    await generate('First', ...both('name'));
    const before = readdirSync(folder, { recursive: true });
    expect(await generate('Again', ...both('name'))).toEqual({ pairs: [], replaced: [], warnings: [] });
    expect(readdirSync(folder, { recursive: true })).toEqual(before);
  });

  it('makes the same files of the same schemas, ids and times aside', async () => {
    const all = async () => {
      await generate('First', ...both('name'));
      const made = await generate('Second', ...both('name', 'labels'));
      const [first, second] = ['sqlite', 'pg'].map((one) => chain(one).map(({ id }) => id));
      const ids = [...first!, ...second!];
      const text = readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name !== 'revisions.lock')
        .map(
          (entry) =>
            `${entry.parentPath}/${entry.name}\n${readFileSync(join(entry.parentPath, entry.name), 'utf8')}`,
        )
        .sort()
        .join('\n')
        .replaceAll(/"(id|prevId)": "[-0-9a-f]{36}"/g, '"$1"');
      expect(made.pairs).toHaveLength(1);
      for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
      return ids
        .reduce((rest, id, at) => rest.replaceAll(id, `id ${at}`), text)
        .split('\n')
        .sort();
    };
    expect(await all()).toEqual(await all());
  });

  it('says so in a comment where one dialect has nothing to do', async () => {
    await generate('First', ...both('name'));
    await generate('Only here', both('name', 'labels')[0], both('name')[1]);
    const [, second] = chain('pg');
    expect(second).toMatchObject({ statements: [], label: 'lossless' });
    expect(read('pg', second!.folder, 'up.sql')).toMatch(/\n\n-- Nothing to do on PostgreSQL\.\n$/);
    expect(chain('sqlite')[1]!.statements).toHaveLength(1);
  });

  it('notes a change above the earlier ones, and locks its checksums', async () => {
    await generate('First', ...both('name'));
    await generate('Second', ...both('name', 'labels'));
    const notes = read('MIGRATION-NOTES.md');
    const [sqlite, pg] = [chain('sqlite'), chain('pg')];
    const entry = (title: string, at: number, down: string) =>
      `## 2026-11-22 ${title}\n\n- SQLite: \`${sqlite[at]!.id}\`\n- Postgres: \`${pg[at]!.id}\`\n- Down: ${down}\n`;
    const [second, first] = [
      entry('Second', 1, 'lossy (flow.labels)'),
      entry('First', 0, 'lossy (all tables)'),
    ];
    expect(notes.slice(notes.indexOf('## '))).toBe(`${second}\n${first}`);
    const line = (dialect: string, { folder: name, checksum }: { folder: string; checksum: string }) =>
      `${checksum}  ${dialect}/${name}\n`;
    expect(read('revisions.lock')).toBe(
      line('sqlite', sqlite[0]!) + line('pg', pg[0]!) + line('sqlite', sqlite[1]!) + line('pg', pg[1]!),
    );
    expect(checksumOf(read('pg', pg[1]!.folder, 'up.sql').replaceAll('\n', '\r\n'))).toBe(pg[1]!.checksum);
  });

  it('calls a drop of a column that must have a value irreversible', async () => {
    const modules = (columns: 'both' | 'one'): [SchemaModules, SchemaModules] => [
      { t: sqliteTable('t', columns === 'both' ? { a: text(), b: text().notNull() } : { a: text() }) },
      { t: pgTable('t', columns === 'both' ? { a: pgText(), b: pgText().notNull() } : { a: pgText() }) },
    ];
    await generate('First', ...modules('both'));
    await generate('Drop b', ...modules('one'));
    expect(chain('sqlite')[1]!.downSql).toMatch(/^-- Down: irreversible \(no values for t\.b\)\n/);
    expect(chain('pg')[1]!.label).toBe('irreversible');
  });

  it('refuses to guess at a rename, and writes nothing', async () => {
    await generate('First', ...both('name'));
    await expect(generate('Rename', ...both('title'))).rejects.toThrow(
      'flow.name is gone and flow.title is new: add --rename flow.name:title if it was renamed, or --drop flow.name',
    );
    expect(chain('sqlite')).toHaveLength(1);
    expect(chain('pg')).toHaveLength(1);
  });

  it('refuses a chain with two heads', async () => {
    await generate('First', ...both('name'));
    const second = await generate('Mine', ...both('name', 'mine'));
    const { folder: mine, id } = second.pairs[0]!.revisions.sqlite;
    cpSync(mine, mine.replace(id, '0123456789ab'), { recursive: true });
    const up = join(mine.replace(id, '0123456789ab'), 'up.sql');
    writeFileSync(up, readFileSync(up, 'utf8').replace(id, '0123456789ab'));
    await expect(generate('Next', ...both('name', 'mine', 'next'))).rejects.toThrow(
      /^The chain of SQLite has more than one head \(.*\): put one behind the other first, with npm run migrations:rebase\.$/,
    );
  });

  it('refuses a chain that a write left half done', async () => {
    await generate('First', ...both('name'));
    const { pairs } = await generate('Second', ...both('name', 'more'));
    const { pg, sqlite } = pairs[0]!.revisions;
    rmSync(join(sqlite.folder, 'snapshot.json'));
    await expect(generate('Third', ...both('name'))).rejects.toThrow(
      /snapshot\.json is missing or can't be read/,
    );
    rmSync(join(sqlite.folder, 'down.sql'));
    await expect(generate('Third', ...both('name'))).rejects.toThrow(/isn't a whole revision/);
    rmSync(sqlite.folder, { recursive: true });
    await expect(generate('Third', ...both('name'))).rejects.toThrow(
      `${basename(pg.folder)} has no twin on the other chain`,
    );
  });

  it('says in a sentence what of a schema is not there', async () => {
    const broken = sqliteTable('flow', { name: text() }, () => [index('ix').on(undefined as never)]);
    const [, pg] = both('name');
    await expect(generate('First', { flow: broken }, pg)).rejects.toThrow(
      /^The schema of SQLite can't be read \(.+\): put right the key, index or check/,
    );
  });

  it.each([
    ['a line that parts statements', 'a\n--> statement-breakpoint\nb'],
    ['a carriage return', 'a\r\nb'],
  ])('refuses what no file could hold: %s', async (what, value) => {
    const sqlite = { flow: sqliteTable('flow', { name: text().default(value) }) };
    const pg = { flow: pgTable('flow', { name: pgText().default(value) }) };
    await expect(generate('First', sqlite, pg)).rejects.toThrow(`A statement for SQLite has ${what}`);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leaves nothing behind when it fails half-way', async () => {
    await generate('First', ...both('name'));
    const files = () => readdirSync(folder, { recursive: true }).sort();
    const [before, notes] = [files(), read('MIGRATION-NOTES.md')];
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'revisions.lock.keep'), '');
    cpSync(join(folder, 'revisions.lock'), join(folder, 'kept.lock'));
    rmSync(join(folder, 'revisions.lock'));
    mkdirSync(join(folder, 'revisions.lock'));
    await expect(generate('Second', ...both('name', 'more'))).rejects.toThrow('EISDIR');
    rmSync(join(folder, 'revisions.lock'), { recursive: true });
    cpSync(join(folder, 'kept.lock'), join(folder, 'revisions.lock'));
    for (const name of ['data', 'revisions.lock.keep', 'kept.lock'])
      rmSync(join(folder, name), { recursive: true });
    expect(files()).toEqual(before);
    expect(read('MIGRATION-NOTES.md')).toBe(notes);
  });

  it('refuses a message without a word', async () => {
    await expect(generate(' -- ', ...both('name'))).rejects.toThrow('needs a message');
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('the name of a revision', () => {
  it('ends with a whole word', () => {
    expect(slugOf('Add a column for the labels of flow runs and more')).toBe(
      'add_a_column_for_the_labels_of_flow_runs',
    );
    expect(slugOf('x'.repeat(60))).toBe('x'.repeat(40));
    expect(slugOf('Fix: the flow-run’s index, again!')).toBe('fix_the_flow_runs_index_again');
  });

  it('is later than every head, and now when that is', () => {
    expect(timestampAfter(now, ['2026_11_22_092959'])).toBe('2026_11_22_093000');
    expect(timestampAfter(now, ['2026_12_31_235959', '2026_01_01_000000'])).toBe('2027_01_01_000000');
    expect(timestampAfter(now, [])).toBe('2026_11_22_093000');
  });
});

describe('the chains in the repository', () => {
  const root = fileURLToPath(new URL('../../drizzle/', import.meta.url));
  const revisions = (['sqlite', 'pg'] as const).flatMap((name) =>
    readChain(chainFolder(name)).map((revision) => ({ ...revision, line: `${name}/${revision.folder}` })),
  );

  it('are of one length, with the same times and names', () => {
    const names = (chain: string) =>
      readChain(join(root, chain)).map(({ folder: name, slug }) => `${name.slice(0, 17)} ${slug}`);
    expect(names('sqlite')).toEqual(names('pg'));
  });

  it('have their checksums in the lock and their ids in the notes', () => {
    const lock = readFileSync(join(root, 'revisions.lock'), 'utf8').trim().split('\n');
    const notes = readFileSync(join(root, 'MIGRATION-NOTES.md'), 'utf8');
    expect(lock.toSorted()).toEqual(revisions.map(({ checksum, line }) => `${checksum}  ${line}`).toSorted());
    for (const { id } of revisions) expect(notes).toContain(`\`${id}\``);
  });

  it('leave nothing to generate', async () => {
    const pending = [
      { generator: sqliteGenerator, schema: sqliteTables },
      { generator: pgGenerator, schema: { ...pgTables, ...pgEnums } },
    ].map(async ({ generator, schema }) => {
      const newest = readChain(chainFolder(generator.chain)).at(-1)!.folder;
      const file = join(chainFolder(generator.chain), newest, 'snapshot.json');
      const before = JSON.parse(readFileSync(file, 'utf8'));
      return generator.statements(before, await generator.snapshot(schema));
    });
    expect(await Promise.all(pending)).toEqual([[], []]);
  });
});

describe('what is printed', () => {
  it('stands side by side where there is room, else one after the other', async () => {
    await generate('First', ...both('name'));
    const { pairs } = await generate('Second', ...both('name', 'a_column_with_a_name_that_is_long'));
    const wide = sideBySide(pairs[0]!, 100).split('\n');
    expect(wide[0]).toBe(`${'SQLite (1 statement)'.padEnd(48)} | PostgreSQL (1 statement)`);
    expect(wide[2]).toBe(`${'  ALTER TABLE "flow" ADD COLUMN'.padEnd(48)} |   ALTER TABLE "flow" ADD COLUMN`);
    expect(wide[3]).toMatch(/^ {4}"a_column_with_a_name_that_is_long" text; +\| {5}"a_column/);
    expect(Math.max(...wide.map((line) => line.length))).toBeLessThanOrEqual(100);
    const narrow = sideBySide(pairs[0]!, 80).split('\n');
    expect(narrow).toContain('  ALTER TABLE "flow" ADD COLUMN "a_column_with_a_name_that_is_long" text;');
    expect(narrow.indexOf('PostgreSQL (1 statement)')).toBeGreaterThan(3);
  });
});
