import { nullable, optional } from '../kinds/index.ts';
import { DeploymentFilter } from './deployment-filter.ts';
import { FlowFilter } from './flow-filter.ts';
import { FlowRunFilter } from './flow-run-filter.ts';
import { TaskRunFilter } from './task-run-filter.ts';
import { WorkPoolFilter, WorkQueueFilter } from './work-pool-filter.ts';

/** The filters that most bodies share. */
export const runFilters = {
  flows: optional(nullable(FlowFilter)),
  flow_runs: optional(nullable(FlowRunFilter)),
  task_runs: optional(nullable(TaskRunFilter)),
  deployments: optional(nullable(DeploymentFilter)),
};

/** The same, where Prefect's document doesn't name null. */
export const plainRunFilters = {
  flows: optional(FlowFilter),
  flow_runs: optional(FlowRunFilter),
  task_runs: optional(TaskRunFilter),
  deployments: optional(DeploymentFilter),
};

export const workFilters = {
  work_pools: optional(nullable(WorkPoolFilter)),
  work_pool_queues: optional(nullable(WorkQueueFilter)),
};
