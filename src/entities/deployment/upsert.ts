import { and, eq } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { stillThere } from '../../db/errors.ts';
import { errors } from '../../errors.ts';
import { JsonText } from '../../json/json.ts';
import { now, type Timestamp } from '../../time/timestamp.ts';
import { setDeploymentLimit } from '../concurrency/deployment-limit.ts';
import { readFlow } from '../flow.ts';
import { lockWorkPool } from '../work-pool/work-pool-lookup.ts';
import { ensureWorkQueue } from '../work-pool/work-queue.ts';
import { checkGlobalLimit, columnsOf, type DeploymentFields } from './columns.ts';
import { type Deployment, type DeploymentRow, readDeployment } from './deployment.ts';
import { recordDeployments, recordUpdate } from './event.ts';
import { jobVariablesProblem } from './job-variables.ts';
import { type DeploymentScheduleCreate, deleteSchedulesOf, insertSchedules } from './schedule.ts';
import { deleteScheduledRuns } from './scheduled-runs.ts';

export type DeploymentCreate = DeploymentFields & {
  flow_id: string;
  name: string;
  labels?: DeploymentRow['labels'];
  schedules?: DeploymentScheduleCreate[];
};

/**
 * Makes a deployment, or changes the one of this flow and name: members that are absent stay. Parameters, labels and
 * schedules are always those that are given, and runs that were scheduled for the future go.
 * @throws HttpError for a pool, limit or block that there isn't, and for job variables that don't fit
 */
export function upsertDeployment(db: Database, given: DeploymentCreate): Promise<Deployment> {
  return db.transaction(async () => {
    await checkPool(db, given);
    await checkGlobalLimit(db, given.global_concurrency_limit_id);
    const queue = await ensureWorkQueue(db, {
      poolName: given.work_pool_name,
      queueName: given.work_queue_name,
    });
    await checkBlock(db, 'infrastructure', given.infrastructure_document_id);
    await checkBlock(db, 'storage', given.storage_document_id);
    const columns = { ...columnsOf(given), ...(queue && { work_queue_id: queue.id }) };
    const labels = await labelsWithSystem(db, given);
    const { before, id } = await write(db, given, { ...columns, labels });
    if (before) {
      await deleteScheduledRuns(db, [id], { futureOnly: true });
      await deleteSchedulesOf(db, id);
    }
    // How many runs are planned isn't taken over here, as in Prefect.
    const schedules = (given.schedules ?? []).map(({ max_scheduled_runs: _, ...others }) => others);
    await insertSchedules(db, id, schedules);
    if (given.concurrency_limit !== undefined) await setDeploymentLimit(db, id, given.concurrency_limit);
    await (before ? recordUpdate(db, before) : recordDeployments(db, 'created', [id]));
    return (await readDeployment(db, id))!;
  });
}

async function write(
  db: Database,
  { flow_id, name }: DeploymentCreate,
  columns: Partial<DeploymentRow>,
): Promise<{ before: DeploymentRow | undefined; id: string }> {
  const existing = await lockByName(db, flow_id, name);
  if (existing) return change(db, existing, columns);
  const { deployment } = db.tables;
  const moment = now();
  const [made] = await db.orm
    .insert(deployment)
    .values({ ...DEFAULTS, ...columns, flow_id, name, created: moment, updated: moment })
    .onConflictDoNothing({ target: [deployment.flow_id, deployment.name] })
    .returning({ id: deployment.id });
  if (made) return { before: undefined, id: made.id };
  // Another request made it in between.
  return change(db, stillThere(await lockByName(db, flow_id, name)), columns);
}

/** What Prefect's columns have where a client says nothing. */
const DEFAULTS = {
  enforce_parameter_schema: true,
  parameter_openapi_schema: new JsonText('{}'),
  pull_steps: new JsonText('[]'),
};

async function change(db: Database, before: DeploymentRow, columns: Partial<DeploymentRow>) {
  const { deployment } = db.tables;
  const updated: Timestamp = now();
  await db.orm
    .update(deployment)
    .set({ ...columns, updated })
    .where(eq(deployment.id, before.id));
  return { before, id: before.id };
}

async function lockByName(db: Database, flowId: string, name: string): Promise<DeploymentRow | undefined> {
  const { deployment } = db.tables;
  const select = db.orm
    .select()
    .from(deployment)
    .where(and(eq(deployment.flow_id, flowId), eq(deployment.name, name)));
  const [found] = await db.dialect.lockRows(select, deployment);
  return found;
}

/** The agents' pool is made when it is needed, so it need not be there. */
async function checkPool(db: Database, { work_pool_name, job_variables }: DeploymentCreate): Promise<void> {
  if (!work_pool_name || work_pool_name === 'default-agent-pool') return;
  const pool = await lockWorkPool(db, work_pool_name, 'refer');
  if (!job_variables || job_variables.text === '{}') return;
  const problem = await jobVariablesProblem(db, pool.base_job_template, [job_variables], {
    ignoreRequired: true,
  });
  if (problem !== undefined) throw errors.unprocessable(`Error creating deployment: ${problem}`);
}

async function checkBlock(db: Database, kind: string, id: string | null | undefined): Promise<void> {
  if (!id) return;
  const { block_document } = db.tables;
  const [found] = await db.orm
    .select({ id: block_document.id })
    .from(block_document)
    .where(eq(block_document.id, id));
  if (found) return;
  const cause =
    'This usually occurs when applying a deployment specification that was built against a different Prefect database / workspace.';
  throw errors.conflict(`Error creating deployment. Could not find ${kind} block with id: ${id}. ${cause}`);
}

async function labelsWithSystem(
  db: Database,
  { flow_id, labels }: DeploymentCreate,
): Promise<NonNullable<DeploymentRow['labels']>> {
  const flow = await readFlow(db, flow_id);
  return { ...flow?.labels, 'prefect.flow.id': flow_id, ...labels };
}
