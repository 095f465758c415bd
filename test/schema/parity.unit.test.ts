import { getTableColumns, getTableName, is, type Table } from 'drizzle-orm';
import * as pgCore from 'drizzle-orm/pg-core';
import * as sqliteCore from 'drizzle-orm/sqlite-core';
import { describe, expect, it } from 'vitest';
import * as pgEnums from '../../src/schema/pg/enums.ts';
import * as pgTables from '../../src/schema/pg/index.ts';
import * as sqliteTables from '../../src/schema/sqlite/index.ts';

/** What the live catalogs don't tell; those are compared at every revision in `test/parity`. */
describe('the schemas of SQLite and PostgreSQL', () => {
  it('have the columns of a table in the same order', () => {
    const order = (tables: Record<string, Table>) =>
      Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, columnNames(table)]));
    expect(order(sqliteTables)).toEqual(order(pgTables));
  });

  it('name every table and column as its property', () => {
    for (const tables of [pgTables, sqliteTables]) {
      for (const [name, table] of Object.entries(tables)) {
        expect(getTableName(table)).toBe(name);
        expect(columnNames(table)).toEqual(Object.keys(getTableColumns(table)));
      }
    }
  });

  it('use every enumeration of PostgreSQL', () => {
    const used = new Set(
      Object.values(pgTables)
        .flatMap((table) => pgCore.getTableConfig(table).columns)
        .flatMap((column) => (is(column, pgCore.PgEnumColumn) ? [column.enum.enumName] : [])),
    );
    expect([...used].sort()).toEqual(Object.keys(pgEnums).sort());
  });
});

function columnNames(table: Table): string[] {
  const config = is(table, pgCore.PgTable)
    ? pgCore.getTableConfig(table)
    : sqliteCore.getTableConfig(table as sqliteCore.SQLiteTable);
  return config.columns.map((column) => column.name);
}
