import { sql } from 'drizzle-orm';
import type { Catalog, CatalogKey } from '../../catalog/catalog.ts';
import type { MigrationConnection } from '../../connection.ts';
import type { CopyEngine, Surveyed } from '../../copy/engine.ts';
import { quote } from '../../quotes.ts';
import { pgUsers } from '../in-use.ts';
import { findProblems } from './find.ts';

export const pgCopy: CopyEngine = {
  async beginSnapshot(source) {
    await source.run('begin isolation level repeatable read, read only');
    await source.run('select 1');
  },
  survey,
  problems: (source, { name, key, columns, source: infos }, target) =>
    findProblems(
      source.connection,
      {
        name,
        key,
        columns: columns.map((column) => ({ name: column, kind: infos.get(column)!.codec.kind })),
      },
      target.connection.chain === 'pg',
    ),
  danglingRows: () => Promise.resolve([]),
  narrowEncoding,
  // Who looks at it with a tool of his own is in nobody's way.
  users: async (target) => (await pgUsers(target)).filter((user) => user.startsWith('prefect-server')),
  settings: ['set synchronous_commit = off'],
  strip: (found, tables) => [
    // A table can't be emptied while others refer to it.
    ...keysOf(found, Object.keys(found.tables), 'foreignKeys').map(dropConstraint),
    ...keysOf(
      found,
      tables.map(({ name }) => name),
      'uniques',
    ).map(dropConstraint),
    ...tables.flatMap(({ name }) =>
      (found.tables[name]?.indexes ?? []).map((index) => `drop index if exists ${quote(index.name)}`),
    ),
  ],
  restore,
  empty: (table) => `truncate ${quote(table)}`,
  async finish(target, tables) {
    for (const { name } of tables) await target.run(`analyze ${quote(name)}`);
  },
};

async function narrowEncoding(target: MigrationConnection): Promise<string | null> {
  const [row] = await target.query<{ encoding: string }>(
    sql`select current_setting('server_encoding') as encoding`,
  );
  return row!.encoding === 'UTF8' ? null : row!.encoding;
}

interface Key {
  readonly table: string;
  readonly key: CatalogKey;
}

function keysOf({ tables }: Catalog, names: readonly string[], kind: 'foreignKeys' | 'uniques'): Key[] {
  return names.flatMap((table) => (tables[table]?.[kind] ?? []).map((key) => ({ table, key })));
}

const dropConstraint = ({ table, key }: Key): string =>
  `alter table ${quote(table)} drop constraint if exists ${quote(key.name)}`;

const addConstraint = ({ table, key }: Key): string =>
  `alter table ${quote(table)} add constraint ${quote(key.name)} ${key.definition}`;

/** Foreign keys last: they are checked with the indexes of what they refer to. */
function restore(expected: Catalog, found: Catalog): string[] {
  const names = Object.keys(expected.tables);
  const missing = (kind: 'foreignKeys' | 'uniques') => {
    const there = new Set(keysOf(found, names, kind).map(({ table, key }) => `${table}.${key.name}`));
    return keysOf(expected, names, kind).filter(({ table, key }) => !there.has(`${table}.${key.name}`));
  };
  const indexes = names.flatMap((table) => {
    const there = new Set(found.tables[table]?.indexes.map(({ name }) => name));
    return expected.tables[table]!.indexes.filter(({ name }) => !there.has(name));
  });
  return [
    ...missing('uniques').map(addConstraint),
    ...indexes.map(({ definition }) => definition),
    ...missing('foreignKeys').map(addConstraint),
  ];
}

/** Each row has the number of the transaction that wrote it: their sum changes with any of them. */
async function survey(
  source: MigrationConnection,
  tables: readonly string[],
): Promise<Map<string, Surveyed>> {
  if (tables.length === 0) return new Map();
  const queries = tables.map(
    (table) => sql`select ${table}::text as name, count(*)::text as rows,
      coalesce(sum(hashtext(xmin::text)::bigint), 0)::text as mark from ${sql.identifier(table)}`,
  );
  const rows = await source.query<{ name: string; rows: string; mark: string }>(
    sql.join(queries, sql` union all `),
  );
  return new Map(
    rows.map(({ name, rows: count, mark }) => [name, { rows: Number(count), mark: `${count} ${mark}` }]),
  );
}
