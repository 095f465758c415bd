import { eq, sql } from 'drizzle-orm';
import type { Database, Tables } from '../../db/database.ts';
import { prepared } from '../../db/prepared.ts';
import type { Timestamp } from '../../time/timestamp.ts';
import { lockRun } from '../run/lock.ts';
import type { FlowRunStateRow, ResultColumns } from '../run/row.ts';
import { latestTimestamp, ofFlowRuns, ofTaskRuns } from '../run/timestamps.ts';
import type { TaskRunRow } from '../task-run/task-run.ts';
import type { FlowRunRow } from './flow-run.ts';

type FlowColumns = Pick<Tables['flow']['$inferSelect'], 'id' | 'name' | 'tags'>;
type DeploymentColumns = Pick<
  Tables['deployment']['$inferSelect'],
  'id' | 'name' | 'tags' | 'concurrency_limit_id' | 'concurrency_options'
>;

/** What stands around a flow run: the related resources of its events, and the task run that it is in its caller. */
export interface FlowRunSurroundings {
  flow: FlowColumns | null;
  deployment: DeploymentColumns | null;
  queue: { id: string; name: string } | null;
  pool: { id: string; name: string; type: string } | null;
  parent: TaskRunRow | null;
  /** The youngest state of that task run. */
  parentLatest: Timestamp | null;
}

export interface LockedFlowRun extends FlowRunSurroundings {
  run: FlowRunRow;
  state: FlowRunStateRow | null;
  artifact: ResultColumns | null;
  /** The youngest state of the run: the current one, unless clocks disagree. */
  latest: Timestamp | null;
}

const query = prepared((db) => {
  const { dialect, orm, tables } = db;
  const { artifact, deployment, flow, flow_run, flow_run_state, task_run, work_pool, work_queue } = tables;
  const select = orm
    .select({
      run: flow_run,
      state: flow_run_state,
      artifact: { data: artifact.data },
      flow: { id: flow.id, name: flow.name, tags: flow.tags },
      deployment: {
        id: deployment.id,
        name: deployment.name,
        tags: deployment.tags,
        concurrency_limit_id: deployment.concurrency_limit_id,
        concurrency_options: deployment.concurrency_options,
      },
      queue: { id: work_queue.id, name: work_queue.name },
      pool: { id: work_pool.id, name: work_pool.name, type: work_pool.type },
      parent: task_run,
      latest: latestTimestamp(ofFlowRuns(tables), flow_run.id),
      parentLatest: latestTimestamp(ofTaskRuns(tables), flow_run.parent_task_run_id),
    })
    .from(flow_run)
    .leftJoin(flow_run_state, eq(flow_run_state.id, flow_run.state_id))
    .leftJoin(artifact, eq(artifact.id, flow_run_state.result_artifact_id))
    .leftJoin(flow, eq(flow.id, flow_run.flow_id))
    .leftJoin(deployment, eq(deployment.id, flow_run.deployment_id))
    .leftJoin(work_queue, eq(work_queue.id, flow_run.work_queue_id))
    .leftJoin(work_pool, eq(work_pool.id, work_queue.work_pool_id))
    .leftJoin(task_run, eq(task_run.id, flow_run.parent_task_run_id))
    .where(eq(flow_run.id, sql.placeholder('id')));
  return dialect.lockRows(select, flow_run).prepare('lock_flow_run');
});

/** Reads a flow run with all that a change of its state needs, and keeps others from changing it until the transaction ends. */
export function lockFlowRun(db: Database, id: string): Promise<LockedFlowRun | undefined> {
  return lockRun(() => query(db).execute({ id }));
}
