import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { Database, Tables } from '../../db/database.ts';
import { prepared } from '../../db/prepared.ts';
import { now, type Timestamp } from '../../time/timestamp.ts';
import { endLeasesOfFlowRuns } from '../concurrency/run-leases.ts';
import { flowRunPolicyAnswer } from '../run/policy.ts';
import { type FlowRunStateRow, type ResultColumns, runTimes, toState } from '../run/row.ts';

export type FlowRunRow = Tables['flow_run']['$inferSelect'];

/** A flow run with what its answer needs from other tables. */
export interface JoinedFlowRun {
  run: FlowRunRow;
  state: FlowRunStateRow | null;
  artifact: ResultColumns | null;
  queue: { id: string; name: string } | null;
  pool: { id: string; name: string } | null;
}

/** The select behind every answer that has flow runs in it; add conditions, order and limit, then `toFlowRun` each row. */
export function selectFlowRuns({ orm, tables }: Database) {
  const { artifact, flow_run, flow_run_state, work_pool, work_queue } = tables;
  return orm
    .select(joinedFlowRun(tables))
    .from(flow_run)
    .leftJoin(flow_run_state, eq(flow_run_state.id, flow_run.state_id))
    .leftJoin(artifact, eq(artifact.id, flow_run_state.result_artifact_id))
    .leftJoin(work_queue, eq(work_queue.id, flow_run.work_queue_id))
    .leftJoin(work_pool, eq(work_pool.id, work_queue.work_pool_id));
}

/**
 * The same of the runs of `ids` alone, a list that the database makes: what else a run has is joined to few. SQLite takes
 * the tables of a cross join in their order; it would read all runs to have them sorted.
 */
export function selectFlowRunsOf({ orm, tables }: Database, ids: SQL) {
  const { artifact, flow_run, flow_run_state, work_pool, work_queue } = tables;
  return orm
    .select(joinedFlowRun(tables))
    .from(sql`(${ids}) as page`)
    .crossJoin(flow_run)
    .leftJoin(flow_run_state, eq(flow_run_state.id, flow_run.state_id))
    .leftJoin(artifact, eq(artifact.id, flow_run_state.result_artifact_id))
    .leftJoin(work_queue, eq(work_queue.id, flow_run.work_queue_id))
    .leftJoin(work_pool, eq(work_pool.id, work_queue.work_pool_id))
    .where(sql`${flow_run.id} = page.id`);
}

const joinedFlowRun = ({ artifact, flow_run, flow_run_state, work_pool, work_queue }: Tables) => ({
  run: flow_run,
  state: flow_run_state,
  artifact: { data: artifact.data },
  queue: { id: work_queue.id, name: work_queue.name },
  pool: { id: work_pool.id, name: work_pool.name },
});

export type FlowRun = ReturnType<typeof toFlowRun>;

/** A flow run as it goes over the wire (Prefect's FlowRunResponse); `moment` is what its estimates are made for. */
export function toFlowRun({ run, state, artifact, queue, pool }: JoinedFlowRun, moment: Timestamp = now()) {
  return {
    id: run.id,
    created: run.created,
    updated: run.updated,
    name: run.name,
    flow_id: run.flow_id,
    state_id: run.state_id,
    deployment_id: run.deployment_id,
    deployment_version: run.deployment_version,
    work_queue_id: queue?.id ?? run.work_queue_id,
    work_queue_name: queue?.name ?? run.work_queue_name,
    flow_version: run.flow_version,
    parameters: run.parameters,
    idempotency_key: run.idempotency_key,
    context: run.context,
    empirical_policy: flowRunPolicyAnswer(run.empirical_policy),
    tags: run.tags,
    labels: run.labels ?? {},
    parent_task_run_id: run.parent_task_run_id,
    state_type: run.state_type,
    state_name: run.state_name,
    run_count: run.run_count,
    expected_start_time: run.expected_start_time,
    next_scheduled_start_time: run.next_scheduled_start_time,
    start_time: run.start_time,
    end_time: run.end_time,
    ...runTimes(run, moment),
    auto_scheduled: run.auto_scheduled,
    infrastructure_document_id: run.infrastructure_document_id,
    infrastructure_pid: run.infrastructure_pid,
    created_by: run.created_by,
    work_pool_id: pool?.id ?? null,
    work_pool_name: pool?.name ?? null,
    state: state && toState(state, artifact),
    job_variables: run.job_variables,
  };
}

const byId = prepared((db) =>
  selectFlowRuns(db)
    .where(eq(db.tables.flow_run.id, sql.placeholder('id')))
    .prepare('flow_run_by_id'),
);

const byIdempotencyKey = prepared((db) =>
  selectFlowRuns(db)
    .where(
      and(
        eq(db.tables.flow_run.flow_id, sql.placeholder('flow_id')),
        eq(db.tables.flow_run.idempotency_key, sql.placeholder('idempotency_key')),
      ),
    )
    .prepare('flow_run_by_idempotency_key'),
);

export async function readFlowRun(db: Database, id: string): Promise<FlowRun | undefined> {
  const [row] = await byId(db).execute({ id });
  return row && toFlowRun(row);
}

export async function readFlowRunByKey(
  db: Database,
  flow_id: string,
  idempotency_key: string,
): Promise<FlowRun | undefined> {
  const [row] = await byIdempotencyKey(db).execute({ flow_id, idempotency_key });
  return row && toFlowRun(row);
}

export type FlowRunChanges = Partial<
  Pick<
    FlowRunRow,
    | 'name'
    | 'flow_version'
    | 'parameters'
    | 'empirical_policy'
    | 'tags'
    | 'infrastructure_pid'
    | 'job_variables'
  >
>;

/** Writes the members that are given, null included. False when there is no such run. */
export async function updateFlowRun(db: Database, id: string, changes: FlowRunChanges): Promise<boolean> {
  const { flow_run } = db.tables;
  const rows = await db.orm
    .update(flow_run)
    .set({ ...changes, updated: now() })
    .where(eq(flow_run.id, id))
    .returning({ id: flow_run.id });
  return rows.length > 0;
}

/** Adds these labels to the ones that the run has. False when there is no such run. */
export function updateFlowRunLabels(
  db: Database,
  id: string,
  labels: NonNullable<FlowRunRow['labels']>,
): Promise<boolean> {
  const { flow_run } = db.tables;
  return db.transaction(async () => {
    const select = db.orm.select({ labels: flow_run.labels }).from(flow_run).where(eq(flow_run.id, id));
    const [current] = await db.dialect.lockRows(select, flow_run);
    if (!current) return false;
    await db.orm
      .update(flow_run)
      .set({ labels: { ...current.labels, ...labels }, updated: now() })
      .where(eq(flow_run.id, id));
    return true;
  });
}

/**
 * Their states and task runs go with them, by foreign key; their logs have none, and the slots that they hold come back.
 * Gives back the ids that there were.
 */
export function deleteFlowRuns(db: Database, ids: string[]): Promise<string[]> {
  const { flow_run, log } = db.tables;
  return db.transaction(async () => {
    await endLeasesOfFlowRuns(db, ids);
    const rows = await db.orm
      .delete(flow_run)
      .where(db.dialect.isIn(flow_run.id, ids))
      .returning({ id: flow_run.id });
    await db.orm.delete(log).where(db.dialect.isIn(log.flow_run_id, ids));
    return rows.map((row) => row.id);
  });
}
