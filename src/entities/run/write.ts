import { randomUUID } from 'node:crypto';
import { and, eq, sql } from 'drizzle-orm';
import type { Database, Tables } from '../../db/database.ts';
import { placeholders } from '../../db/placeholders.ts';
import { prepared } from '../../db/prepared.ts';
import { now, type Timestamp } from '../../time/timestamp.ts';
import type { FlowRunRow } from '../flow-run/flow-run.ts';
import type { TaskRunRow } from '../task-run/task-run.ts';
import type { State } from './state.ts';

type ArtifactRow = Tables['artifact']['$inferInsert'];

/** The columns that a change of state may change. */
const RUN_COLUMNS = [
  'state_id',
  'state_type',
  'state_name',
  'state_timestamp',
  'run_count',
  'expected_start_time',
  'next_scheduled_start_time',
  'start_time',
  'end_time',
  'total_run_time',
  'updated',
] as const;
const FLOW_RUN_COLUMNS = [...RUN_COLUMNS, 'empirical_policy'] as const;
const TASK_RUN_COLUMNS = [...RUN_COLUMNS, 'flow_run_run_count'] as const;

const STATE_COLUMNS = [
  'id',
  'created',
  'updated',
  'type',
  'timestamp',
  'name',
  'message',
  'state_details',
  'result_artifact_id',
] as const;

const flowRunStateInsert = prepared(({ orm, tables: { flow_run_state: table } }) =>
  orm
    .insert(table)
    .values(placeholders(table, [...STATE_COLUMNS, 'flow_run_id']))
    .prepare('insert_flow_run_state'),
);

const taskRunStateInsert = prepared(({ orm, tables: { task_run_state: table } }) =>
  orm
    .insert(table)
    .values(placeholders(table, [...STATE_COLUMNS, 'task_run_id']))
    .prepare('insert_task_run_state'),
);

const flowRunUpdate = prepared(({ orm, tables: { flow_run } }) =>
  orm
    .update(flow_run)
    .set(placeholders(flow_run, FLOW_RUN_COLUMNS))
    .where(eq(flow_run.id, sql.placeholder('id')))
    .prepare('update_flow_run_state'),
);

const taskRunUpdate = prepared(({ orm, tables: { task_run } }) =>
  orm
    .update(task_run)
    .set(placeholders(task_run, TASK_RUN_COLUMNS))
    .where(
      and(
        eq(task_run.id, sql.placeholder('id')),
        sql`${task_run.state_id} is not distinct from ${sql.placeholder('read_state_id')}`,
      ),
    )
    .returning({ id: task_run.id })
    .prepare('update_task_run_state'),
);

type Draft<Row, Columns extends readonly string[]> = Pick<Row, Columns[number] & keyof Row>;
export type FlowRunDraftColumns = Omit<Draft<FlowRunRow, typeof FLOW_RUN_COLUMNS>, 'state_id' | 'updated'>;
export type TaskRunDraftColumns = Omit<Draft<TaskRunRow, typeof TASK_RUN_COLUMNS>, 'state_id' | 'updated'>;

export function insertFlowRunState(db: Database, id: string, state: State, artifactId: string | null) {
  return flowRunStateInsert(db).execute({ ...stateRow(state, artifactId), flow_run_id: id });
}

export function insertTaskRunState(db: Database, id: string, state: State, artifactId: string | null) {
  return taskRunStateInsert(db).execute({ ...stateRow(state, artifactId), task_run_id: id });
}

export function updateFlowRunState(
  db: Database,
  id: string,
  draft: FlowRunDraftColumns,
  state_id: string | null,
  updated: Timestamp,
) {
  return flowRunUpdate(db).execute({ ...draft, id, state_id, updated });
}

/** False, and nothing done, when the run has meanwhile come to another state than `readStateId`. */
export async function updateTaskRunState(
  db: Database,
  id: string,
  draft: TaskRunDraftColumns,
  state_id: string | null,
  readStateId: string | null,
  updated: Timestamp,
): Promise<boolean> {
  const values = { ...draft, id, state_id, read_state_id: readStateId, updated };
  return (await taskRunUpdate(db).execute(values)).length > 0;
}

export function stateRow(state: State, result_artifact_id: string | null) {
  const { data: _, ...row } = state;
  const moment = now();
  return { ...row, created: moment, updated: moment, result_artifact_id };
}

/** The artifacts that hold the results of states. */
export async function insertResults(db: Database, results: ResultArtifact[]): Promise<void> {
  if (results.length === 0) return;
  const created = now();
  const rows: ArtifactRow[] = results.map((result) => ({ ...result, created, updated: created }));
  await db.insertMany(db.tables.artifact, rows);
}

/** Of a state that was not written after all. */
export function deleteResult(db: Database, id: string) {
  return db.orm.delete(db.tables.artifact).where(eq(db.tables.artifact.id, id));
}

export type ResultArtifact = Required<
  Pick<ArtifactRow, 'id' | 'key' | 'type' | 'description' | 'data' | 'flow_run_id' | 'task_run_id'>
>;

export function insertCachedState(
  db: Database,
  cache_key: string,
  cache_expiration: Timestamp | null,
  task_run_state_id: string,
) {
  const created = now();
  return db.orm
    .insert(db.tables.task_run_state_cache)
    .values({ id: randomUUID(), created, updated: created, cache_key, cache_expiration, task_run_state_id });
}
