import { asc, eq } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { toState } from './row.ts';
import type { State } from './state.ts';

function selectFlowRunStates({ orm, tables: { artifact, flow_run_state } }: Database) {
  return orm
    .select({ state: flow_run_state, artifact: { data: artifact.data } })
    .from(flow_run_state)
    .leftJoin(artifact, eq(artifact.id, flow_run_state.result_artifact_id));
}

function selectTaskRunStates({ orm, tables: { artifact, task_run_state } }: Database) {
  return orm
    .select({ state: task_run_state, artifact: { data: artifact.data } })
    .from(task_run_state)
    .leftJoin(artifact, eq(artifact.id, task_run_state.result_artifact_id));
}

export async function readFlowRunState(db: Database, id: string): Promise<State | undefined> {
  const [row] = await selectFlowRunStates(db).where(eq(db.tables.flow_run_state.id, id));
  return row && toState(row.state, row.artifact);
}

/** All states of a flow run, oldest first. */
export async function findFlowRunStates(db: Database, flowRunId: string): Promise<State[]> {
  const { flow_run_state } = db.tables;
  const rows = await db.longRead(async () =>
    selectFlowRunStates(db)
      .where(eq(flow_run_state.flow_run_id, flowRunId))
      .orderBy(asc(flow_run_state.timestamp)),
  );
  return rows.map(({ state, artifact }) => toState(state, artifact));
}

export async function readTaskRunState(db: Database, id: string): Promise<State | undefined> {
  const [row] = await selectTaskRunStates(db).where(eq(db.tables.task_run_state.id, id));
  return row && toState(row.state, row.artifact);
}

/** All states of a task run, oldest first. */
export async function findTaskRunStates(db: Database, taskRunId: string): Promise<State[]> {
  const { task_run_state } = db.tables;
  const rows = await db.longRead(async () =>
    selectTaskRunStates(db)
      .where(eq(task_run_state.task_run_id, taskRunId))
      .orderBy(asc(task_run_state.timestamp)),
  );
  return rows.map(({ state, artifact }) => toState(state, artifact));
}
