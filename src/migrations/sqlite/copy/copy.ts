import { sql } from 'drizzle-orm';
import type { Catalog, CatalogIndex } from '../../catalog/catalog.ts';
import type { MigrationConnection } from '../../connection.ts';
import type { CopyEngine, Surveyed } from '../../copy/engine.ts';
import { KEYS_TOLD, type Problem } from '../../copy/problems.ts';
import type { CopyTable } from '../../copy/tables.ts';
import { quote } from '../../quotes.ts';
import { sqliteUsers } from '../in-use.ts';
import { type Check, checksForPg, checksForSqlite } from './checks.ts';

export const sqliteCopy: CopyEngine = {
  async beginSnapshot(source) {
    // Rows are read by key, all over the file, and none twice: what a large cache would keep is not asked for again.
    await source.run('pragma cache_size = -16000');
    await source.run('begin');
    // The moment is that of the first read.
    await source.query(sql`select count(*) from sqlite_master`);
  },
  survey,
  problems: (source, table, target) =>
    findProblems(
      source.connection,
      table,
      target.connection.chain === 'pg' ? checksForPg(table, target.catalog) : checksForSqlite(table),
    ),
  danglingRows,
  users: sqliteUsers,
  settings: ['pragma foreign_keys = off'],
  strip: (found, tables) =>
    tables.flatMap(({ name }) =>
      indexesOf(found, name).map((index) => `drop index if exists ${quote(index.name)}`),
    ),
  restore: (expected, found) =>
    Object.keys(expected.tables).flatMap((table) => {
      const there = new Set(indexesOf(found, table).map(({ name }) => name));
      return indexesOf(expected, table)
        .filter(({ name }) => !there.has(name))
        .map(({ definition }) => definition);
    }),
  empty: (table) => `delete from ${quote(table)}`,
  async finish(target) {
    await target.run('pragma wal_checkpoint(truncate)');
  },
};

/** Without those that SQLite makes itself for a constraint. */
const indexesOf = ({ tables }: Catalog, table: string): CatalogIndex[] =>
  (tables[table]?.indexes ?? []).filter(({ definition }) => definition !== '');

/** SQLite counts the commits of other connections; which tables they were about it doesn't tell. */
async function survey(
  source: MigrationConnection,
  tables: readonly string[],
): Promise<Map<string, Surveyed>> {
  const [version] = await source.query<{ data_version: number }>(sql`pragma data_version`);
  const mark = String(version!.data_version);
  const surveyed = new Map<string, Surveyed>();
  for (const table of tables) {
    const [row] = await source.query<{ rows: number }>(
      sql`select count(*) as rows from ${sql.identifier(table)}`,
    );
    surveyed.set(table, { rows: row!.rows, mark });
  }
  return surveyed;
}

const PAGE = 500;

async function findProblems(
  source: MigrationConnection,
  { name, key }: CopyTable,
  checks: readonly Check[],
): Promise<Problem[]> {
  const found = new Map<Check, { rows: number; keys: string[] }>();
  if (checks.length === 0) return [];
  const columns = checks.flatMap(({ sql: condition, column, confirm }, i) => [
    `(${condition}) as is${i}`,
    ...(confirm ? [`case when ${condition} then cast(${quote(column)} as text) end as value${i}`] : []),
  ]);
  const any = checks.map(({ sql: condition }) => `(${condition})`).join(' or ');
  for (let after: string | undefined; ; ) {
    const beyond = after === undefined ? sql`` : sql` and ${sql.identifier(key)} > ${after}`;
    const rows = await source.query<Record<string, string | number>>(
      sql`select ${sql.identifier(key)} as key, ${sql.raw(columns.join(', '))} from ${sql.identifier(name)}
        where (${sql.raw(any)})${beyond} order by ${sql.identifier(key)} limit ${PAGE}`,
    );
    for (const row of rows)
      checks.forEach((check, i) => {
        if (!row[`is${i}`] || check.confirm?.(String(row[`value${i}`])) === false) return;
        const one = found.get(check) ?? { rows: 0, keys: [] };
        found.set(check, one);
        if (++one.rows <= KEYS_TOLD) one.keys.push(String(row['key']));
      });
    if (rows.length < PAGE) break;
    after = String(rows.at(-1)!['key']);
  }
  return [...found].map(([{ column, what, replaceable = false }, { rows, keys }]) => ({
    ...{ table: name, column, what, rows, keys, replaceable },
  }));
}

/** Foreign keys are checked only while the setting of the connection is on, and older programs had it off. */
async function danglingRows(source: MigrationConnection): Promise<Problem[]> {
  const counted = await source.query<{
    table: string;
    parent: string;
    fkid: number;
    rows: number;
    row: number;
  }>(sql`
    select "table", parent, fkid, count(*) as rows, min(rowid) as row from pragma_foreign_key_check
    group by "table", parent, fkid`);
  const problems: Problem[] = [];
  for (const { table, parent, fkid, rows, row } of counted) {
    const [key] = await source.query<{ from: string }>(
      sql`select "from" from pragma_foreign_key_list(${table}) where id = ${fkid}`,
    );
    const [first] = await source.query<{ id: unknown }>(
      sql`select * from ${sql.identifier(table)} where rowid = ${row}`,
    );
    const what = `refers to nothing in ${parent}`;
    const keys = [String(first?.id ?? row)];
    problems.push({ table, column: key?.from ?? '?', what, rows, keys, replaceable: false });
  }
  return problems;
}
