import { eq } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { detail, errors } from '../../errors.ts';
import type { JsonText } from '../../json/json.ts';
import { now } from '../../time/timestamp.ts';
import { setDeploymentLimit } from '../concurrency/deployment-limit.ts';
import { findWorkPool, lockWorkPoolIfAny } from '../work-pool/work-pool-lookup.ts';
import { ensureWorkQueue } from '../work-pool/work-queue.ts';
import { checkGlobalLimit, columnsOf, type DeploymentFields } from './columns.ts';
import type { DeploymentRow } from './deployment.ts';
import { recordUpdate } from './event.ts';
import { ownJobVariablesProblem } from './job-variables.ts';
import { checkParameters, hydratedOr400 } from './parameters.ts';
import { readSchedules } from './schedule.ts';
import { planSchedules, type ScheduleChange, writeSchedules } from './schedule-changes.ts';
import { deleteScheduledRuns } from './scheduled-runs.ts';

export type DeploymentChanges = Omit<DeploymentFields, 'enforce_parameter_schema'> & {
  enforce_parameter_schema?: boolean | null;
  schedules?: ScheduleChange[];
};

/**
 * Writes the members that are given, null included; runs that were scheduled for the future go.
 * @throws HttpError
 */
export function updateDeployment(db: Database, id: string, given: DeploymentChanges): Promise<void> {
  const { deployment } = db.tables;
  return db.transaction(async () => {
    if (given.work_pool_name) await lockWorkPoolIfAny(db, given.work_pool_name, 'refer');
    // A queue that is made locks its pool, and pools come before deployments.
    const queue = await queueColumn(db, given);
    const before = await lockDeployment(db, id);
    const plan = planSchedules(await readSchedules(db, [id]), given.schedules);
    await checkJobVariables(db, given);
    const parameters = given.parameters && (await hydratedOr400(db, given.parameters, 'deployment'));
    checkEnforced(before, given, parameters ?? before.parameters);
    await checkGlobalLimit(db, given.global_concurrency_limit_id);
    const columns = columnsOf({ ...given, parameters } as DeploymentFields);
    await db.orm
      .update(deployment)
      .set({ ...columns, ...queue, updated: now() })
      .where(eq(deployment.id, id));
    await deleteScheduledRuns(db, [id], { futureOnly: true });
    await writeSchedules(db, id, plan);
    if (given.concurrency_limit !== undefined) await setDeploymentLimit(db, id, given.concurrency_limit);
    await recordUpdate(db, before);
  });
}

async function lockDeployment(db: Database, id: string): Promise<DeploymentRow> {
  const { deployment } = db.tables;
  const select = db.orm.select().from(deployment).where(eq(deployment.id, id));
  const [found] = await db.dialect.lockRows(select, deployment);
  if (!found) throw detail(404, 'Deployment not found.');
  return found;
}

/** Where a pool is named. Prefect fails with a 500 when there is none of this name. */
async function checkJobVariables(
  db: Database,
  { work_pool_name, job_variables }: DeploymentChanges,
): Promise<void> {
  if (!work_pool_name) return;
  const pool = await findWorkPool(db, work_pool_name);
  const problem = job_variables && ownJobVariablesProblem(pool.base_job_template, job_variables);
  if (problem) throw errors.conflict(`Error creating deployment: ${problem}`);
}

/** The parameters that there will be must fit the schema that there will be, as far as they are given. */
function checkEnforced(before: DeploymentRow, given: DeploymentChanges, parameters: JsonText): void {
  if (!(given.enforce_parameter_schema ?? before.enforce_parameter_schema)) return;
  const proposed = given.parameter_openapi_schema;
  const schema = proposed && proposed.text !== '{}' ? proposed : before.parameter_openapi_schema;
  checkParameters(parameters, schema, 'updating deployment', { ignoreRequired: true });
}

/** A pool that is explicitly null takes the deployment out of its queue. */
async function queueColumn(
  db: Database,
  { work_pool_name, work_queue_name }: DeploymentChanges,
): Promise<{ work_queue_id?: string | null }> {
  if (work_pool_name === null) return { work_queue_id: null };
  if (!work_pool_name && !work_queue_name) return {};
  const queue = await ensureWorkQueue(db, { poolName: work_pool_name, queueName: work_queue_name });
  return { work_queue_id: queue?.id ?? null };
}

/** Lets the scheduler plan a deployment's runs, or not; then what it had planned goes. False when there is none. */
export function setPaused(db: Database, id: string, paused: boolean): Promise<boolean> {
  const { deployment } = db.tables;
  return db.transaction(async () => {
    const rows = await db.orm
      .update(deployment)
      .set({ paused, updated: now() })
      .where(eq(deployment.id, id))
      .returning({ id: deployment.id });
    if (paused) await deleteScheduledRuns(db, [id]);
    return rows.length > 0;
  });
}
