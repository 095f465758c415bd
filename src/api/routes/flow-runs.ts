import type { Database } from '../../db/database.ts';
import type { FlowRunFilter } from '../../entities/filters/flow-run.ts';
import {
  deleteFlowRuns,
  type FlowRunChanges,
  readFlowRun,
  updateFlowRun,
  updateFlowRunLabels,
} from '../../entities/flow-run/flow-run.ts';
import { lockFlowRun } from '../../entities/flow-run/lock.ts';
import { findFlowRuns } from '../../entities/flow-run/query.ts';
import { randomSlug } from '../../entities/slug.ts';
import { readDefaultQueueId, readQueueId } from '../../entities/work-pool/work-queue-lookup.ts';
import { detail, errors } from '../../errors.ts';
import type { JsonText } from '../../json/json.ts';
import { createFlowRun } from '../../orchestration/create-flow-run.ts';
import { runJobVariablesProblem } from '../../orchestration/deployment-run.ts';
import { resumeFlowRun } from '../../orchestration/resume-flow-run.ts';
import { setFlowRunState } from '../../orchestration/set-flow-run-state.ts';
import { setFlowRunStates } from '../../orchestration/set-flow-run-states.ts';
import { slotSettings } from '../../orchestration/slot-settings.ts';
import { requestClient } from '../client.ts';
import { CreatedByHeaders, createdBy } from '../created-by.ts';
import { type Context, createdOrExisting, defineRoute, Reply } from '../route.ts';
import {
  FlowRunLabelsBody,
  FlowRunResumeBody,
  FlowRunSetStateBody,
  FlowRunsBulkDeleteBody,
  FlowRunsBulkSetStateBody,
} from '../schemas/flow-run-bodies.ts';
import {
  FlowRunBulkDeleteResponse,
  FlowRunBulkSetStateResponse,
  FlowRunCreate,
  FlowRunResponse,
  FlowRunUpdate,
} from '../schemas/flow-runs.ts';
import { OrchestrationResult } from '../schemas/states.ts';

const tag = 'Flow Runs';

export const flowRunRoutes = [
  defineRoute({
    method: 'post',
    path: '/flow_runs/',
    summary: 'Create Flow Run',
    tag,
    headers: CreatedByHeaders,
    body: FlowRunCreate,
    response: FlowRunResponse,
    handler: async ({ body }, context) => {
      const { work_pool_name, work_queue_name, ...run } = body;
      const work_queue_id = await queueId(context, work_pool_name, work_queue_name);
      const proposal = { ...run, work_queue_id, work_queue_name, created_by: createdBy(context.headers) };
      const flowRun = await createFlowRun(context.db, { ...proposal, name: run.name ?? randomSlug() });
      return createdOrExisting(flowRun, context);
    },
  }),
  defineRoute({
    method: 'patch',
    path: '/flow_runs/{id:uuid}',
    summary: 'Update Flow Run',
    tag,
    body: FlowRunUpdate,
    status: 204,
    handler: ({ params, body }, { db }) =>
      db.transaction(async () => {
        if (body.job_variables != null) await checkJobVariablesMayChange(db, params.id!, body.job_variables);
        const changes = body.name === null ? { ...body, name: randomSlug() } : body;
        if (!(await updateFlowRun(db, params.id!, changes as FlowRunChanges)))
          throw errors.notFound('Flow run');
      }),
  }),
  defineRoute({
    method: 'get',
    path: '/flow_runs/{id:uuid}',
    summary: 'Read Flow Run',
    tag,
    response: FlowRunResponse,
    handler: async ({ params }, { db }) => {
      const flowRun = await readFlowRun(db, params.id!);
      if (!flowRun) throw errors.notFound('Flow run');
      return flowRun;
    },
  }),
  defineRoute({
    method: 'delete',
    path: '/flow_runs/{id:uuid}',
    summary: 'Delete Flow Run',
    tag,
    status: 204,
    handler: async ({ params }, { db }) => {
      if ((await deleteFlowRuns(db, [params.id!])).length === 0) throw errors.notFound('Flow run');
    },
  }),
  defineRoute({
    method: 'post',
    path: '/flow_runs/bulk_delete',
    summary: 'Bulk Delete Flow Runs',
    tag,
    body: FlowRunsBulkDeleteBody,
    response: FlowRunBulkDeleteResponse,
    handler: ({ body: { flow_runs, limit } }, { db }) =>
      db.transaction(async () => ({
        deleted: await deleteFlowRuns(db, await matchingIds(db, flow_runs, limit)),
      })),
  }),
  defineRoute({
    method: 'post',
    path: '/flow_runs/{id:uuid}/set_state',
    summary: 'Set Flow Run State',
    tag,
    body: FlowRunSetStateBody,
    response: OrchestrationResult,
    handler: async ({ params, body: { state, force } }, { db, headers, settings }) => {
      const options = { force, client: requestClient(headers), slots: slotSettings(settings) };
      const outcome = await setFlowRunState(db, params.id!, state, options);
      if (!outcome) throw errors.objectNotFound('Flow run', params.id!);
      return new Reply(outcome.written ? 201 : 200, outcome.result);
    },
  }),
  defineRoute({
    method: 'post',
    path: '/flow_runs/{id:uuid}/resume',
    summary: 'Resume Flow Run',
    tag,
    body: FlowRunResumeBody,
    response: OrchestrationResult,
    handler: async ({ params, body: { run_input } }, { db, headers }) => {
      const outcome = await resumeFlowRun(db, params.id!, run_input, requestClient(headers));
      if (!outcome) throw errors.objectNotFound('Flow run', params.id!);
      return new Reply(outcome.written ? 201 : 200, outcome.result);
    },
  }),
  defineRoute({
    method: 'post',
    path: '/flow_runs/bulk_set_state',
    summary: 'Bulk Set Flow Run State',
    tag,
    body: FlowRunsBulkSetStateBody,
    response: FlowRunBulkSetStateResponse,
    handler: async ({ body: { flow_runs, limit, state, force } }, { db, headers, settings }) => {
      const ids = await matchingIds(db, flow_runs, limit);
      const options = { force, client: requestClient(headers), slots: slotSettings(settings) };
      return { results: await setFlowRunStates(db, ids, state, options) };
    },
  }),
  defineRoute({
    method: 'patch',
    path: '/flow_runs/{id:uuid}/labels',
    summary: 'Update Flow Run Labels',
    tag,
    body: FlowRunLabelsBody,
    status: 204,
    handler: async ({ params, body }, { db }) => {
      const found = await updateFlowRunLabels(db, params.id!, body);
      if (!found) throw errors.objectNotFound('Flow run', params.id!);
    },
  }),
];

/** The id of the queue that these names say; a pool alone means its default queue, a queue alone none. */
async function queueId({ db }: Context, pool: string | null, queue: string | null): Promise<string | null> {
  if (!pool) return null;
  if (!queue) {
    const id = await readDefaultQueueId(db, pool);
    if (id === undefined) throw detail(404, `Work pool "${pool}" not found.`);
    return id;
  }
  const id = await readQueueId(db, pool, queue);
  if (id === undefined) throw detail(404, `Work pool queue '${pool}/${queue}' not found.`);
  return id;
}

/** Job variables count when a run of a deployment is submitted, so they may change only before that. */
async function checkJobVariablesMayChange(db: Database, id: string, job_variables: JsonText): Promise<void> {
  const found = await lockFlowRun(db, id);
  if (!found) throw errors.notFound('Flow run');
  if (!found.state) {
    throw errors.badRequest('Flow run state is required to update job variables but none exists');
  }
  if (found.state.type !== 'SCHEDULED') {
    throw errors.badRequest(`Job variables for a flow run in state ${found.state.type} cannot be updated`);
  }
  if (!found.deployment) {
    throw errors.badRequest('A deployment for the flow run could not be found');
  }
  const problem = await runJobVariablesProblem(db, found.deployment.id, job_variables);
  if (problem !== undefined) throw errors.unprocessable(`Error updating flow run: ${problem}`);
}

async function matchingIds(
  db: Database,
  flow_runs: FlowRunFilter | null | undefined,
  limit: number,
): Promise<string[]> {
  const runs = await findFlowRuns(db, { flow_runs }, { sort: 'ID_DESC', limit, offset: 0 });
  return runs.map((run) => run.id);
}
