import { findFlowRunStates, readFlowRunState } from '../../entities/run/state-query.ts';
import { errors } from '../../errors.ts';
import { list } from '../kinds/index.ts';
import { defineRoute } from '../route.ts';
import { FlowRunStatesQuery, State } from '../schemas/states.ts';

const tag = 'Flow Run States';

export const flowRunStateRoutes = [
  defineRoute({
    method: 'get',
    path: '/flow_run_states/{id:uuid}',
    summary: 'Read Flow Run State',
    tag,
    response: State,
    handler: async ({ params }, { db }) => {
      const state = await readFlowRunState(db, params.id!);
      if (!state) throw errors.notFound('Flow run state');
      return state;
    },
  }),
  defineRoute({
    method: 'get',
    path: '/flow_run_states/',
    summary: 'Read Flow Run States',
    tag,
    query: FlowRunStatesQuery,
    response: list(State),
    handler: ({ query }, { db }) => findFlowRunStates(db, query.flow_run_id),
  }),
];
