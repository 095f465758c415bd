import { eq, type SQL, sql } from 'drizzle-orm';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';
import type { Database } from '../../db/database.ts';
import { placeholders } from '../../db/placeholders.ts';
import { prepared } from '../../db/prepared.ts';
import type { FlowRunRow } from './flow-run.ts';
import type { FlowRunSurroundings } from './lock.ts';

const COLUMNS = [
  'id',
  'created',
  'updated',
  'name',
  'flow_id',
  'deployment_id',
  'deployment_version',
  'work_queue_id',
  'work_queue_name',
  'flow_version',
  'parameters',
  'idempotency_key',
  'context',
  'empirical_policy',
  'tags',
  'labels',
  'parent_task_run_id',
  'infrastructure_document_id',
  'created_by',
  'job_variables',
] as const;

export type NewFlowRun = Pick<FlowRunRow, (typeof COLUMNS)[number]>;

type FlowColumns = NonNullable<FlowRunSurroundings['flow']> & { labels: FlowRunRow['labels'] };

const insertion = prepared(({ orm, tables: { flow, flow_run } }) => {
  const flowId = sql.param(sql.placeholder('flow_id'), flow_run.flow_id);
  const ofFlow = (column: AnyPgColumn) =>
    sql`(select f.${sql.identifier(column.name)} from ${flow} f where f.id = ${flowId})`.mapWith(column);
  return orm
    .insert(flow_run)
    .values(placeholders(flow_run, COLUMNS))
    .onConflictDoNothing({ target: [flow_run.flow_id, flow_run.idempotency_key] })
    .returning({
      id: flow_run.flow_id,
      name: ofFlow(flow.name) as SQL<string>,
      tags: ofFlow(flow.tags) as SQL<string[]>,
      labels: ofFlow(flow.labels) as SQL<FlowRunRow['labels']>,
    })
    .prepare('insert_flow_run');
});

/**
 * Inserts the run, and gives back its flow in the same statement; undefined, and nothing done, when the flow has a run
 * of this idempotency key.
 */
export async function insertFlowRun(db: Database, run: NewFlowRun): Promise<FlowColumns | undefined> {
  const [flow] = await insertion(db).execute({ ...run });
  return flow;
}

const labelsUpdate = prepared(({ orm, tables: { flow_run } }) =>
  orm
    .update(flow_run)
    .set(placeholders(flow_run, ['labels']))
    .where(eq(flow_run.id, sql.placeholder('id')))
    .prepare('update_flow_run_labels'),
);

export function setFlowRunLabels(db: Database, id: string, labels: FlowRunRow['labels']) {
  return labelsUpdate(db).execute({ id, labels });
}

const surroundings = prepared(({ orm, tables }) => {
  const { deployment, flow, task_run, task_run_state, work_pool, work_queue } = tables;
  return orm
    .select({
      deployment,
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
    .where(eq(flow.id, sql.placeholder('flow_id')))
    .prepare('flow_run_surroundings');
});

/** What a run that is going to be inserted refers to; undefined when there is no such flow. */
export async function readSurroundings(
  db: Database,
  { flow_id, deployment_id, work_queue_id, parent_task_run_id }: NewFlowRun,
) {
  const ids = { flow_id, deployment_id, work_queue_id, parent_task_run_id };
  const [row] = await surroundings(db).execute(ids);
  return row;
}
