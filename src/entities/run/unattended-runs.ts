import { and, asc, eq, gt, gte, inArray, isNotNull, lte, ne, or, type SQL, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Database } from '../../db/database.ts';
import { parseTimestamp, type Timestamp } from '../../time/timestamp.ts';
import { STATE_TYPES, TERMINAL_TYPES } from './state.ts';

/** Runs that nobody attends to, found for background work a page at a time: however many there are, few are in memory. */
type Pages<Row> = AsyncGenerator<Row[]>;

const PAGE = 200;

const LIVE_TYPES = STATE_TYPES.filter((type) => !TERMINAL_TYPES.includes(type));

async function* pages<Row>(read: (last: Row | undefined) => Promise<Row[]>): Pages<Row> {
  for (let last: Row | undefined; ; ) {
    const page = await read(last);
    if (page.length > 0) yield page;
    if (page.length < PAGE) return;
    last = page.at(-1);
  }
}

/** Flow runs that are still Scheduled though their time was at `before` or earlier, the oldest first. */
export function overdueFlowRuns(
  db: Database,
  before: Timestamp,
): Pages<{ id: string; time: Timestamp | null }> {
  const { dialect, orm, tables } = db;
  const { flow_run: run } = tables;
  const time = run.next_scheduled_start_time;
  return pages((last) => {
    // The first half lets the index begin where the last page ended.
    const after = last && and(gte(time, last.time!), or(gt(time, last.time!), gt(run.id, last.id)));
    return db.longRead(async () =>
      orm
        .select({ id: run.id, time })
        .from(run)
        .where(
          and(
            lte(time, before),
            // A run that isn't scheduled any more has no such time; those to come are the many.
            sql`${dialect.unselective(run.state_type)} = 'SCHEDULED'`,
            sql`${dialect.unselective(run.state_name)} = 'Scheduled'`,
            after,
          ),
        )
        .orderBy(asc(time), asc(run.id))
        .limit(PAGE),
    );
  });
}

/** Paused flow runs, with the moment until which they wait. */
export function pausedFlowRuns(db: Database): Pages<{ id: string; timeout: Timestamp | null }> {
  const { dialect, orm, tables } = db;
  const { flow_run: run, flow_run_state: state } = tables;
  const timeout = dialect.jsonField(state.state_details, 'pause_timeout');
  return pages(async (last) => {
    const rows = await db.longRead(async () =>
      orm
        .select({ id: run.id, timeout })
        .from(run)
        .innerJoin(state, eq(state.id, run.state_id))
        .where(and(eq(run.state_type, 'PAUSED'), last && gt(run.id, last.id)))
        .orderBy(asc(run.id))
        .limit(PAGE),
    );
    return rows.map(({ id, timeout }) => ({ id, timeout: timeout && parseTimestamp(timeout) }));
  });
}

/** Flow runs that have been CANCELLING since `before` or earlier. */
export function stuckCancellingFlowRuns(
  db: Database,
  before: Timestamp,
): Pages<{ id: string; state_id: string | null }> {
  const { flow_run: run } = db.tables;
  return pages((last) =>
    db.longRead(async () =>
      db.orm
        .select({ id: run.id, state_id: run.state_id })
        .from(run)
        .where(
          and(
            eq(run.state_type, 'CANCELLING'),
            lte(db.dialect.unselective(run.state_timestamp), db.dialect.timestampValue(before)),
            last && gt(run.id, last.id),
          ),
        )
        .orderBy(asc(run.id))
        .limit(PAGE),
    ),
  );
}

/** Task runs that have not ended, of flow runs that were cancelled at `since` or later. */
export function taskRunsOfCancelledFlowRuns(db: Database, since: Timestamp): Pages<{ id: string }> {
  const { flow_run: flowRun, task_run: taskRun } = db.tables;
  return pages((last) =>
    db.longRead(async () =>
      db.orm
        .select({ id: taskRun.id })
        .from(taskRun)
        .innerJoin(flowRun, eq(flowRun.id, taskRun.flow_run_id))
        .where(
          and(
            inArray(taskRun.state_type, LIVE_TYPES),
            // Begin at the task runs that have not ended: they are few, where all runs of a day may be many.
            eq(db.dialect.unselective(flowRun.state_type), 'CANCELLED'),
            gte(db.dialect.unselective(flowRun.end_time), db.dialect.timestampValue(since)),
            last && gt(taskRun.id, last.id),
          ),
        )
        .orderBy(asc(taskRun.id))
        .limit(PAGE),
    ),
  );
}

/** Flow runs that have not ended though the one that called them was cancelled; those with infrastructure of their own but once. */
export function subflowRunsOfCancelledFlowRuns(db: Database): Pages<{ id: string }> {
  const { orm, tables, dialect } = db;
  const { flow_run: run, task_run: parentTask } = tables;
  const caller = alias(run, 'caller');
  return pages((last) =>
    db.longRead(async () =>
      orm
        .select({ id: run.id })
        .from(run)
        .innerJoin(parentTask, eq(parentTask.id, run.parent_task_run_id))
        .innerJoin(caller, eq(caller.id, parentTask.flow_run_id))
        .where(
          and(
            inArray(run.state_type, LIVE_TYPES),
            isNotNull(dialect.unselective(run.parent_task_run_id)),
            eq(dialect.unselective(caller.state_type), 'CANCELLED'),
            // What is cancelling is its worker's to end.
            or(ne(run.state_type, 'CANCELLING'), sql`${run.deployment_id} is null`) as SQL,
            last && gt(run.id, last.id),
          ),
        )
        .orderBy(asc(run.id))
        .limit(PAGE),
    ),
  );
}
