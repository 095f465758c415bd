import { and, asc, count, inArray, isNull, lt, type SQL } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import type { Timestamp } from '../../time/timestamp.ts';
import { endLeasesOfFlowRuns } from '../concurrency/run-leases.ts';
import { TERMINAL_TYPES } from '../run/state.ts';

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
