import {
  annotated,
  bool,
  float,
  nullable,
  optional,
  parameters,
  timestamp,
  withDefault,
} from '../kinds/index.ts';
import { DeploymentFilter } from './deployment-filter.ts';
import { FlowFilter } from './flow-filter.ts';
import { FlowRunFilter } from './flow-run-filter.ts';
import { limit, offset, page } from './paging.ts';
import { plainRunFilters, runFilters } from './run-filters.ts';
import { StateCreate } from './states.ts';
import { TaskRunFilter } from './task-run-filter.ts';
import { TaskRunSort } from './task-runs.ts';
import { WorkPoolFilter, WorkQueueFilter } from './work-pool-filter.ts';

export const TaskRunsCountBody = parameters(
  {
    ...plainRunFilters,
  },
  'Body_count_task_runs_task_runs_count_post',
);

export const TaskRunsHistoryBody = parameters(
  {
    history_start: timestamp(),
    history_end: timestamp(),
    history_interval_seconds: annotated(float(), { format: 'time-delta' }),
    ...plainRunFilters,
  },
  'Body_task_run_history_task_runs_history_post',
);

export const TaskRunsFilterBody = parameters(
  {
    limit,
    sort: withDefault(TaskRunSort, 'ID_DESC'),
    offset,
    ...runFilters,
  },
  'Body_read_task_runs_task_runs_filter_post',
);

export const TaskRunsPaginateBody = parameters(
  {
    limit,
    sort: withDefault(TaskRunSort, 'ID_DESC'),
    page,
    ...runFilters,
  },
  'Body_paginate_task_runs_task_runs_paginate_post',
);

export const TaskRunSetStateBody = parameters(
  {
    state: StateCreate,
    force: withDefault(bool(), false),
  },
  'Body_set_task_run_state_task_runs__id__set_state_post',
);

export const TaskRunsDashboardCountsBody = parameters(
  {
    task_runs: TaskRunFilter,
    flows: optional(nullable(FlowFilter)),
    flow_runs: optional(nullable(FlowRunFilter)),
    deployments: optional(nullable(DeploymentFilter)),
    work_pools: optional(nullable(WorkPoolFilter)),
    work_queues: optional(nullable(WorkQueueFilter)),
  },
  'Body_read_dashboard_task_run_counts_ui_task_runs_dashboard_counts_post',
);

export const UiTaskRunsCountBody = parameters(
  {
    ...runFilters,
  },
  'Body_read_task_run_counts_by_state_ui_task_runs_count_post',
);
