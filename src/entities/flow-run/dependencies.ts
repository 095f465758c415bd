import { eq } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { now } from '../../time/timestamp.ts';
import { selectTaskRuns, toTaskRun } from '../task-run/task-run.ts';
import { readFlowRun } from './flow-run.ts';

/** The task runs of a flow run, each with what went into it; undefined when there is no such flow run. */
export async function readDependencies(db: Database, flowRunId: string) {
  if (!(await readFlowRun(db, flowRunId))) return undefined;
  const { task_run } = db.tables;
  const rows = await db.longRead(async () =>
    selectTaskRuns(db).where(eq(task_run.flow_run_id, flowRunId)).orderBy(task_run.id),
  );
  const moment = now();
  return rows.map((row) => {
    const run = toTaskRun(row, moment);
    return {
      id: run.id,
      name: run.name,
      upstream_dependencies: distinct(Object.values(run.task_inputs).flat()),
      state: run.state,
      expected_start_time: run.expected_start_time,
      start_time: run.start_time,
      end_time: run.end_time,
      total_run_time: run.total_run_time,
      estimated_run_time: run.estimated_run_time,
      untrackable_result: run.state?.state_details.untrackable_result ?? false,
    };
  });
}

function distinct(inputs: unknown[]): unknown[] {
  return [...new Map(inputs.map((input) => [JSON.stringify(input), input])).values()];
}
