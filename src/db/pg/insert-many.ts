import { getTableName } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { InsertMany } from '../database.ts';
import type { Row, TransactionConnection } from '../engine.ts';
import { decodeRows, encode, insertEnd, insertedColumns, nameList } from '../insert-rows.ts';

/** One statement for any number of rows: an array a column, so that its text stays the same and can be prepared. */
export async function insertMany(
  connection: Pick<TransactionConnection, 'run'>,
  table: PgTable,
  rows: Row[],
  options: InsertMany,
): Promise<Row[]> {
  const columns = insertedColumns(table, rows);
  const arrays = columns.map((column, i) => `$${i + 1}::${column.getSQLType()}[]`).join(', ');
  const sql = `insert into "${getTableName(table)}" (${nameList(columns)}) select * from unnest(${arrays}) ${insertEnd(table, options)}`;
  const params = columns.map((column) => rows.map((row) => encode(column, row[column.name])));
  return decodeRows(options.returning ?? [], await connection.run({ sql, params }, 'array'));
}
