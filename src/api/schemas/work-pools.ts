import {
  bool,
  enumeration,
  int,
  jsonObject,
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
import { FlowRun } from './flow-runs.ts';
import { emptyObject } from './json-fields.ts';
import { NAME, nonEmptyName } from './names.ts';
import { limit, offset, page, pageCounts } from './paging.ts';
import { row } from './row.ts';
import { WorkPoolFilter } from './work-pool-filter.ts';
import { WorkQueueConcurrencyStatusDetail } from './work-queues.ts';

export const WorkPoolStatus = enumeration('WorkPoolStatus', ['READY', 'NOT_READY', 'PAUSED']);

const WorkPoolStorageConfiguration = model(
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
  ...pageCounts,
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
