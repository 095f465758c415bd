import { and, desc, eq, type SQL, sql } from 'drizzle-orm';
import type { Database, Tables } from '../../db/database.ts';
import { prepared } from '../../db/prepared.ts';
import { float } from '../../json/float.ts';
import type { DeploymentSchedule } from './schedule.ts';

export type DeploymentRow = Tables['deployment']['$inferSelect'];
export type GlobalLimitRow = Tables['concurrency_limit_v2']['$inferSelect'];

/** A deployment with what its answer needs from other tables. */
export interface JoinedDeployment {
  deployment: DeploymentRow;
  queue: { id: string; name: string } | null;
  pool: { id: string; name: string; type: string } | null;
  limit: GlobalLimitRow | null;
}

/** The columns and joins behind every answer that has deployments in it, the schedules aside. */
export function selectDeployments({ orm, tables }: Database) {
  const { concurrency_limit_v2, deployment, work_pool, work_queue } = tables;
  return orm
    .select({
      deployment,
      queue: { id: work_queue.id, name: work_queue.name },
      pool: { id: work_pool.id, name: work_pool.name, type: work_pool.type },
      limit: concurrency_limit_v2,
    })
    .from(deployment)
    .leftJoin(work_queue, eq(work_queue.id, deployment.work_queue_id))
    .leftJoin(work_pool, eq(work_pool.id, work_queue.work_pool_id))
    .leftJoin(concurrency_limit_v2, eq(concurrency_limit_v2.id, deployment.concurrency_limit_id));
}

export type Deployment = ReturnType<typeof toDeployment>;

/** A deployment as it goes over the wire (Prefect's DeploymentResponse). */
export function toDeployment(
  { deployment, queue, pool, limit }: JoinedDeployment,
  schedules: DeploymentSchedule[],
) {
  return {
    id: deployment.id,
    created: deployment.created,
    updated: deployment.updated,
    name: deployment.name,
    version: deployment.version,
    description: deployment.description,
    flow_id: deployment.flow_id,
    paused: deployment.paused,
    schedules,
    /** Prefect answers null for ever, since there are global limits. */
    concurrency_limit: null,
    global_concurrency_limit: limit && toGlobalLimit(limit),
    concurrency_options: deployment.concurrency_options && optionsAnswer(deployment.concurrency_options),
    job_variables: deployment.infra_overrides,
    parameters: deployment.parameters,
    tags: deployment.tags,
    labels: deployment.labels ?? {},
    work_queue_name: queue?.name ?? deployment.work_queue_name,
    work_queue_id: queue?.id ?? deployment.work_queue_id,
    last_polled: deployment.last_polled,
    parameter_openapi_schema: deployment.parameter_openapi_schema,
    path: deployment.path,
    pull_steps: deployment.pull_steps,
    entrypoint: deployment.entrypoint,
    storage_document_id: deployment.storage_document_id,
    infrastructure_document_id: deployment.infrastructure_document_id,
    created_by: deployment.created_by,
    updated_by: deployment.updated_by,
    work_pool_name: pool?.name ?? null,
    status: deployment.status,
    enforce_parameter_schema: deployment.enforce_parameter_schema,
  };
}

function toGlobalLimit(limit: GlobalLimitRow) {
  const { id, created, updated, active, name, limit: most, active_slots, slot_decay_per_second } = limit;
  const decay = float(slot_decay_per_second);
  return { id, created, updated, active, name, limit: most, active_slots, slot_decay_per_second: decay };
}

/** Rows of older releases lack the grace period. */
function optionsAnswer(options: Record<string, unknown>) {
  return {
    collision_strategy: options['collision_strategy'],
    grace_period_seconds: options['grace_period_seconds'] ?? null,
  };
}

/** One row a schedule, in one statement: a worker reads the deployment of each run twice. */
function selectWithSchedules({ orm, tables }: Database, where: SQL | undefined) {
  const { concurrency_limit_v2, deployment, deployment_schedule, flow, work_pool, work_queue } = tables;
  return orm
    .select({
      deployment,
      queue: { id: work_queue.id, name: work_queue.name },
      pool: { id: work_pool.id, name: work_pool.name, type: work_pool.type },
      limit: concurrency_limit_v2,
      schedule: deployment_schedule,
    })
    .from(deployment)
    .innerJoin(flow, eq(flow.id, deployment.flow_id))
    .leftJoin(work_queue, eq(work_queue.id, deployment.work_queue_id))
    .leftJoin(work_pool, eq(work_pool.id, work_queue.work_pool_id))
    .leftJoin(concurrency_limit_v2, eq(concurrency_limit_v2.id, deployment.concurrency_limit_id))
    .leftJoin(deployment_schedule, eq(deployment_schedule.deployment_id, deployment.id))
    .where(where)
    .orderBy(desc(deployment_schedule.updated));
}

const byId = prepared((db) =>
  selectWithSchedules(db, eq(db.tables.deployment.id, sql.placeholder('id'))).prepare('deployment_by_id'),
);

const byName = prepared((db) => {
  const { deployment, flow } = db.tables;
  const where = and(
    eq(flow.name, sql.placeholder('flow_name')),
    eq(deployment.name, sql.placeholder('name')),
  );
  return selectWithSchedules(db, where).prepare('deployment_by_name');
});

type Row = JoinedDeployment & { schedule: DeploymentSchedule | null };

function fromRows(rows: Row[]): { joined: JoinedDeployment; schedules: DeploymentSchedule[] } | undefined {
  const [joined] = rows;
  if (!joined) return undefined;
  return { joined, schedules: rows.flatMap(({ schedule }) => schedule ?? []) };
}

/** The deployment as its tables have it. */
async function readJoinedDeployment(db: Database, id: string) {
  return fromRows(await byId(db).execute({ id }));
}

export async function readDeployment(db: Database, id: string): Promise<Deployment | undefined> {
  const found = await readJoinedDeployment(db, id);
  return found && toDeployment(found.joined, found.schedules);
}

export async function readDeploymentByName(
  db: Database,
  flow_name: string,
  name: string,
): Promise<Deployment | undefined> {
  const found = fromRows(await byName(db).execute({ flow_name, name }));
  return found && toDeployment(found.joined, found.schedules);
}
