import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chainFolder } from '../../src/migrations/chain/revisions.ts';
import { checkParity } from '../../src/migrations/check/parity.ts';
import type { PgSnapshot } from '../../src/migrations/pg/generate/snapshot.ts';
import { loadChains } from '../../src/migrations/repository/chains.ts';
import { type ChainFiles, readFiles } from '../../src/migrations/repository/files.ts';
import { readNotes } from '../../src/migrations/repository/notes.ts';
import type { SqliteSnapshot } from '../../src/migrations/sqlite/generate/ddl.ts';

type Mutable<Thing> = { -readonly [Key in keyof Thing]: Mutable<Thing[Key]> };
interface Heads {
  sqlite: Mutable<SqliteSnapshot>;
  pg: Mutable<PgSnapshot>;
}

const { chains } = await loadChains();
const notes = readNotes(join(chainFolder('pg'), '..'));
const INDEX = 'ix_flow_run__flow_id';
const UNIQUE = 'uq_agent__name';
const KEY = 'fk_flow_run__flow_id__flow';

/** The chains with newest snapshots that are changed like this. */
function damaged(change: (heads: Heads) => void): readonly ChainFiles[] {
  const files = chains.map(readFiles);
  const newest = files.map(({ revisions }) => structuredClone(revisions.at(-1)!));
  const of = (chain: string) => newest.find((one) => one.chain === chain)!.snapshot as unknown;
  change({ sqlite: of('sqlite') as Heads['sqlite'], pg: of('pg') as Heads['pg'] });
  return files.map((one, at) => ({ ...one, revisions: [...one.revisions.slice(0, -1), newest[at]!] }));
}

const messages = (change: (heads: Heads) => void) =>
  checkParity(damaged(change), notes).map(({ message }) => message);

test('the chains are alike, but for what the notes declare', () => {
  expect(messages(() => {})).toEqual([]);
  const [undeclared] = checkParity(chains.map(readFiles), {
    ...notes,
    entries: notes.entries.map((entry) => ({ ...entry, differs: [] })),
  });
  expect(undeclared?.message).toMatch(
    /^After drizzle\/sqlite\/\w+_initial one database has .* and \d+ more\)/,
  );
});

test.each<[what: string, fact: string, change: (heads: Heads) => void]>([
  [
    'an index of one',
    `Postgres: flow_run: index ${INDEX} btree (flow_id)`,
    ({ sqlite }) => delete sqlite.tables.flow_run!.indexes[INDEX],
  ],
  [
    'an index on other columns',
    `SQLite: flow_run: index ${INDEX} btree (flow_id, name) and 1 more`,
    ({ sqlite }) => sqlite.tables.flow_run!.indexes[INDEX]!.columns.push('name'),
  ],
  [
    'an index in another order',
    `SQLite: flow_run: index ${INDEX} btree (flow_id) and 1 more`,
    ({ pg }) => {
      pg.tables['public.flow_run']!.indexes[INDEX]!.columns[0]!.asc = false;
    },
  ],
  [
    'an index that is unique in one',
    `SQLite: flow_run: unique index ${INDEX} btree (flow_id) and 1 more`,
    ({ sqlite }) => {
      sqlite.tables.flow_run!.indexes[INDEX]!.isUnique = true;
    },
  ],
  [
    'an index of some rows in one',
    `SQLite: flow_run: index ${INDEX} btree (flow_id) and 1 more`,
    ({ pg }) => {
      pg.tables['public.flow_run']!.indexes[INDEX]!.where = 'flow_id is not null';
    },
  ],
  [
    'a unique constraint of one',
    `SQLite: agent: unique ${UNIQUE} (name)`,
    ({ pg }) => delete pg.tables['public.agent']!.uniqueConstraints[UNIQUE],
  ],
  [
    'a foreign key with another action',
    `SQLite: flow_run: foreign key ${KEY} (flow_id) to flow (id) on delete set null on update no action and 1 more`,
    ({ sqlite }) => {
      sqlite.tables.flow_run!.foreignKeys[KEY]!.onDelete = 'set null';
    },
  ],
  [
    'a check of one',
    'Postgres: flow_run: check ck_odd run_count >= 0',
    ({ pg }) => {
      pg.tables['public.flow_run']!.checkConstraints.ck_odd = { name: 'ck_odd', value: '"run_count" >= 0' };
    },
  ],
  [
    'another primary key',
    'SQLite: flow_run: primary key (id, name) and 1 more',
    ({ sqlite }) => {
      sqlite.tables.flow_run!.compositePrimaryKeys.pk_flow_run!.columns.push('name');
    },
  ],
])('%s is seen', (_what, fact, change) => {
  expect(messages(change)).toEqual([
    expect.stringContaining(`one database has what the other hasn't (${fact})`),
  ]);
});
