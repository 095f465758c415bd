import { and, eq, isNull, type SQL, sql } from 'drizzle-orm';
import type { Database, Tables } from '../../db/database.ts';
import { prepared } from '../../db/prepared.ts';
import { now, type Timestamp } from '../../time/timestamp.ts';
import { endLeasesOfTaskRuns } from '../concurrency/run-leases.ts';
import { taskRunPolicyAnswer } from '../run/policy.ts';
import { type ResultColumns, runTimes, type TaskRunStateRow, toState } from '../run/row.ts';

export type TaskRunRow = Tables['task_run']['$inferSelect'];

/** A task run with what its answer needs from other tables. */
export interface JoinedTaskRun {
  run: TaskRunRow;
  state: TaskRunStateRow | null;
  artifact: ResultColumns | null;
}

/** The select behind every answer that has task runs in it; add conditions, order and limit, then `toTaskRun` each row. */
export function selectTaskRuns({ orm, tables }: Database) {
  const { artifact, task_run, task_run_state } = tables;
  return orm
    .select({ run: task_run, state: task_run_state, artifact: { data: artifact.data } })
    .from(task_run)
    .leftJoin(task_run_state, eq(task_run_state.id, task_run.state_id))
    .leftJoin(artifact, eq(artifact.id, task_run_state.result_artifact_id));
}

export type TaskRun = ReturnType<typeof toTaskRun>;

/** A task run as it goes over the wire; `moment` is what its estimates are made for. */
export function toTaskRun({ run, state, artifact }: JoinedTaskRun, moment: Timestamp = now()) {
  return {
    id: run.id,
    created: run.created,
    updated: run.updated,
    name: run.name,
    flow_run_id: run.flow_run_id,
    task_key: run.task_key,
    dynamic_key: run.dynamic_key,
    cache_key: run.cache_key,
    cache_expiration: run.cache_expiration,
    task_version: run.task_version,
    empirical_policy: taskRunPolicyAnswer(run.empirical_policy),
    tags: run.tags,
    labels: run.labels,
    state_id: run.state_id,
    task_inputs: run.task_inputs,
    state_type: run.state_type,
    state_name: run.state_name,
    run_count: run.run_count,
    flow_run_run_count: run.flow_run_run_count,
    expected_start_time: run.expected_start_time,
    next_scheduled_start_time: run.next_scheduled_start_time,
    start_time: run.start_time,
    end_time: run.end_time,
    ...runTimes(run, moment),
    state: state && toState(state, artifact),
  };
}

const byId = prepared((db) =>
  selectTaskRuns(db)
    .where(eq(db.tables.task_run.id, sql.placeholder('id')))
    .prepare('task_run_by_id'),
);

const byKey = prepared((db) =>
  keySelect(db, eq(db.tables.task_run.flow_run_id, sql.placeholder('flow_run_id'))),
);

/** PostgreSQL finds nothing by index where null has to equal null in one condition. */
const byKeyOfNoFlow = prepared((db) => keySelect(db, isNull(db.tables.task_run.flow_run_id)));

function keySelect(db: Database, ofFlow: SQL) {
  const { task_key, dynamic_key } = db.tables.task_run;
  return selectTaskRuns(db)
    .where(
      and(ofFlow, eq(task_key, sql.placeholder('task_key')), eq(dynamic_key, sql.placeholder('dynamic_key'))),
    )
    .limit(1)
    .prepare('task_run_by_key');
}

export async function readTaskRun(db: Database, id: string): Promise<TaskRun | undefined> {
  const [row] = await byId(db).execute({ id });
  return row && toTaskRun(row);
}

/** What makes a task run the same one as another within its flow run (or among those of no flow run). */
export type TaskRunKey = Pick<TaskRunRow, 'flow_run_id' | 'task_key' | 'dynamic_key'>;

export async function readTaskRunByKey(db: Database, key: TaskRunKey): Promise<TaskRun | undefined> {
  const query = key.flow_run_id === null ? byKeyOfNoFlow(db) : byKey(db);
  const [row] = await query.execute({ ...key });
  return row && toTaskRun(row);
}

/** False when there is no such run. */
export async function updateTaskRun(db: Database, id: string, changes: { name?: string }): Promise<boolean> {
  const { task_run } = db.tables;
  const rows = await db.orm
    .update(task_run)
    .set({ ...changes, updated: now() })
    .where(eq(task_run.id, id))
    .returning({ id: task_run.id });
  return rows.length > 0;
}

/** Its states go with it, by foreign key; its logs have none. False when there is no such run. */
export function deleteTaskRun(db: Database, id: string): Promise<boolean> {
  const { log, task_run } = db.tables;
  return db.transaction(async () => {
    await endLeasesOfTaskRuns(db, [id]);
    const rows = await db.orm.delete(task_run).where(eq(task_run.id, id)).returning({ id: task_run.id });
    if (rows.length > 0) await db.orm.delete(log).where(eq(log.task_run_id, id));
    return rows.length > 0;
  });
}
