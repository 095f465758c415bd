import { and, count, eq, gte, isNotNull, lt, sql } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { fromMicros, now, type Timestamp, toMicros } from '../time/timestamp.ts';
import { type RunFilters, taskRunsWhere } from './filters/related.ts';
import { TERMINAL_TYPES } from './run/state.ts';

/** The number of deployments of each flow, 0 included. */
export async function countDeploymentsByFlow(
  db: Database,
  flowIds: string[],
): Promise<Record<string, number>> {
  const { deployment } = db.tables;
  const rows = await db.longRead(async () =>
    db.orm
      .select({ id: deployment.flow_id, count: count() })
      .from(deployment)
      .where(db.dialect.isIn(deployment.flow_id, flowIds))
      .groupBy(deployment.flow_id),
  );
  return byId(flowIds, rows, ({ count }) => count, 0);
}

/** The number of task runs of each flow run, those that stand for a subflow left out. */
export async function countTaskRunsByFlowRun(
  db: Database,
  flowRunIds: string[],
): Promise<Record<string, number>> {
  const { task_run, flow_run } = db.tables;
  const rows = await db.longRead(async () =>
    db.orm
      .select({ id: task_run.flow_run_id, count: count() })
      .from(task_run)
      .where(
        and(
          db.dialect.isIn(task_run.flow_run_id, flowRunIds),
          sql`not exists (select 1 from ${flow_run} where ${flow_run.parent_task_run_id} = ${task_run.id})`,
        ),
      )
      .groupBy(task_run.flow_run_id),
  );
  return byId(flowRunIds, rows, ({ count }) => count, 0);
}

/** The scheduled run of each flow that comes first; null for a flow without one. */
export async function nextRunsByFlow(db: Database, flowIds: string[]) {
  const { flow_run: run } = db.tables;
  const scheduled = and(
    db.dialect.isIn(run.flow_id, flowIds),
    eq(run.state_type, 'SCHEDULED'),
    isNotNull(run.next_scheduled_start_time),
  );
  const first = sql`select id from (
    select ${run.id} as id,
      row_number() over (partition by ${run.flow_id} order by ${run.next_scheduled_start_time}, ${run.id}) as place
    from ${run} where ${scheduled}) as ranked where place = 1`;
  const { id, flow_id, name, state_name, state_type, next_scheduled_start_time } = run;
  const rows = await db.longRead(async () =>
    db.orm
      .select({ id, flow_id, name, state_name, state_type, next_scheduled_start_time })
      .from(run)
      .where(sql`${run.id} in (${first})`),
  );
  return byId(
    flowIds,
    rows.map((next) => ({ id: next.flow_id, next })),
    ({ next }) => next,
    null,
  );
}

function byId<Row extends { id: string | null }, Value, None>(
  ids: string[],
  rows: Row[],
  pick: (row: Row) => Value,
  none: None,
): Record<string, Value | None> {
  const found = new Map(rows.map((row) => [row.id, pick(row)]));
  return Object.fromEntries(ids.map((id) => [id, found.get(id) ?? none]));
}

const BUCKETS = 20;

/** How many task runs ended well and badly, by when they started: the time since `after` in twenty equal parts. */
export async function countEndedTaskRuns(
  db: Database,
  after: Timestamp,
  before: Timestamp | null | undefined,
  filters: RunFilters,
): Promise<{ completed: number; failed: number }[]> {
  const buckets = Array.from({ length: BUCKETS }, () => ({ completed: 0, failed: 0 }));
  const start = `${after.slice(0, 17)}00.000000Z`;
  const end = `${(before ?? now()).slice(0, 17)}59.999999Z`;
  const width = Math.round((toMicros(end) - toMicros(start)) / BUCKETS);
  if (width <= 0) return buckets;
  const { task_run } = db.tables;
  const state = { type: { any_: [...TERMINAL_TYPES] } };
  const since = db.dialect.microsBetween(db.dialect.timestampValue(start), task_run.start_time);
  const where = and(
    gte(task_run.start_time, start),
    lt(task_run.start_time, fromMicros(toMicros(start) + BUCKETS * width)),
    taskRunsWhere(db, { ...filters, task_runs: { ...filters.task_runs, state } }),
  );
  const rows = await db.longRead(() =>
    db.execute<{ bucket: number; total: number; failed: number }>(sql`
      select ${since} / cast(${width} as bigint) as bucket,
        count(*) as total,
        count(case when ${task_run.state_type} in ('CRASHED', 'FAILED') then 1 end) as failed
      from ${task_run} where ${where} group by 1`),
  );
  for (const { bucket, total, failed } of rows) buckets[bucket] = { completed: total - failed, failed };
  return buckets;
}
