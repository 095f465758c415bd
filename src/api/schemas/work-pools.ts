import {
  bool,
  enumeration,
  float,
  int,
  jsonObject,
  labels,
  list,
  maybe,
  model,
  nullable,
  optional,
  parameters,
  string,
  timestamp,
  uuid,
  withDefault,
} from '../kinds/index.ts';
import { baseJobTemplate } from './base-job-template.ts';
import { CreatedBy } from './created-by.ts';
import { FlowRunPolicy } from './flow-runs.ts';
import { emptyObject } from './json-fields.ts';
import { NAME, nonEmptyName } from './names.ts';
import { limit, offset, page } from './paging.ts';
import { row } from './row.ts';
import { State, StateType } from './states.ts';
import { WorkPoolFilter } from './work-pool-filter.ts';
import { WorkQueueConcurrencyStatusDetail } from './work-queues.ts';

export const WorkPoolStatus = enumeration('WorkPoolStatus', ['READY', 'NOT_READY', 'PAUSED']);

export const WorkPoolStorageConfiguration = model(
  'WorkPoolStorageConfiguration',
  {
    bundle_upload_step: maybe(jsonObject()),
    bundle_execution_step: maybe(jsonObject()),
    default_result_storage_block_id: maybe(uuid()),
  },
  { extra: 'forbid' },
);

export const WorkPoolCreate = model(
  'WorkPoolCreate',
  {
    name: nonEmptyName(),
    description: maybe(string()),
    type: withDefault(string(), 'prefect-agent'),
    base_job_template: withDefault(baseJobTemplate(), emptyObject),
    is_paused: withDefault(bool(), false),
    concurrency_limit: maybe(int({ ge: 0 })),
    storage_configuration: withDefault(WorkPoolStorageConfiguration, () =>
      WorkPoolStorageConfiguration.parse({}),
    ),
  },
  { extra: 'forbid' },
);

export const WorkPoolUpdate = model(
  'WorkPoolUpdate',
  {
    description: optional(nullable(string())),
    is_paused: optional(nullable(bool())),
    base_job_template: optional(nullable(baseJobTemplate())),
    concurrency_limit: optional(nullable(int({ ge: 0 }))),
    storage_configuration: optional(nullable(WorkPoolStorageConfiguration)),
  },
  { extra: 'forbid' },
);

export const WorkPoolResponse = model('WorkPoolResponse', {
  ...row,
  name: string({ pattern: NAME }),
  description: maybe(string()),
  type: string(),
  base_job_template: optional(jsonObject()),
  is_paused: withDefault(bool(), false),
  concurrency_limit: maybe(int({ ge: 0 })),
  status: maybe(WorkPoolStatus),
  default_queue_id: maybe(uuid()),
  storage_configuration: optional(WorkPoolStorageConfiguration),
  active_slots: maybe(int()),
});

export const WorkPoolConcurrencyStatus = model('WorkPoolConcurrencyStatus', {
  active_slots: int(),
  concurrency_limit: maybe(int()),
  queues: optional(list(WorkQueueConcurrencyStatusDetail)),
  count: int(),
  limit: int(),
  pages: int(),
  page: int(),
});

/** A flow run without the names around it, as workers get it. */
export const FlowRun = model('FlowRun', {
  ...row,
  name: optional(string()),
  flow_id: uuid(),
  state_id: maybe(uuid()),
  deployment_id: maybe(uuid()),
  deployment_version: maybe(string()),
  work_queue_name: maybe(string()),
  flow_version: maybe(string()),
  parameters: optional(jsonObject()),
  idempotency_key: maybe(string()),
  context: optional(jsonObject()),
  empirical_policy: optional(FlowRunPolicy),
  tags: optional(list(string())),
  labels: optional(nullable(labels())),
  parent_task_run_id: maybe(uuid()),
  state_type: maybe(StateType),
  state_name: maybe(string()),
  run_count: withDefault(int(), 0),
  expected_start_time: maybe(timestamp()),
  next_scheduled_start_time: maybe(timestamp()),
  start_time: maybe(timestamp()),
  end_time: maybe(timestamp()),
  total_run_time: optional(float(), 0),
  estimated_run_time: optional(float(), 0),
  estimated_start_time_delta: optional(float(), 0),
  auto_scheduled: withDefault(bool(), false),
  infrastructure_document_id: maybe(uuid()),
  infrastructure_pid: maybe(string()),
  created_by: maybe(CreatedBy),
  work_queue_id: maybe(uuid()),
  state: maybe(State),
  job_variables: maybe(jsonObject()),
});

export const WorkerFlowRunResponse = model('WorkerFlowRunResponse', {
  work_pool_id: uuid(),
  work_queue_id: uuid(),
  flow_run: FlowRun,
});

export const PoolsFilterBody = parameters(
  { work_pools: optional(nullable(WorkPoolFilter)), limit, offset },
  'Body_read_work_pools_work_pools_filter_post',
);

export const PoolsCountBody = parameters(
  { work_pools: optional(nullable(WorkPoolFilter)) },
  'Body_count_work_pools_work_pools_count_post',
);

export const PoolConcurrencyBody = parameters(
  { page, limit, flow_run_limit: withDefault(int({ ge: 0, le: 200 }), 10) },
  'Body_read_work_pool_concurrency_status_work_pools__name__concurrency_status_post',
);

export const PoolRunsBody = parameters(
  {
    work_queue_names: optional(list(string())),
    scheduled_before: optional(timestamp()),
    scheduled_after: optional(timestamp()),
    limit,
  },
  'Body_get_scheduled_flow_runs_work_pools__name__get_scheduled_flow_runs_post',
);
