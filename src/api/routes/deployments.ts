import { deleteDeployments, deleteMatchingDeployments } from '../../entities/deployment/delete.ts';
import { readDeployment, readDeploymentByName } from '../../entities/deployment/deployment.ts';
import { countDeployments, findChoosingQueues, findDeployments } from '../../entities/deployment/query.ts';
import { setPaused, updateDeployment } from '../../entities/deployment/update.ts';
import { upsertDeployment } from '../../entities/deployment/upsert.ts';
import { errors } from '../../errors.ts';
import { createDeploymentRun, createDeploymentRuns } from '../../orchestration/create-deployment-run.ts';
import { requestClient } from '../client.ts';
import { CreatedByHeaders, createdBy } from '../created-by.ts';
import { int, json, list } from '../kinds/index.ts';
import { limitOf, paginate } from '../paging.ts';
import { createdOrExisting, defineRoute } from '../route.ts';
import {
  DeploymentsBulkDeleteBody,
  DeploymentsCountBody,
  DeploymentsFilterBody,
  DeploymentsPaginateBody,
} from '../schemas/deployment-bodies.ts';
import {
  DeploymentFlowRunCreate,
  DeploymentFlowRunsCreate,
  FlowRunBulkCreateResponse,
} from '../schemas/deployment-runs.ts';
import {
  DeploymentBulkDeleteResponse,
  DeploymentCreate,
  DeploymentPaginationResponse,
  DeploymentResponse,
  DeploymentUpdate,
} from '../schemas/deployments.ts';
import { FlowRunResponse } from '../schemas/flow-runs.ts';
import { WorkQueue } from '../schemas/work-queues.ts';

const tag = 'Deployments';

const MOST_AT_ONCE = 100;

export const deploymentRoutes = [
  defineRoute({
    method: 'post',
    path: '/deployments/',
    summary: 'Create Deployment',
    tag,
    headers: CreatedByHeaders,
    body: DeploymentCreate,
    response: DeploymentResponse,
    handler: async ({ body }, context) =>
      createdOrExisting(await upsertDeployment(context.db, body), context),
  }),
  defineRoute({
    method: 'patch',
    path: '/deployments/{id:uuid}',
    summary: 'Update Deployment',
    tag,
    body: DeploymentUpdate,
    status: 204,
    handler: ({ params, body }, { db }) => updateDeployment(db, params.id!, body),
  }),
  defineRoute({
    method: 'get',
    path: '/deployments/name/{flow_name}/{deployment_name}',
    summary: 'Read Deployment By Name',
    tag,
    response: DeploymentResponse,
    handler: async ({ params }, { db }) => {
      const deployment = await readDeploymentByName(db, params.flow_name!, params.deployment_name!);
      if (!deployment) throw errors.notFound('Deployment');
      return deployment;
    },
  }),
  defineRoute({
    method: 'get',
    path: '/deployments/{id:uuid}',
    summary: 'Read Deployment',
    tag,
    response: DeploymentResponse,
    handler: async ({ params }, { db }) => {
      const deployment = await readDeployment(db, params.id!);
      if (!deployment) throw errors.notFound('Deployment');
      return deployment;
    },
  }),
  defineRoute({
    method: 'post',
    path: '/deployments/filter',
    summary: 'Read Deployments',
    tag,
    body: DeploymentsFilterBody,
    response: list(DeploymentResponse),
    handler: ({ body }, context) =>
      findDeployments(context.db, body, { ...body, limit: limitOf(body, context) }),
  }),
  defineRoute({
    method: 'post',
    path: '/deployments/paginate',
    summary: 'Paginate Deployments',
    tag,
    body: DeploymentsPaginateBody,
    response: DeploymentPaginationResponse,
    handler: ({ body }, context) =>
      paginate(
        body,
        context,
        (slice) => findDeployments(context.db, body, { sort: body.sort, ...slice }),
        () => countDeployments(context.db, body),
      ),
  }),
  defineRoute({
    method: 'post',
    path: '/deployments/count',
    summary: 'Count Deployments',
    tag,
    body: DeploymentsCountBody,
    response: int(),
    handler: ({ body }, { db }) => countDeployments(db, body),
  }),
  defineRoute({
    method: 'delete',
    path: '/deployments/{id:uuid}',
    summary: 'Delete Deployment',
    tag,
    status: 204,
    handler: async ({ params }, { db }) => {
      if ((await deleteDeployments(db, [params.id!])).length === 0) throw errors.notFound('Deployment');
    },
  }),
  defineRoute({
    method: 'post',
    path: '/deployments/bulk_delete',
    summary: 'Bulk Delete Deployments',
    tag,
    body: DeploymentsBulkDeleteBody,
    response: DeploymentBulkDeleteResponse,
    handler: async ({ body }, { db }) => ({
      deleted: await deleteMatchingDeployments(db, body.deployments, body.limit),
    }),
  }),
  defineRoute({
    method: 'post',
    path: '/deployments/{id:uuid}/resume_deployment',
    summary: 'Resume Deployment',
    tag,
    response: json(),
    handler: async ({ params }, { db }) => {
      if (!(await setPaused(db, params.id!, false))) throw errors.notFound('Deployment');
      return null;
    },
  }),
  defineRoute({
    method: 'post',
    path: '/deployments/{id:uuid}/pause_deployment',
    summary: 'Pause Deployment',
    tag,
    response: json(),
    handler: async ({ params }, { db }) => {
      if (!(await setPaused(db, params.id!, true))) throw errors.notFound('Deployment');
      return null;
    },
  }),
  defineRoute({
    method: 'get',
    path: '/deployments/{id:uuid}/work_queue_check',
    summary: 'Work Queue Check For Deployment',
    tag,
    response: list(WorkQueue),
    handler: async ({ params }, { db }) => {
      const queues = await findChoosingQueues(db, params.id!);
      if (!queues) throw errors.notFound('Deployment');
      return queues;
    },
  }),
  defineRoute({
    method: 'post',
    path: '/deployments/{id:uuid}/create_flow_run',
    summary: 'Create Flow Run From Deployment',
    tag,
    headers: CreatedByHeaders,
    body: DeploymentFlowRunCreate,
    response: FlowRunResponse,
    handler: async ({ params, body }, context) => {
      const { db, headers } = context;
      const run = await createDeploymentRun(db, params.id!, body, createdBy(headers), requestClient(headers));
      if (!run) throw errors.notFound('Deployment');
      return createdOrExisting(run, context);
    },
  }),
  defineRoute({
    method: 'post',
    path: '/deployments/{id:uuid}/create_flow_run/bulk',
    summary: 'Bulk Create Flow Runs From Deployment',
    tag,
    headers: CreatedByHeaders,
    body: DeploymentFlowRunsCreate,
    response: FlowRunBulkCreateResponse,
    handler: async ({ params, body }, { db, headers }) => {
      if (body.length > MOST_AT_ONCE) {
        throw errors.badRequest(`Cannot create more than ${MOST_AT_ONCE} flow runs at once.`);
      }
      const client = requestClient(headers);
      const results = await createDeploymentRuns(db, params.id!, body, createdBy(headers), client);
      if (!results) throw errors.notFound('Deployment');
      return { results };
    },
  }),
];
