import { and, count, isNotNull } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { now } from '../../time/timestamp.ts';
import { type RunFilters, taskRunsWhere } from '../filters/related.ts';
import { type TaskRunSort, taskRunSorts } from '../filters/sorts.ts';
import { countRows, type Slice } from '../list.ts';
import { STATE_TYPES, type StateType } from '../run/state.ts';
import { selectTaskRuns, type TaskRun, toTaskRun } from './task-run.ts';

export async function findTaskRuns(
  db: Database,
  filters: RunFilters,
  { sort, limit, offset }: Slice<TaskRunSort>,
): Promise<TaskRun[]> {
  const rows = await db.longRead(async () =>
    selectTaskRuns(db)
      .where(taskRunsWhere(db, filters))
      .orderBy(...taskRunSorts(db, sort))
      .limit(limit)
      .offset(offset),
  );
  const moment = now();
  return rows.map((row) => toTaskRun(row, moment));
}

export function countTaskRuns(db: Database, filters: RunFilters): Promise<number> {
  return countRows(db, db.tables.task_run, taskRunsWhere(db, filters));
}

/** The number of task runs in each type of state, 0 included. */
export async function countTaskRunsByState(
  db: Database,
  filters: RunFilters,
): Promise<Record<StateType, number>> {
  const { task_run } = db.tables;
  const rows = await db.longRead(async () =>
    db.orm
      .select({ type: task_run.state_type, count: count() })
      .from(task_run)
      .where(and(isNotNull(task_run.state_type), taskRunsWhere(db, filters)))
      .groupBy(task_run.state_type),
  );
  const counts = Object.fromEntries(STATE_TYPES.map((type) => [type, 0])) as Record<StateType, number>;
  for (const { type, count } of rows) counts[type!] = count;
  return counts;
}
