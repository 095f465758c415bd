import { findTaskRunStates, readTaskRunState } from '../../entities/run/state-query.ts';
import { errors } from '../../errors.ts';
import { list } from '../kinds/index.ts';
import { defineRoute } from '../route.ts';
import { State, TaskRunStatesQuery } from '../schemas/states.ts';

const tag = 'Task Run States';

export const taskRunStateRoutes = [
  defineRoute({
    method: 'get',
    path: '/task_run_states/{id:uuid}',
    summary: 'Read Task Run State',
    tag,
    response: State,
    handler: async ({ params }, { db }) => {
      const state = await readTaskRunState(db, params.id!);
      // Prefect says it of both kinds.
      if (!state) throw errors.notFound('Flow run state');
      return state;
    },
  }),
  defineRoute({
    method: 'get',
    path: '/task_run_states/',
    summary: 'Read Task Run States',
    tag,
    query: TaskRunStatesQuery,
    response: list(State),
    handler: ({ query }, { db }) => findTaskRunStates(db, query.task_run_id),
  }),
];
