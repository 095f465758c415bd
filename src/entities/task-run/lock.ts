import { eq, sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { prepared } from '../../db/prepared.ts';
import type { Timestamp } from '../../time/timestamp.ts';
import { lockRun } from '../run/lock.ts';
import type { FlowRunStateRow, ResultColumns, TaskRunStateRow } from '../run/row.ts';
import { latestTimestamp, ofTaskRuns } from '../run/timestamps.ts';
import type { TaskRunRow } from './task-run.ts';

export interface LockedTaskRun {
  run: TaskRunRow;
  state: TaskRunStateRow | null;
  artifact: ResultColumns | null;
  /** The flow run that it belongs to, with what is asked about its state. */
  flowRun: { id: string; run_count: number } | null;
  flowRunState: Pick<FlowRunStateRow, 'type' | 'state_details'> | null;
  /** The youngest state of the run: the current one, unless clocks disagree. */
  latest: Timestamp | null;
}

const query = prepared((db) => {
  const { dialect, orm, tables } = db;
  const { artifact, flow_run, flow_run_state, task_run, task_run_state } = tables;
  const select = orm
    .select({
      run: task_run,
      state: task_run_state,
      artifact: { data: artifact.data },
      flowRun: { id: flow_run.id, run_count: flow_run.run_count },
      flowRunState: { type: flow_run_state.type, state_details: flow_run_state.state_details },
      latest: latestTimestamp(ofTaskRuns(tables), task_run.id),
    })
    .from(task_run)
    .leftJoin(task_run_state, eq(task_run_state.id, task_run.state_id))
    .leftJoin(artifact, eq(artifact.id, task_run_state.result_artifact_id))
    .leftJoin(flow_run, eq(flow_run.id, task_run.flow_run_id))
    .leftJoin(flow_run_state, eq(flow_run_state.id, flow_run.state_id))
    .where(eq(task_run.id, sql.placeholder('id')));
  return dialect.lockRows(select, task_run).prepare('lock_task_run');
});

/** Reads a task run with all that a change of its state needs, and keeps others from changing it until the transaction ends. */
export function lockTaskRun(db: Database, id: string): Promise<LockedTaskRun | undefined> {
  return lockRun(() => query(db).execute({ id }));
}
