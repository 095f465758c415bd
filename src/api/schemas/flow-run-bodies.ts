import {
  annotated,
  bool,
  float,
  int,
  jsonObject,
  labels,
  list,
  nullable,
  optional,
  parameters,
  timestamp,
  uuid,
  withDefault,
} from '../kinds/index.ts';
import { FlowRunFilter } from './flow-run-filter.ts';
import { FlowRunSort } from './flow-runs.ts';
import { limit, offset, page } from './paging.ts';
import { plainRunFilters, runFilters, workFilters } from './run-filters.ts';
import { StateCreate } from './states.ts';
import { WorkPoolFilter, WorkQueueFilter } from './work-pool-filter.ts';

export const FlowRunsCountBody = parameters(
  {
    ...runFilters,
    ...workFilters,
  },
  'Body_count_flow_runs_flow_runs_count_post',
);

export const FlowRunsLatenessBody = parameters(
  {
    ...runFilters,
    ...workFilters,
  },
  'Body_average_flow_run_lateness_flow_runs_lateness_post',
);

export const FlowRunsHistoryBody = parameters(
  {
    history_start: timestamp(),
    history_end: timestamp(),
    history_interval_seconds: annotated(float(), { format: 'time-delta' }),
    ...runFilters,
    work_pools: optional(nullable(WorkPoolFilter)),
    work_queues: optional(nullable(WorkQueueFilter)),
  },
  'Body_flow_run_history_flow_runs_history_post',
);

export const FlowRunsFilterBody = parameters(
  {
    limit,
    sort: withDefault(FlowRunSort, 'ID_DESC'),
    offset,
    ...runFilters,
    ...workFilters,
  },
  'Body_read_flow_runs_flow_runs_filter_post',
);

export const FlowRunsPaginateBody = parameters(
  {
    limit,
    sort: withDefault(FlowRunSort, 'ID_DESC'),
    page,
    ...runFilters,
    ...workFilters,
  },
  'Body_paginate_flow_runs_flow_runs_paginate_post',
);

export const FlowRunsBulkDeleteBody = parameters(
  {
    flow_runs: optional(nullable(FlowRunFilter)),
    limit: withDefault(int({ ge: 1, le: 50 }), 50),
  },
  'Body_bulk_delete_flow_runs_flow_runs_bulk_delete_post',
);

export const FlowRunsBulkSetStateBody = parameters(
  {
    flow_runs: optional(nullable(FlowRunFilter)),
    state: StateCreate,
    force: withDefault(bool(), false),
    limit: withDefault(int({ ge: 1, le: 50 }), 50),
  },
  'Body_bulk_set_flow_run_state_flow_runs_bulk_set_state_post',
);

export const FlowRunSetStateBody = parameters(
  {
    state: StateCreate,
    force: withDefault(bool(), false),
  },
  'Body_set_flow_run_state_flow_runs__id__set_state_post',
);

export const FlowRunResumeBody = parameters(
  {
    run_input: optional(nullable(jsonObject())),
  },
  'Body_resume_flow_run_flow_runs__id__resume_post',
);

export const UiFlowRunHistoryBody = parameters(
  {
    sort: withDefault(FlowRunSort, 'EXPECTED_START_TIME_DESC'),
    limit: withDefault(int({ le: 1000, min: 0 }), 1000),
    offset,
    ...plainRunFilters,
    work_pools: optional(WorkPoolFilter),
  },
  'Body_read_flow_run_history_ui_flow_runs_history_post',
);

export const CountTaskRunsByFlowRunBody = parameters(
  {
    // pydantic ignores this old spelling of maxItems.
    flow_run_ids: annotated(list(uuid()), { max_items: 200 }),
  },
  'Body_count_task_runs_by_flow_run_ui_flow_runs_count_task_runs_post',
);

/** The map itself is the body; other values than labels would be unreadable for clients. */
export const FlowRunLabelsBody = annotated(labels(), { additionalProperties: true });
