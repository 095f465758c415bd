import { randomSlug } from '../../entities/slug.ts';
import { deleteTaskRun, readTaskRun, updateTaskRun } from '../../entities/task-run/task-run.ts';
import { errors } from '../../errors.ts';
import { createTaskRun } from '../../orchestration/create-task-run.ts';
import { setTaskRunState } from '../../orchestration/set-task-run-state.ts';
import { slotSettings } from '../../orchestration/slot-settings.ts';
import { createdOrExisting, defineRoute, Reply } from '../route.ts';
import { OrchestrationResult } from '../schemas/states.ts';
import { TaskRunSetStateBody } from '../schemas/task-run-bodies.ts';
import { TaskRun, TaskRunCreate, TaskRunUpdate } from '../schemas/task-runs.ts';

const tag = 'Task Runs';

export const taskRunRoutes = [
  defineRoute({
    method: 'post',
    path: '/task_runs/',
    summary: 'Create Task Run',
    tag,
    body: TaskRunCreate,
    response: TaskRun,
    handler: async ({ body }, context) => createdOrExisting(await createTaskRun(context.db, body), context),
  }),
  defineRoute({
    method: 'patch',
    path: '/task_runs/{id:uuid}',
    summary: 'Update Task Run',
    tag,
    body: TaskRunUpdate,
    status: 204,
    handler: async ({ params, body }, { db }) => {
      const changes = { name: body.name === null ? randomSlug() : body.name };
      if (!(await updateTaskRun(db, params.id!, changes))) throw errors.notFound('Task run');
    },
  }),
  defineRoute({
    method: 'get',
    path: '/task_runs/{id:uuid}',
    summary: 'Read Task Run',
    tag,
    response: TaskRun,
    handler: async ({ params }, { db }) => {
      const taskRun = await readTaskRun(db, params.id!);
      if (!taskRun) throw errors.notFound('Task');
      return taskRun;
    },
  }),
  defineRoute({
    method: 'delete',
    path: '/task_runs/{id:uuid}',
    summary: 'Delete Task Run',
    tag,
    status: 204,
    handler: async ({ params }, { db }) => {
      if (!(await deleteTaskRun(db, params.id!))) throw errors.notFound('Task');
    },
  }),
  defineRoute({
    method: 'post',
    path: '/task_runs/{id:uuid}/set_state',
    summary: 'Set Task Run State',
    tag,
    body: TaskRunSetStateBody,
    response: OrchestrationResult,
    handler: async ({ params, body: { state, force } }, { db, settings }) => {
      const { maxCacheKeyLength } = settings.server.tasks;
      const options = { force, maxCacheKeyLength, slots: slotSettings(settings) };
      const outcome = await setTaskRunState(db, params.id!, state, options);
      if (!outcome) throw errors.objectNotFound('Task run', params.id!);
      return new Reply(outcome.written ? 201 : 200, outcome.result);
    },
  }),
];
