import { asc, type SQL } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { Database } from '../../db/database.ts';

type Table = PgTable & { id: PgColumn };

/**
 * Deletes up to `limit` rows; gives how many it found. What is to go is looked for off the event loop, and the delete is
 * a transaction of its own, short enough for requests to get the writer in between.
 */
export async function deleteBatch(
  db: Database,
  table: Table,
  where: SQL | undefined,
  { limit, order }: { limit: number; order: PgColumn },
): Promise<number> {
  const ids = await db.longRead(async () => {
    const found = db.orm.select({ id: table.id }).from(table as PgTable);
    return (await found.where(where).orderBy(asc(order)).limit(limit)).map(({ id }) => id as string);
  });
  if (ids.length > 0) await db.orm.delete(table).where(db.dialect.isIn(table.id, ids));
  return ids.length;
}
