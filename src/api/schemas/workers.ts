import {
  enumeration,
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
import { filter, moment, operator } from './filter-fields.ts';
import { limit, offset } from './paging.ts';
import { row } from './row.ts';

export const WorkerStatus = enumeration('WorkerStatus', ['ONLINE', 'OFFLINE']);

const WorkerFilterLastHeartbeatTime = filter('WorkerFilterLastHeartbeatTime', {
  before_: moment,
  after_: moment,
});

const statuses = optional(nullable(list(WorkerStatus)));

const WorkerFilterStatus = filter('WorkerFilterStatus', { any_: statuses, not_any_: statuses });

export const WorkerFilter = filter('WorkerFilter', {
  operator,
  last_heartbeat_time: optional(nullable(WorkerFilterLastHeartbeatTime)),
  status: optional(nullable(WorkerFilterStatus)),
});

export const WorkerResponse = model('WorkerResponse', {
  ...row,
  name: string(),
  work_pool_id: uuid(),
  last_heartbeat_time: maybe(timestamp()),
  heartbeat_interval_seconds: maybe(int()),
  status: withDefault(WorkerStatus, 'OFFLINE'),
});

export const WorkersFilterBody = parameters(
  { workers: optional(nullable(WorkerFilter)), limit, offset },
  'Body_read_workers_work_pools__work_pool_name__workers_filter_post',
);

export const HeartbeatBody = parameters(
  { name: string(), heartbeat_interval_seconds: optional(nullable(int())) },
  'Body_worker_heartbeat_work_pools__work_pool_name__workers_heartbeat_post',
);
