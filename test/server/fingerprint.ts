import { sql } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { Database } from '../../src/db/database.ts';

/** How many rows each table has, and when one was last changed: whoever wrote anything changes this. */
export async function fingerprint(db: Database): Promise<Record<string, string>> {
  const marks: Record<string, string> = {};
  for (const [name, table] of Object.entries(db.tables as Record<string, unknown>)) {
    if (!isTable(table)) continue;
    const latest = 'updated' in table ? sql`max(updated)` : sql`null`;
    const [row] = await db.execute<{ n: unknown; latest: unknown }>(
      sql`select count(*) as n, ${latest} as latest from ${table}`,
    );
    marks[name] = `${row!.n} rows, changed ${row!.latest}`;
  }
  return marks;
}

/** The tables' module exports PostgreSQL's enums too. */
function isTable(value: unknown): value is PgTable {
  return typeof value === 'object' && value !== null && 'id' in value;
}
