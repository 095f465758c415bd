import { getTableName } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { InsertPairs } from '../database.ts';
import type { Row, TransactionConnection } from '../engine.ts';
import { encode, insertedColumns, nameList } from '../insert-rows.ts';

/** One statement for both tables: what they refer to is looked for when it ends. */
export async function insertPairs(
  connection: Pick<TransactionConnection, 'run'>,
  { first, second, by }: InsertPairs,
): Promise<string[]> {
  const params: unknown[] = [];
  const rowsOf = (table: PgTable, rows: Row[]) => {
    const columns = insertedColumns(table, rows);
    const names = nameList(columns);
    const arrays = columns.map((column) => {
      params.push(rows.map((row) => encode(column, row[column.name])));
      return `$${params.length}::${column.getSQLType()}[]`;
    });
    const into = `insert into "${getTableName(table)}" (${names})`;
    return `${into} select * from unnest(${arrays.join(', ')}) as given(${names})`;
  };
  const sql = `with firsts as (${rowsOf(first.table, first.rows)} on conflict do nothing returning "id"),
    seconds as (${rowsOf(second.table, second.rows)} where given."${by.name}" in (select "id" from firsts))
    select "id" from firsts`;
  return ((await connection.run({ sql, params }, 'array')) as [string][]).map(([id]) => id);
}
