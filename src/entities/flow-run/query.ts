import { and, lte, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { now, type Timestamp } from '../../time/timestamp.ts';
import { flowRunsWhere, type RunFilters } from '../filters/related.ts';
import { type FlowRunSort, flowRunSorts } from '../filters/sorts.ts';
import { countRows, type Slice } from '../list.ts';
import { runTimes } from '../run/row.ts';
import { latenessMicros } from '../run/time-sql.ts';
import { type FlowRun, selectFlowRunsOf, toFlowRun } from './flow-run.ts';

export function findFlowRuns(
  db: Database,
  filters: RunFilters,
  slice: Slice<FlowRunSort>,
): Promise<FlowRun[]> {
  return findPage(db, flowRunsWhere(db, filters), slice);
}

/** Scheduled runs of these deployments that are due by a moment, the earliest first. */
export function findDueFlowRuns(
  db: Database,
  deploymentIds: string[],
  before: Timestamp | null | undefined,
  limit: number,
): Promise<FlowRun[]> {
  const { deployment_id, state_type, next_scheduled_start_time } = db.tables.flow_run;
  const { isIn, unselective } = db.dialect;
  // Only runs that are scheduled have a moment, so its index has few: SQLite would go through all runs that a
  // deployment ever had, or all that are scheduled, and sort them.
  const where = and(
    isIn(unselective(deployment_id), deploymentIds),
    sql`${unselective(state_type)} = 'SCHEDULED'`,
    before ? lte(next_scheduled_start_time, before) : undefined,
  );
  return findPage(db, where, { sort: 'NEXT_SCHEDULED_START_TIME_ASC', limit, offset: 0 });
}

async function findPage(
  db: Database,
  where: SQL | undefined,
  { sort, limit, offset }: Slice<FlowRunSort>,
): Promise<FlowRun[]> {
  const { flow_run } = db.tables;
  const order = flowRunSorts(db, sort);
  // Of the rows that are sorted and passed over only the ids: what belongs to a run is joined to those of the page.
  const page = db.orm
    .select({ id: flow_run.id })
    .from(flow_run)
    .where(where)
    .orderBy(...order)
    .limit(limit)
    .offset(offset);
  const rows = await db.longRead(async () => selectFlowRunsOf(db, page.getSQL()).orderBy(...order));
  const moment = now();
  return rows.map((row) => toFlowRun(row, moment));
}

export function countFlowRuns(db: Database, filters: RunFilters): Promise<number> {
  return countRows(db, db.tables.flow_run, flowRunsWhere(db, filters));
}

/** Mean of how many seconds later than expected these runs started, or haven't yet; null when there are none. */
export function meanLateness(db: Database, filters: RunFilters): Promise<number | null> {
  const { flow_run } = db.tables;
  return db.longRead(async () => {
    const lateness = latenessMicros(db, flow_run, now());
    const [row] = await db.orm
      .select({ mean: sql<number | null>`avg(${lateness})`.mapWith(Number) })
      .from(flow_run)
      .where(flowRunsWhere(db, filters));
    return row!.mean === null ? null : row!.mean / 1e6;
  });
}

/** As little of each run as a chart of them needs. */
export async function findFlowRunTimes(
  db: Database,
  filters: RunFilters,
  { sort, limit, offset }: Slice<FlowRunSort>,
) {
  const { flow_run } = db.tables;
  const { id, state_type, state_timestamp, start_time, expected_start_time, total_run_time } = flow_run;
  const rows = await db.longRead(async () =>
    db.orm
      .select({ id, state_type, state_timestamp, start_time, expected_start_time, total_run_time })
      .from(flow_run)
      .where(flowRunsWhere(db, filters))
      .orderBy(...flowRunSorts(db, sort))
      .limit(limit)
      .offset(offset),
  );
  const moment = now();
  return rows.map((run) => {
    const times = runTimes(run, moment);
    return {
      id: run.id,
      state_type: run.state_type,
      timestamp: run.start_time ?? run.expected_start_time,
      duration: times.estimated_run_time,
      lateness: times.estimated_start_time_delta,
    };
  });
}
