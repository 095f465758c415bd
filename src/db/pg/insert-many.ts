import { getTableName } from 'drizzle-orm';
import type { Engine } from '../engine.ts';
import { decodeRows, encode, insertEnd, insertedColumns, nameList } from '../insert-rows.ts';

/** One statement for any number of rows: an array a column, so that its text stays the same and can be prepared. */
export const insertMany: Engine['insertMany'] = async (connection, table, rows, options) => {
  const columns = insertedColumns(table, rows);
  const arrays = columns.map((column, i) => `$${i + 1}::${column.getSQLType()}[]`).join(', ');
  const sql = `insert into "${getTableName(table)}" (${nameList(columns)}) select * from unnest(${arrays}) ${insertEnd(table, options)}`;
  const params = columns.map((column) => rows.map((row) => encode(column, row[column.name])));
  return decodeRows(options.returning ?? [], await connection.run({ sql, params }, 'array'));
};
