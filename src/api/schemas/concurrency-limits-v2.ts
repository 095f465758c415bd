import type { LimitKey } from '../../entities/concurrency/limit.ts';
import {
  bool,
  float,
  int,
  model,
  nullable,
  optional,
  parameters,
  string,
  union,
  uuid,
  withDefault,
} from '../kinds/index.ts';
import { NAME } from './names.ts';
import { limit, offset } from './paging.ts';
import { row } from './row.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whatever reads as a uuid is an id. */
export const idOrName = union({ uuid: uuid(), str: string() });

export function keyOf(idOrName: string): LimitKey {
  return UUID.test(idOrName) ? { id: idOrName } : { name: idOrName };
}

export const ConcurrencyLimitV2Create = model(
  'ConcurrencyLimitV2Create',
  {
    active: withDefault(bool(), true),
    name: string({ pattern: NAME }),
    limit: int({ ge: 0 }),
    active_slots: withDefault(int({ ge: 0 }), 0),
    denied_slots: withDefault(int({ ge: 0 }), 0),
    slot_decay_per_second: withDefault(float({ ge: 0 }), 0),
  },
  { extra: 'forbid' },
);

export const ConcurrencyLimitV2Update = model(
  'ConcurrencyLimitV2Update',
  {
    active: optional(nullable(bool())),
    name: optional(nullable(string({ pattern: NAME }))),
    limit: optional(nullable(int({ ge: 0 }))),
    active_slots: optional(nullable(int({ ge: 0 }))),
    denied_slots: optional(nullable(int({ ge: 0 }))),
    slot_decay_per_second: optional(nullable(float({ ge: 0 }))),
  },
  { extra: 'forbid' },
);

export const ConcurrencyLimitV2 = model('ConcurrencyLimitV2', {
  ...row,
  active: withDefault(bool(), true),
  name: string({ pattern: NAME }),
  limit: int(),
  active_slots: withDefault(int(), 0),
  denied_slots: withDefault(int(), 0),
  slot_decay_per_second: withDefault(float(), 0),
  avg_slot_occupancy_seconds: withDefault(float(), 2),
});

export const GlobalConcurrencyLimitResponse = model('GlobalConcurrencyLimitResponse', {
  ...row,
  active: withDefault(bool(), true),
  name: string(),
  limit: int(),
  active_slots: int(),
  slot_decay_per_second: withDefault(float(), 2),
});

export const LimitsV2FilterBody = parameters(
  { limit, offset },
  'Body_read_all_concurrency_limits_v2_v2_concurrency_limits_filter_post',
);
