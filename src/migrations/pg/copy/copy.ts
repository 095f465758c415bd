import { sql } from 'drizzle-orm';
import type { Catalog, CatalogKey } from '../../catalog/catalog.ts';
import type { MigrationConnection } from '../../connection.ts';
import type { CopyEngine, Surveyed } from '../../copy/engine.ts';
import { KEYS_TOLD, type Problem } from '../../copy/problems.ts';
import type { CopyTable } from '../../copy/tables.ts';
import { quote } from '../../quotes.ts';
import { pgUsers } from '../in-use.ts';

export const pgCopy: CopyEngine = {
  async beginSnapshot(source) {
    await source.run('begin isolation level repeatable read, read only');
    await source.run('select 1');
  },
  survey,
  problems: (source, table, target) =>
    target.connection.chain === 'pg' ? Promise.resolve([]) : findProblems(source.connection, table),
  danglingRows: () => Promise.resolve([]),
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

const CONDITIONS: Record<string, [what: string, condition: (column: string) => string]> = {
  timestamp: [
    'is no moment of the years 1 to 9999',
    (c) => `not (${c} >= '0001-01-01 00:00+00' and ${c} < '10000-01-01 00:00+00')`,
  ],
  double: ['is not a number', (c) => `${c} = 'NaN'`],
  interval: ['is longer than 285 years', (c) => `abs(extract(epoch from ${c})) > 9000000000`],
};

/** SQLite takes anything; but these it, or the server on it, wouldn't read again. */
async function findProblems(
  source: MigrationConnection,
  { name, key, columns, source: infos }: CopyTable,
): Promise<Problem[]> {
  const checks = columns.flatMap((column) => {
    const [what, condition] = CONDITIONS[infos.get(column)!.codec.kind] ?? [];
    return what && condition ? [{ column, what, condition: condition(quote(column)) }] : [];
  });
  if (checks.length === 0) return [];
  const counts = checks.map(
    ({ condition }, i) =>
      `count(*) filter (where ${condition}) as rows${i}, (array_agg(${quote(key)}::text) filter (where ${condition}))[1:${KEYS_TOLD}] as keys${i}`,
  );
  const any = checks.map(({ condition }) => `(${condition})`).join(' or ');
  const [row] = await source.query<Record<string, string | string[] | null>>(
    sql`select ${sql.raw(counts.join(', '))} from ${sql.identifier(name)} where ${sql.raw(any)}`,
  );
  return checks.flatMap(({ column, what }, i) => {
    const rows = Number(row![`rows${i}`]);
    const keys = (row![`keys${i}`] as string[] | null) ?? [];
    return rows === 0 ? [] : [{ table: name, column, what, rows, keys, replaceable: false }];
  });
}
