import { and, asc, desc, eq, gt, isNotNull, notExists } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { deleteBatch } from './batch.ts';

/** What can be left over when a flow run is deleted. */
export type Leftover = 'log' | 'artifact';

export function deleteLeftovers(
  db: Database,
  kind: Leftover,
  flowRunIds: string[],
  limit: number,
): Promise<number> {
  const table = db.tables[kind];
  const where = db.dialect.isIn(table.flow_run_id, flowRunIds);
  return deleteBatch(db, table, where, { limit, order: table.flow_run_id });
}

/** The flow runs that logs or artifacts are of, a page in the order of their ids, and which of them don't exist. */
export async function orphanedFlowRuns(
  db: Database,
  kind: Leftover,
  after: string | null,
  limit: number,
): Promise<{ last: string | null; orphaned: string[] }> {
  const { flow_run: run } = db.tables;
  const table = db.tables[kind];
  return db.longRead(async () => {
    const page = await db.orm
      .selectDistinct({ id: table.flow_run_id })
      .from(table)
      .where(and(isNotNull(table.flow_run_id), after === null ? undefined : gt(table.flow_run_id, after)))
      .orderBy(asc(table.flow_run_id))
      .limit(limit);
    const ids = page.map(({ id }) => id!);
    if (ids.length === 0) return { last: null, orphaned: [] };
    const rows = await db.orm.select({ id: run.id }).from(run).where(db.dialect.isIn(run.id, ids));
    const existing = new Set(rows.map(({ id }) => id));
    return { last: ids.at(-1)!, orphaned: ids.filter((id) => !existing.has(id)) };
  });
}

/**
 * Collections whose newest artifact is gone: the one before becomes the newest, and a collection without any goes.
 * Gives how many it mended.
 */
export async function mendArtifactCollections(db: Database, limit: number): Promise<number> {
  const { artifact, artifact_collection: collection } = db.tables;
  const newest = db.orm
    .select({ id: artifact.id })
    .from(artifact)
    .where(eq(artifact.id, collection.latest_id));
  const stale = await db.longRead(async () =>
    db.orm
      .select({ id: collection.id, key: collection.key, latest_id: collection.latest_id })
      .from(collection)
      .where(notExists(newest))
      .limit(limit),
  );
  for (const row of stale) {
    await db.transaction(async () => {
      const isThis = and(eq(collection.id, row.id), eq(collection.latest_id, row.latest_id));
      const [next] = await db.orm
        .select()
        .from(artifact)
        .where(eq(artifact.key, row.key))
        .orderBy(desc(artifact.created))
        .limit(1);
      if (!next) return db.orm.delete(collection).where(isThis);
      const { id: latest_id, key: _, ...rest } = next;
      return db.orm
        .update(collection)
        .set({ ...rest, latest_id })
        .where(isThis);
    });
  }
  return stale.length;
}
