import { eq, getTableColumns, sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { IntegrityError } from '../../db/errors.ts';
import { prepared } from '../../db/prepared.ts';
import type { State } from '../run/state.ts';
import { stateRow } from '../run/write.ts';
import type { FlowRunRow } from './flow-run.ts';

/** What a new run is made of; the rest follows from its state. */
export type NewFlowRun = Pick<
  FlowRunRow,
  | 'id'
  | 'created'
  | 'updated'
  | 'name'
  | 'flow_id'
  | 'deployment_id'
  | 'deployment_version'
  | 'work_queue_id'
  | 'work_queue_name'
  | 'flow_version'
  | 'parameters'
  | 'idempotency_key'
  | 'context'
  | 'empirical_policy'
  | 'tags'
  | 'labels'
  | 'parent_task_run_id'
  | 'infrastructure_document_id'
  | 'created_by'
  | 'job_variables'
>;

const surroundings = prepared(({ orm, tables }) => {
  const { block_document, deployment, flow, task_run, task_run_state, work_pool, work_queue } = tables;
  return orm
    .select({
      flow: { id: flow.id, name: flow.name, tags: flow.tags, labels: flow.labels },
      deployment,
      infrastructure: { id: block_document.id },
      queue: { id: work_queue.id, name: work_queue.name },
      pool: { id: work_pool.id, name: work_pool.name, type: work_pool.type },
      parent: task_run,
      parentLatest:
        sql`(select max(s.timestamp) from ${task_run_state} s where s.task_run_id = ${task_run.id})`.mapWith(
          task_run_state.timestamp,
        ),
    })
    .from(flow)
    .leftJoin(deployment, eq(deployment.id, sql.placeholder('deployment_id')))
    .leftJoin(work_queue, eq(work_queue.id, sql.placeholder('work_queue_id')))
    .leftJoin(work_pool, eq(work_pool.id, work_queue.work_pool_id))
    .leftJoin(task_run, eq(task_run.id, sql.placeholder('parent_task_run_id')))
    .leftJoin(block_document, eq(block_document.id, sql.placeholder('infrastructure_document_id')))
    .where(eq(flow.id, sql.placeholder('flow_id')))
    .prepare('flow_run_surroundings');
});

/**
 * What a run that is going to be inserted refers to. SQLite itself would find out only when the transaction commits.
 * @throws IntegrityError when it isn't there
 */
export async function readSurroundings(db: Database, run: NewFlowRun) {
  const { flow_id, deployment_id, work_queue_id, parent_task_run_id, infrastructure_document_id } = run;
  const ids = { flow_id, deployment_id, work_queue_id, parent_task_run_id, infrastructure_document_id };
  const [row] = await surroundings(db).execute(ids);
  if (!row) throw new IntegrityError('foreign_key', 'flow_run.flow_id');
  const isMissing =
    (work_queue_id && !row.queue) ||
    (parent_task_run_id && !row.parent) ||
    (infrastructure_document_id && !row.infrastructure);
  if (isMissing) throw new IntegrityError('foreign_key', 'flow_run');
  return row;
}

/**
 * Inserts the run with its first state. False, and nothing done, when the flow has a run of this idempotency key.
 */
export async function insertFlowRun(
  db: Database,
  run: FlowRunRow,
  state: State,
  result_artifact_id: string | null,
): Promise<boolean> {
  const { flow_run, flow_run_state } = db.tables;
  // All columns in one order, whoever made the run: the statement's text stays the same.
  const row = Object.fromEntries(
    Object.keys(getTableColumns(flow_run)).map((name) => [name, run[name as keyof FlowRunRow]]),
  );
  const inserted = await db.insertPairs({
    first: { table: flow_run, rows: [row] },
    second: {
      table: flow_run_state,
      rows: [{ ...stateRow(state, result_artifact_id), flow_run_id: run.id }],
    },
    by: flow_run_state.flow_run_id,
  });
  return inserted.length > 0;
}
