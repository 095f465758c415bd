import { findTaskWorkers } from '../../entities/task-run/task-queue.ts';
import { list } from '../kinds/index.ts';
import { defineRoute } from '../route.ts';
import { TaskWorkerResponse, TaskWorkersFilterBody } from '../schemas/task-workers.ts';

export const taskWorkerRoutes = [
  defineRoute({
    method: 'post',
    path: '/task_workers/filter',
    summary: 'Read Task Workers',
    tag: 'Task Workers',
    body: TaskWorkersFilterBody,
    response: list(TaskWorkerResponse),
    handler: ({ body }, { db }) => findTaskWorkers(db, body.task_worker_filter?.task_keys ?? []),
  }),
];
