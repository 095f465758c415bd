import { getTableName } from 'drizzle-orm';
import type { Engine } from '../engine.ts';
import { decodeRows, encode, insertedColumns, nameList } from '../insert-rows.ts';

/** A prepared insert run once a row: quicker than a statement with many values, and free of its limit of parameters. */
export const insertMany: Engine['insertMany'] = async (
  connection,
  table,
  rows,
  { onConflictDoNothing, returning = [] },
) => {
  const columns = insertedColumns(table, rows);
  const sql = `insert into "${getTableName(table)}" (${nameList(columns)}) values (${columns.map(() => '?').join(', ')})${
    onConflictDoNothing ? ' on conflict do nothing' : ''
  }${returning.length > 0 ? ` returning ${nameList(returning)}` : ''}`;
  const paramSets = rows.map((row) => columns.map((column) => encode(column, row[column.name])));
  return decodeRows(returning, await connection.runMany(sql, paramSets));
};
