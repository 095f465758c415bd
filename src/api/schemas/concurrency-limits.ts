import { int, list, model, nullable, optional, parameters, string, uuid } from '../kinds/index.ts';
import { limit, offset } from './paging.ts';
import { row } from './row.ts';

export const ConcurrencyLimitCreate = model(
  'ConcurrencyLimitCreate',
  { tag: string(), concurrency_limit: int() },
  { extra: 'forbid' },
);

export const ConcurrencyLimit = model('ConcurrencyLimit', {
  ...row,
  tag: string(),
  concurrency_limit: int(),
  active_slots: optional(list(uuid())),
});

export const LimitsFilterBody = parameters(
  { limit, offset },
  'Body_read_concurrency_limits_concurrency_limits_filter_post',
);

export const ResetBody = parameters(
  { slot_override: optional(nullable(list(uuid()))) },
  'Body_reset_concurrency_limit_by_tag_concurrency_limits_tag__tag__reset_post',
);

const slotsOfTaskRun = { names: list(string()), task_run_id: uuid() };

export const IncrementV1Body = parameters(
  slotsOfTaskRun,
  'Body_increment_concurrency_limits_v1_concurrency_limits_increment_post',
);

export const DecrementV1Body = parameters(
  slotsOfTaskRun,
  'Body_decrement_concurrency_limits_v1_concurrency_limits_decrement_post',
);
