import { createFlow, deleteFlows, readFlow, readFlowByName, updateFlow } from '../../entities/flow.ts';
import { countFlows, deleteMatchingFlows, findFlows } from '../../entities/flow-query.ts';
import { errors } from '../../errors.ts';
import { int, list } from '../kinds/index.ts';
import { limitOf, paginate } from '../paging.ts';
import { createdOrExisting, defineRoute } from '../route.ts';
import {
  Flow,
  FlowBulkDeleteResponse,
  FlowCreate,
  FlowPaginationResponse,
  FlowsBulkDeleteBody,
  FlowsCountBody,
  FlowsFilterBody,
  FlowsPaginateBody,
  FlowUpdate,
} from '../schemas/flows.ts';

const tag = 'Flows';

export const flowRoutes = [
  defineRoute({
    method: 'post',
    path: '/flows/',
    summary: 'Create Flow',
    tag,
    body: FlowCreate,
    response: Flow,
    handler: async ({ body }, context) => createdOrExisting(await createFlow(context.db, body), context),
  }),
  defineRoute({
    method: 'patch',
    path: '/flows/{id:uuid}',
    summary: 'Update Flow',
    tag,
    body: FlowUpdate,
    status: 204,
    handler: async ({ params, body }, { db }) => {
      if (!(await updateFlow(db, params.id!, body))) throw errors.notFound('Flow');
    },
  }),
  defineRoute({
    method: 'post',
    path: '/flows/count',
    summary: 'Count Flows',
    tag,
    body: FlowsCountBody,
    response: int(),
    handler: ({ body }, { db }) => countFlows(db, body),
  }),
  defineRoute({
    method: 'get',
    path: '/flows/name/{name}',
    summary: 'Read Flow By Name',
    tag,
    response: Flow,
    handler: async ({ params }, { db }) => {
      const flow = await readFlowByName(db, params.name!);
      if (!flow) throw errors.notFound('Flow');
      return flow;
    },
  }),
  defineRoute({
    method: 'get',
    path: '/flows/{id:uuid}',
    summary: 'Read Flow',
    tag,
    response: Flow,
    handler: async ({ params }, { db }) => {
      const flow = await readFlow(db, params.id!);
      if (!flow) throw errors.notFound('Flow');
      return flow;
    },
  }),
  defineRoute({
    method: 'post',
    path: '/flows/filter',
    summary: 'Read Flows',
    tag,
    body: FlowsFilterBody,
    response: list(Flow),
    handler: ({ body }, context) => findFlows(context.db, body, { ...body, limit: limitOf(body, context) }),
  }),
  defineRoute({
    method: 'delete',
    path: '/flows/{id:uuid}',
    summary: 'Delete Flow',
    tag,
    status: 204,
    handler: async ({ params }, { db }) => {
      if ((await deleteFlows(db, [params.id!])).length === 0) throw errors.notFound('Flow');
    },
  }),
  defineRoute({
    method: 'post',
    path: '/flows/bulk_delete',
    summary: 'Bulk Delete Flows',
    tag,
    body: FlowsBulkDeleteBody,
    response: FlowBulkDeleteResponse,
    handler: async ({ body }, { db }) => ({ deleted: await deleteMatchingFlows(db, body.flows, body.limit) }),
  }),
  defineRoute({
    method: 'post',
    path: '/flows/paginate',
    summary: 'Paginate Flows',
    tag,
    body: FlowsPaginateBody,
    response: FlowPaginationResponse,
    handler: ({ body }, context) =>
      paginate(
        body,
        context,
        (slice) => findFlows(context.db, body, { sort: body.sort, ...slice }),
        () => countFlows(context.db, body),
      ),
  }),
];
