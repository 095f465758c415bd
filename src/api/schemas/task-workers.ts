import { list, model, nullable, optional, parameters, string, timestamp } from '../kinds/index.ts';

const TaskWorkerFilter = model('TaskWorkerFilter', { task_keys: list(string()) });

export const TaskWorkerResponse = model('TaskWorkerResponse', {
  identifier: string(),
  task_keys: list(string()),
  timestamp: timestamp(),
});

export const TaskWorkersFilterBody = parameters(
  { task_worker_filter: optional(nullable(TaskWorkerFilter)) },
  'Body_read_task_workers_task_workers_filter_post',
);
