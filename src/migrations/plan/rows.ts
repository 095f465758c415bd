import { sql } from 'drizzle-orm';
import type { MigrationConnection } from '../connection.ts';

export interface RowCount {
  readonly rows: number;
  /** False for what PostgreSQL's statistics or SQLite's highest rowid say of a table too large to count. */
  readonly exact: boolean;
}

/** Counting so many takes a few milliseconds on either engine. */
const COUNTED = 100_000;

/** How many rows a table has: counted where that is quick. */
export async function countRows(connection: MigrationConnection, table: string): Promise<RowCount> {
  const name = sql.identifier(table);
  const [first] = await connection.query<{ rows: number | string }>(
    sql`select count(*) as rows from (select 1 from ${name} limit ${sql.raw(String(COUNTED))}) as counted`,
  );
  const rows = Number(first!.rows);
  if (rows < COUNTED) return { rows, exact: true };
  const estimated = connection.chain === 'pg' ? byStatistics(connection, table) : byRowid(connection, table);
  return { rows: Math.max(rows, await estimated), exact: false };
}

async function byStatistics(connection: MigrationConnection, table: string): Promise<number> {
  // A table that nothing has looked at since it grew has no rows by its statistics; its pages tell then.
  const [row] = await connection.query<{ rows: number }>(sql`
    select (case when reltuples > 0 and relpages > 0
      then reltuples / relpages * (pg_relation_size(oid) / current_setting('block_size')::int)
      else pg_relation_size(oid) / 100 end)::float8 as rows
    from pg_class where oid = to_regclass(quote_ident(${table}))`);
  return Math.round(row?.rows ?? 0);
}

/** At most so many: numbers of rows that were deleted count, too. */
async function byRowid(connection: MigrationConnection, table: string): Promise<number> {
  const [row] = await connection.query<{ rows: number | null }>(
    sql`select max(rowid) as rows from ${sql.identifier(table)}`,
  );
  return Number(row?.rows ?? 0);
}
