import {
  annotated,
  bool,
  float,
  int,
  list,
  literal,
  model,
  nullable,
  optional,
  parameters,
  string,
  uuid,
  withDefault,
} from '../kinds/index.ts';

const ConcurrencyLeaseHolder = model(
  'ConcurrencyLeaseHolder',
  {
    type: literal('flow_run', 'task_run', 'deployment'),
    id: uuid(),
  },
  { extra: 'forbid' },
);

export const MinimalConcurrencyLimitResponse = model('MinimalConcurrencyLimitResponse', {
  id: uuid(),
  name: string(),
  limit: int(),
});

export const ConcurrencyLimitWithLeaseResponse = model('ConcurrencyLimitWithLeaseResponse', {
  lease_id: uuid(),
  limits: list(MinimalConcurrencyLimitResponse),
});

export const IncrementWithLeaseBody = parameters(
  {
    slots: int({ gt: 0 }),
    // pydantic ignores this old spelling of minItems: no names are as good as unknown ones.
    names: annotated(list(string()), { min_items: 1 }),
    mode: withDefault(literal('concurrency', 'rate_limit'), 'concurrency'),
    lease_duration: withDefault(float({ ge: 60, le: 86400 }), 300),
    holder: optional(nullable(ConcurrencyLeaseHolder)),
  },
  'Body_bulk_increment_active_slots_with_lease_v2_concurrency_limits_increment_with_lease_post',
);

export const DecrementWithLeaseBody = parameters(
  {
    lease_id: uuid(),
  },
  'Body_bulk_decrement_active_slots_with_lease_v2_concurrency_limits_decrement_with_lease_post',
);

export const RenewLeaseBody = parameters(
  {
    lease_duration: withDefault(float({ ge: 60, le: 86400 }), 300),
  },
  'Body_renew_concurrency_lease_v2_concurrency_limits_leases__lease_id__renew_post',
);

export const IncrementBody = parameters(
  {
    slots: int({ gt: 0 }),
    names: annotated(list(string()), { min_items: 1 }),
    mode: withDefault(literal('concurrency', 'rate_limit'), 'concurrency'),
    create_if_missing: annotated(optional(nullable(bool())), { deprecated: true }),
  },
  'Body_bulk_increment_active_slots_v2_concurrency_limits_increment_post',
);

export const DecrementBody = parameters(
  {
    slots: int({ gt: 0 }),
    names: annotated(list(string()), { min_items: 1 }),
    occupancy_seconds: optional(nullable(float({ gt: 0 }))),
    create_if_missing: annotated(optional(bool()), { deprecated: true }),
  },
  'Body_bulk_decrement_active_slots_v2_concurrency_limits_decrement_post',
);
