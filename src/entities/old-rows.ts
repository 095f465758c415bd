import {
  and,
  asc,
  count,
  desc,
  eq,
  gt,
  inArray,
  isNotNull,
  isNull,
  lt,
  notExists,
  type SQL,
} from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { Database } from '../db/database.ts';
import type { Timestamp } from '../time/timestamp.ts';
import { endLeasesOfFlowRuns } from './concurrency/run-leases.ts';
import { TERMINAL_TYPES } from './run/state.ts';

/**
 * Deletes of what is old, a batch at a time: what is to go is looked for off the event loop, and each delete is a
 * transaction of its own, short enough for requests to get the writer in between.
 */

type Table = PgTable & { id: PgColumn };

/** Deletes up to `limit` rows; gives how many it found. */
async function deleteSome(
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
  return deleteSome(db, resources, lt(resources.occurred, before), { limit, order: resources.occurred });
}

/** Their task runs and states go with them. One with more than this loses its task runs before, some at a time. */
const TASK_RUNS_AT_ONCE = 1000;

/**
 * Deletes flow runs that ended before a moment and weren't called by another (those that they had called are next, once
 * nothing calls them any more). Gives the ids of those that it deleted, none when none are left; their logs and
 * artifacts, which no foreign key holds, are the caller's to delete.
 */
export async function deleteOldFlowRuns(db: Database, before: Timestamp, limit: number): Promise<string[]> {
  const { dialect, orm, tables } = db;
  const { flow_run: run } = tables;
  const isOld = and(
    lt(run.end_time, before),
    isNull(dialect.unselective(run.parent_task_run_id)),
    inArray(dialect.unselective(run.state_type), [...TERMINAL_TYPES]),
  );
  const ids = await db.longRead(async () => {
    const rows = await orm
      .select({ id: run.id })
      .from(run)
      .where(isOld)
      .orderBy(asc(run.end_time))
      .limit(limit);
    return rows.map(({ id }) => id);
  });
  const deleted: string[] = [];
  for (const group of groups(ids, await countTaskRuns(db, ids))) {
    if (group.taskRuns > TASK_RUNS_AT_ONCE) await deleteTaskRuns(db, group.ids, isOld);
    const gone = await db.transaction(async () => {
      const ids = await lockOld(db, group.ids, isOld);
      await endLeasesOfFlowRuns(db, ids);
      const rows = await orm.delete(run).where(dialect.isIn(run.id, ids)).returning({ id: run.id });
      return rows.map(({ id }) => id);
    });
    deleted.push(...gone);
  }
  return deleted;
}

async function countTaskRuns(db: Database, flowRunIds: string[]): Promise<Map<string | null, number>> {
  const { task_run: taskRun } = db.tables;
  const rows = await db.longRead(async () =>
    db.orm
      .select({ id: taskRun.flow_run_id, count: count() })
      .from(taskRun)
      .where(db.dialect.isIn(taskRun.flow_run_id, flowRunIds))
      .groupBy(taskRun.flow_run_id),
  );
  return new Map(rows.map(({ id, count }) => [id, count]));
}

interface Group {
  ids: string[];
  taskRuns: number;
}

/** Runs that go in one transaction: as many as have few task runs together, or one that has many. */
function groups(ids: string[], counts: Map<string | null, number>): Group[] {
  const made: Group[] = [];
  for (const id of ids) {
    const taskRuns = counts.get(id) ?? 0;
    const last = made.at(-1);
    if (last && last.taskRuns + taskRuns <= TASK_RUNS_AT_ONCE) {
      last.ids.push(id);
      last.taskRuns += taskRuns;
    } else made.push({ ids: [id], taskRuns });
  }
  return made;
}

/** Those that are still old: somebody may have started one anew meanwhile. */
async function lockOld(db: Database, ids: string[], isOld: SQL | undefined): Promise<string[]> {
  const { flow_run: run } = db.tables;
  const found = db.orm.select({ id: run.id }).from(run);
  const select = found.where(and(db.dialect.isIn(run.id, ids), isOld)).orderBy(asc(run.id));
  return (await db.dialect.lockRows(select, run)).map(({ id }) => id);
}

async function deleteTaskRuns(db: Database, flowRunIds: string[], isOld: SQL | undefined): Promise<void> {
  const { task_run: taskRun } = db.tables;
  const ofRuns = (ids: string[]) => db.dialect.isIn(taskRun.flow_run_id, ids);
  const remove = async (): Promise<number> => {
    const ids = await lockOld(db, flowRunIds, isOld);
    if (ids.length === 0) return 0;
    const found = db.orm.select({ id: taskRun.id }).from(taskRun).where(ofRuns(ids)).limit(TASK_RUNS_AT_ONCE);
    const deleted = db.orm.delete(taskRun).where(inArray(taskRun.id, found));
    return (await deleted.returning({ id: taskRun.id })).length;
  };
  while ((await db.transaction(remove)) > 0);
}

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
  return deleteSome(db, table, where, { limit, order: table.flow_run_id });
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
