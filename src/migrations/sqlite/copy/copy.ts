import { sql } from 'drizzle-orm';
import type { Catalog, CatalogIndex } from '../../catalog/catalog.ts';
import type { MigrationConnection } from '../../connection.ts';
import type { CopyEngine, Surveyed } from '../../copy/engine.ts';
import type { Problem } from '../../copy/problems.ts';
import { quote } from '../../quotes.ts';
import type { ColumnInfo } from '../../values.ts';
import { sqliteUsers } from '../in-use.ts';
import { type CheckedColumn, checksForPg, checksForSqlite } from './checks.ts';
import { findProblems } from './find.ts';

export const sqliteCopy: CopyEngine = {
  async beginSnapshot(source) {
    // Rows are read by key, all over the file, and none twice: what a large cache would keep is not asked for again.
    await source.run('pragma cache_size = -16000');
    await source.run('begin');
    // The moment is that of the first read.
    await source.query(sql`select count(*) from sqlite_master`);
  },
  survey,
  problems(source, { name, key, columns, source: own, target: twin }, target) {
    const checks =
      target.connection.chain === 'pg'
        ? checksForPg(checkedColumns(columns, twin), target.catalog.enums)
        : checksForSqlite(checkedColumns(columns, own));
    return findProblems(source.connection, { name, key }, checks);
  },
  danglingRows,
  narrowEncoding: () => Promise.resolve(null),
  users: sqliteUsers,
  // Rows come in the order of their keys and indexes are made by sorting: neither gains from a large cache.
  settings: ['pragma foreign_keys = off', 'pragma cache_size = -32000'],
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

const checkedColumns = (names: readonly string[], infos: ReadonlyMap<string, ColumnInfo>): CheckedColumn[] =>
  names.map((name) => {
    const { type, codec } = infos.get(name)!;
    return { name, type, kind: codec.kind };
  });

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
    problems.push({
      ...{ table, column: key?.from ?? '?', key: first?.id === undefined ? 'rowid' : 'id', what, rows, keys },
      ...{ replaceable: false, onlyPg: false },
    });
  }
  return problems;
}
