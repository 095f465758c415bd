import { and, asc, eq, lt } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import type { Timestamp } from '../../time/timestamp.ts';
import { deleteBatch } from './batch.ts';

export interface OldEvents {
  /** Only events of this name. */
  event?: string;
  before: Timestamp;
  limit: number;
}

/** Gives how many events it deleted; fewer than the limit when no more are left. */
export async function deleteOldEvents(db: Database, { event, before, limit }: OldEvents): Promise<number> {
  const { events, event_resources: resources } = db.tables;
  const ids = await db.longRead(async () => {
    const rows = await db.orm
      .select({ id: events.id })
      .from(events)
      .where(and(event === undefined ? undefined : eq(events.event, event), lt(events.occurred, before)))
      .orderBy(asc(events.occurred))
      .limit(limit);
    return rows.map(({ id }) => id);
  });
  if (ids.length === 0) return 0;
  await db.transaction(async () => {
    await db.orm.delete(resources).where(db.dialect.isIn(resources.event_id, ids));
    await db.orm.delete(events).where(db.dialect.isIn(events.id, ids));
  });
  return ids.length;
}

/** Resources that have lost their event; no foreign key holds the two together. */
export function deleteOldEventResources(db: Database, before: Timestamp, limit: number): Promise<number> {
  const { event_resources: resources } = db.tables;
  return deleteBatch(db, resources, lt(resources.occurred, before), { limit, order: resources.occurred });
}
