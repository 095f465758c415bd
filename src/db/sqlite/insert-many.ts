import { getTableName } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { InsertMany } from '../database.ts';
import type { Row } from '../engine.ts';
import { decodeRows, encode, insertEnd, insertedColumns, nameList } from '../insert-rows.ts';

/** A prepared insert run once a row: quicker than a statement with many values, and free of its limit of parameters. */
export function insertMany(
  runMany: (sql: string, paramSets: unknown[][]) => unknown[],
  table: PgTable,
  rows: Row[],
  options: InsertMany,
): Row[] {
  const columns = insertedColumns(table, rows);
  const sql = `insert into "${getTableName(table)}" (${nameList(columns)}) values (${columns.map(() => '?').join(', ')}) ${insertEnd(table, options)}`;
  const paramSets = rows.map((row) => columns.map((column) => encode(column, row[column.name])));
  return decodeRows(options.returning ?? [], runMany(sql, paramSets));
}
