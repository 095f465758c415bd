import { count, type SQL } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { Database } from '../db/database.ts';

/** Which part of a list is asked for. */
export interface Part {
  limit: number;
  offset: number;
}

export interface Slice<Sort extends string> extends Part {
  sort: Sort;
}

export function countRows(db: Database, table: PgTable, where: SQL | undefined): Promise<number> {
  return db.longRead(async () => {
    const [row] = await db.orm.select({ count: count() }).from(table).where(where);
    return row!.count;
  });
}
