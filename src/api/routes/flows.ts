import { createFlow, deleteFlow, readFlow, readFlowByName, updateFlow } from '../../entities/flow.ts';
import { errors } from '../../errors.ts';
import { createdOrExisting, defineRoute } from '../route.ts';
import { Flow, FlowCreate, FlowUpdate } from '../schemas/flows.ts';

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
    method: 'delete',
    path: '/flows/{id:uuid}',
    summary: 'Delete Flow',
    tag,
    status: 204,
    handler: async ({ params }, { db }) => {
      if (!(await deleteFlow(db, params.id!))) throw errors.notFound('Flow');
    },
  }),
];
