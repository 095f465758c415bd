import {
  annotated,
  bool,
  enumeration,
  float,
  int,
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
import { NAME } from './names.ts';
import { limit, offset, page, pageCounts } from './paging.ts';
import { row } from './row.ts';
import { StateType } from './states.ts';
import { WorkQueueFilter } from './work-pool-filter.ts';

export const WorkQueueStatus = enumeration('WorkQueueStatus', ['READY', 'NOT_READY', 'PAUSED']);

export const QueueFilter = model('QueueFilter', {
  tags: maybe(list(string())),
  deployment_ids: maybe(list(uuid())),
});

const deprecatedFilter = annotated(maybe(QueueFilter), { deprecated: true });

export const WorkQueueCreate = model(
  'WorkQueueCreate',
  {
    name: string({ pattern: NAME }),
    description: withDefault(nullable(string()), ''),
    is_paused: withDefault(bool(), false),
    concurrency_limit: maybe(int({ ge: 0 })),
    priority: maybe(int({ gt: 0 })),
    filter: deprecatedFilter,
  },
  { extra: 'forbid' },
);

export const WorkQueueUpdate = model(
  'WorkQueueUpdate',
  {
    name: optional(nullable(string())),
    description: optional(nullable(string())),
    is_paused: optional(bool(), false),
    concurrency_limit: optional(nullable(int({ ge: 0 }))),
    priority: optional(nullable(int({ gt: 0 }))),
    last_polled: optional(nullable(timestamp())),
    filter: annotated(optional(nullable(QueueFilter)), { deprecated: true }),
  },
  { extra: 'forbid' },
);

const workQueue = {
  ...row,
  name: string({ pattern: NAME }),
  description: withDefault(nullable(string()), ''),
  is_paused: withDefault(bool(), false),
  concurrency_limit: maybe(int({ ge: 0 })),
  priority: withDefault(int({ gt: 0 }), 1),
  work_pool_id: maybe(uuid()),
  filter: deprecatedFilter,
  last_polled: maybe(timestamp()),
};

export const WorkQueue = model('WorkQueue', workQueue);

export const WorkQueueResponse = model('WorkQueueResponse', {
  ...workQueue,
  work_pool_name: maybe(string()),
  status: maybe(WorkQueueStatus),
  active_slots: maybe(int()),
});

const FlowRunSlotSummary = model('FlowRunSlotSummary', {
  id: uuid(),
  name: string(),
  state_type: maybe(StateType),
  state_name: maybe(string()),
  start_time: maybe(timestamp()),
  state_timestamp: maybe(timestamp()),
  time_in_current_state: maybe(float()),
});

export const WorkQueueConcurrencyStatus = model('WorkQueueConcurrencyStatus', {
  active_slots: int(),
  concurrency_limit: maybe(int()),
  flow_runs: optional(list(FlowRunSlotSummary)),
  ...pageCounts,
});

export const WorkQueueConcurrencyStatusDetail = model('WorkQueueConcurrencyStatusDetail', {
  queue_id: uuid(),
  queue_name: string(),
  active_slots: int(),
  concurrency_limit: maybe(int()),
  flow_runs: optional(list(FlowRunSlotSummary)),
  flow_run_count: maybe(int()),
});

const WorkQueueHealthPolicy = model('WorkQueueHealthPolicy', {
  maximum_late_runs: withDefault(nullable(int()), 0),
  maximum_seconds_since_last_polled: withDefault(nullable(int()), 60),
});

export const WorkQueueStatusDetail = model('WorkQueueStatusDetail', {
  healthy: bool(),
  late_runs_count: withDefault(int(), 0),
  last_polled: maybe(timestamp()),
  health_check_policy: WorkQueueHealthPolicy,
});

export const QueuesFilterBody = parameters(
  { limit, offset, work_queues: optional(nullable(WorkQueueFilter)) },
  'Body_read_work_queues_work_queues_filter_post',
);

export const PoolQueuesFilterBody = parameters(
  { work_queues: optional(WorkQueueFilter), limit, offset },
  'Body_read_work_queues_work_pools__work_pool_name__queues_filter_post',
);

export const QueueRunsBody = parameters(
  { limit, scheduled_before: optional(timestamp()) },
  'Body_read_work_queue_runs_work_queues__id__get_runs_post',
);

export const QueueConcurrencyBody = parameters(
  { page, limit },
  'Body_read_work_queue_concurrency_status_work_queues__id__concurrency_status_post',
);
