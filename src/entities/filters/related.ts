import { and, type Column, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import {
  type ArtifactCollectionFilter,
  type ArtifactFilter,
  artifactCollectionFilter,
  artifactFilter,
} from './artifact.ts';
import { type DeploymentFilter, deploymentFilter } from './deployment.ts';
import { type FlowFilter, flowFilter } from './flow.ts';
import { type FlowRunFilter, flowRunFilter } from './flow-run.ts';
import { type TaskRunFilter, taskRunFilter } from './task-run.ts';
import { type WorkPoolFilter, type WorkQueueFilter, workPoolFilter, workQueueFilter } from './work-pool.ts';

/**
 * Filters of everything around a run, as one request has them. One that is there but empty still asks for a related
 * row to exist.
 */
export interface RunFilters {
  flows?: FlowFilter | null;
  flow_runs?: FlowRunFilter | null;
  task_runs?: TaskRunFilter | null;
  deployments?: DeploymentFilter | null;
  work_pools?: WorkPoolFilter | null;
  work_pool_queues?: WorkQueueFilter | null;
}

/** Flows that match, that have a deployment that matches, and a run that matches together with its task runs. */
export function flowsWhere(db: Database, filters: RunFilters): SQL | undefined {
  const { flow, deployment, flow_run, work_queue } = db.tables;
  const { flows, flow_runs, task_runs, deployments, work_pools } = filters;
  const ofFlow = (key: Column, condition: SQL | undefined): SQL =>
    sql`exists (select 1 from ${key.table} where ${and(sql`${key} = ${flow.id}`, condition)})`;
  return and(
    flowFilter(db, flows),
    deployments || work_pools
      ? ofFlow(
          deployment.flow_id,
          and(
            deploymentFilter(db, deployments),
            work_pools
              ? pointsTo(deployment.work_queue_id, work_queue.id, inWorkPools(db, { work_pools }))
              : undefined,
          ),
        )
      : undefined,
    flow_runs || task_runs
      ? ofFlow(flow_run.flow_id, and(flowRunFilter(db, flow_runs), hasTaskRun(db, task_runs)))
      : undefined,
  );
}

/** Deployments that match and whose flow, work pool and queue match, with a run that matches together with its task runs. */
export function deploymentsWhere(db: Database, filters: RunFilters): SQL | undefined {
  const { deployment, flow, flow_run, work_queue } = db.tables;
  const { flows, flow_runs, task_runs, deployments, work_pools, work_pool_queues } = filters;
  return and(
    deploymentFilter(db, deployments),
    flows ? pointsTo(deployment.flow_id, flow.id, flowFilter(db, flows)) : undefined,
    flow_runs || task_runs
      ? sql`exists (select 1 from ${flow_run} where ${and(
          sql`${flow_run.deployment_id} = ${deployment.id}`,
          flowRunFilter(db, flow_runs),
          hasTaskRun(db, task_runs),
        )})`
      : undefined,
    work_pools || work_pool_queues
      ? pointsTo(deployment.work_queue_id, work_queue.id, inWorkPools(db, filters))
      : undefined,
  );
}

/** Flow runs that match and whose flow, deployment, work pool, queue and some task run match. */
export function flowRunsWhere(db: Database, filters: RunFilters): SQL | undefined {
  const { flow_run, flow, deployment, work_queue } = db.tables;
  const { flows, flow_runs, task_runs, deployments, work_pools, work_pool_queues } = filters;
  return and(
    flowRunFilter(db, flow_runs),
    deployments
      ? pointsTo(
          placeToBegin(db, flow_run.deployment_id, [deployments]),
          deployment.id,
          deploymentFilter(db, deployments),
        )
      : undefined,
    work_pools || work_pool_queues
      ? pointsTo(
          placeToBegin(db, flow_run.work_queue_id, [work_pools, work_pool_queues]),
          work_queue.id,
          inWorkPools(db, filters),
        )
      : undefined,
    flows ? pointsTo(placeToBegin(db, flow_run.flow_id, [flows]), flow.id, flowFilter(db, flows)) : undefined,
    hasTaskRun(db, task_runs),
  );
}

/** Task runs that match and whose flow run matches as above; without a filter around them they need no flow run. */
export function taskRunsWhere(db: Database, filters: RunFilters): SQL | undefined {
  const { task_run, flow_run } = db.tables;
  const { flows, flow_runs, task_runs, deployments, work_pools, work_pool_queues } = filters;
  const around = { flows, flow_runs, deployments, work_pools, work_pool_queues };
  return and(
    taskRunFilter(db, task_runs),
    Object.values(around).some(Boolean)
      ? pointsTo(
          placeToBegin(db, task_run.flow_run_id, Object.values(around)),
          flow_run.id,
          flowRunsWhere(db, around),
        )
      : undefined,
  );
}

/** Artifacts that match and whose flow run and task run match. */
export function artifactsWhere(
  db: Database,
  filters: RunFilters & { artifacts?: ArtifactFilter | null },
): SQL | undefined {
  return and(artifactFilter(db, filters.artifacts), madeIn(db, db.tables.artifact, filters));
}

export function artifactCollectionsWhere(
  db: Database,
  filters: RunFilters & { artifacts?: ArtifactCollectionFilter | null },
): SQL | undefined {
  return and(
    artifactCollectionFilter(db, filters.artifacts),
    madeIn(db, db.tables.artifact_collection, filters),
  );
}

function madeIn(
  db: Database,
  made: { flow_run_id: Column; task_run_id: Column },
  { flows, flow_runs, deployments, task_runs }: RunFilters,
): SQL | undefined {
  const { flow_run, task_run } = db.tables;
  const around = { flows, flow_runs, deployments };
  return and(
    Object.values(around).some(Boolean)
      ? pointsTo(
          placeToBegin(db, made.flow_run_id, Object.values(around)),
          flow_run.id,
          flowRunsWhere(db, around),
        )
      : undefined,
    task_runs
      ? pointsTo(placeToBegin(db, made.task_run_id, [task_runs]), task_run.id, taskRunFilter(db, task_runs))
      : undefined,
  );
}

function hasTaskRun(db: Database, filter: TaskRunFilter | null | undefined): SQL | undefined {
  if (!filter) return undefined;
  const { flow_run, task_run } = db.tables;
  const condition = taskRunFilter(db, filter);
  return condition
    ? sql`${flow_run.id} in (select ${task_run.flow_run_id} from ${task_run} where ${condition})`
    : sql`exists (select 1 from ${task_run} where ${task_run.flow_run_id} = ${flow_run.id})`;
}

/** The condition for queues: their own, and that of their pool. */
function inWorkPools(db: Database, { work_pools, work_pool_queues }: RunFilters): SQL | undefined {
  const { work_queue, work_pool } = db.tables;
  return and(
    workQueueFilter(db, work_pool_queues),
    work_pools ? pointsTo(work_queue.work_pool_id, work_pool.id, workPoolFilter(db, work_pools)) : undefined,
  );
}

/** Operators that leave out a few and keep the rest, as a rule. */
const KEEPS_MOST = new Set(['not_any_', 'is_null_', 'exists_', 'before_', 'eq_', 'ge_', 'le_']);

/** The column by whose index what points to the things found is found: none when most are found anyway. */
function placeToBegin(db: Database, column: Column, filters: (object | null | undefined)[]): SQLWrapper {
  return filters.every((one) => !one || keepsMost(one)) ? db.dialect.unselective(column) : column;
}

function keepsMost(filter: object): boolean {
  return Object.entries(filter).every(([name, value]) => {
    if (name === 'operator' || value === null || value === undefined || KEEPS_MOST.has(name)) return true;
    return typeof value === 'object' && !Array.isArray(value) && keepsMost(value);
  });
}

/**
 * Rows whose column points to a row that meets the condition. A list of keys instead of EXISTS, so that SQLite can
 * begin at the few rows that meet it and find what points to them by the column's index.
 */
function pointsTo(column: SQLWrapper, key: Column, condition: SQL | undefined): SQL {
  return condition
    ? sql`${column} in (select ${key} from ${key.table} where ${condition})`
    : sql`exists (select 1 from ${key.table} where ${key} = ${column})`;
}
