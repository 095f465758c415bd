import { eq, sql } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { prepared } from '../db/prepared.ts';
import type { DeploymentRow } from '../entities/deployment/deployment.ts';
import { jobVariablesProblem } from '../entities/deployment/job-variables.ts';
import { hydrateParameters, NO_SCHEMA, parametersProblem } from '../entities/deployment/parameters.ts';
import type { StateProposal } from '../entities/run/state.ts';
import { ensureWorkQueue } from '../entities/work-pool/work-queue.ts';
import { JsonText } from '../json/json.ts';
import { HydrationError } from '../json/schema/hydrate.ts';
import { isObject } from '../json/schema/types.ts';
import { now } from '../time/timestamp.ts';
import type { FlowRunProposal } from './create-flow-run.ts';

/** What a client says of a run of a deployment; the rest is the deployment's. */
export interface DeploymentRunRequest {
  state: StateProposal | null;
  name: string | null;
  parameters: JsonText;
  enforce_parameter_schema: boolean | null;
  context: JsonText;
  infrastructure_document_id: string | null;
  empirical_policy: FlowRunProposal['empirical_policy'];
  tags: string[];
  idempotency_key: string | null;
  labels: FlowRunProposal['labels'];
  parent_task_run_id: string | null;
  work_queue_name: string | null;
  job_variables: JsonText | null;
}

export type CreatedBy = FlowRunProposal['created_by'];

export interface RunnableDeployment {
  deployment: DeploymentRow;
  queue: { id: string; name: string } | null;
  pool: { name: string; base_job_template: JsonText } | null;
}

/** No run was made; Prefect has other words for one of many. */
export class RefusedRun extends Error {
  readonly status: number;
  readonly amongMany: string;

  constructor(status: number, message: string, amongMany = message) {
    super(message);
    this.status = status;
    this.amongMany = amongMany;
  }
}

const byId = prepared(({ orm, tables: { deployment, work_pool, work_queue } }) =>
  orm
    .select({
      deployment,
      queue: { id: work_queue.id, name: work_queue.name },
      pool: { name: work_pool.name, base_job_template: work_pool.base_job_template },
    })
    .from(deployment)
    .leftJoin(work_queue, eq(work_queue.id, deployment.work_queue_id))
    .leftJoin(work_pool, eq(work_pool.id, work_queue.work_pool_id))
    .where(eq(deployment.id, sql.placeholder('id')))
    .prepare('deployment_to_run'),
);

export async function readRunnable(db: Database, id: string): Promise<RunnableDeployment | undefined> {
  const [found] = await byId(db).execute({ id });
  return found;
}

/**
 * What the run is made of: the deployment's, with the request's over it.
 * @throws RefusedRun
 */
export async function proposeRun(
  db: Database,
  around: RunnableDeployment,
  request: DeploymentRunRequest,
  created_by: CreatedBy,
): Promise<FlowRunProposal> {
  const { deployment } = around;
  const parameters = await runParameters(db, deployment, request);
  await checkJobVariables(db, around, request);
  const queue = await runQueue(db, around, request.work_queue_name);
  const { enforce_parameter_schema: _, work_queue_name: __, name, labels, ...others } = request;
  return {
    ...others,
    ...queue,
    ...(name && { name }),
    flow_id: deployment.flow_id,
    deployment_id: deployment.id,
    deployment_version: deployment.version,
    parameters,
    labels: labels ?? null,
    tags: [...new Set([...deployment.tags, ...request.tags])],
    infrastructure_document_id: request.infrastructure_document_id ?? deployment.infrastructure_document_id,
    created_by,
    state: request.state ?? { type: 'SCHEDULED', state_details: { scheduled_time: now() } },
  };
}

/** The deployment's parameters with the run's over them, made and checked. */
async function runParameters(
  db: Database,
  deployment: DeploymentRow,
  { parameters: own, enforce_parameter_schema }: DeploymentRunRequest,
): Promise<JsonText> {
  let parameters: JsonText;
  try {
    parameters = await hydrateParameters(db, merged(deployment.parameters, own));
  } catch (error) {
    if (!(error instanceof HydrationError)) throw error;
    throw new RefusedRun(400, `Error hydrating flow run parameters: ${error.message}`, error.message);
  }
  if (!(enforce_parameter_schema ?? deployment.enforce_parameter_schema)) return parameters;
  const problem = parametersProblem(parameters, deployment.parameter_openapi_schema);
  if (!problem) return parameters;
  const { kind, message } = problem;
  if (kind === 'circular')
    throw new RefusedRun(422, message, 'Invalid schema: circular references detected.');
  if (kind === 'invalid') {
    throw new RefusedRun(
      409,
      `Error creating flow run: ${message}`,
      `Parameter validation failed: ${message}`,
    );
  }
  const amongMany = 'Parameter schema enforcement is enabled but deployment has no valid schema.';
  throw new RefusedRun(409, NO_SCHEMA, amongMany);
}

const EMPTY = '{}';

function merged(base: JsonText, over: JsonText): JsonText {
  if (over.text === EMPTY) return base;
  if (base.text === EMPTY) return over;
  const [under, own] = [base.parse(), over.parse()];
  return isObject(under) && isObject(own) ? JsonText.of({ ...under, ...own }) : over;
}

async function checkJobVariables(
  db: Database,
  around: RunnableDeployment,
  { job_variables }: DeploymentRunRequest,
): Promise<void> {
  const problem = await problemOf(db, around, job_variables);
  if (problem !== undefined) throw new RefusedRun(422, `Error creating flow run: ${problem}`);
}

/** What is wrong with the job variables of a run of this deployment; undefined when nothing is. */
export async function runJobVariablesProblem(
  db: Database,
  deploymentId: string,
  job_variables: JsonText,
): Promise<string | undefined> {
  const found = await readRunnable(db, deploymentId);
  return found && problemOf(db, found, job_variables);
}

/** A run has the last word on job variables, so what is required must be there. */
async function problemOf(
  db: Database,
  { deployment, pool }: RunnableDeployment,
  job_variables: JsonText | null,
): Promise<string | undefined> {
  if (!pool) return undefined;
  const layers = [deployment.infra_overrides, job_variables];
  return jobVariablesProblem(db, pool.base_job_template, layers, { ignoreRequired: false });
}

/** The deployment's queue, or one of its pool that is made when there is none of this name. */
async function runQueue(
  db: Database,
  { deployment, queue, pool }: RunnableDeployment,
  name: string | null,
): Promise<{ work_queue_id: string | null; work_queue_name: string | null }> {
  if (!name) {
    return { work_queue_id: deployment.work_queue_id, work_queue_name: deployment.work_queue_name };
  }
  if (!queue || !pool) {
    const cannot = `Cannot create flow run in work queue ${name} because deployment`;
    const isnt = 'is not associated with a work pool.';
    throw new RefusedRun(
      400,
      `${cannot} ${deployment.id} ${isnt} Please remove work_pool_name and try again.`,
      `${cannot} ${isnt}`,
    );
  }
  const other = await ensureWorkQueue(db, { poolName: pool.name, queueName: name });
  return { work_queue_id: other!.id, work_queue_name: name };
}
