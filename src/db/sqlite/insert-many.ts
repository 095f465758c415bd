import { getTableName } from 'drizzle-orm';
import type { Engine } from '../engine.ts';
import { decodeRows, encode, insertEnd, insertedColumns, nameList } from '../insert-rows.ts';

/** A prepared insert run once a row: quicker than a statement with many values, and free of its limit of parameters. */
export const insertMany: Engine['insertMany'] = async (connection, table, rows, options) => {
  const columns = insertedColumns(table, rows);
  const sql = `insert into "${getTableName(table)}" (${nameList(columns)}) values (${columns.map(() => '?').join(', ')}) ${insertEnd(table, options)}`;
  const paramSets = rows.map((row) => columns.map((column) => encode(column, row[column.name])));
  return decodeRows(options.returning ?? [], await connection.runMany(sql, paramSets));
};
