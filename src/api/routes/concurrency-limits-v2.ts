import type { Database } from '../../db/database.ts';
import {
  endEmptyLease,
  grantEmptyLease,
  type NamedLimit,
  readNamedLimits,
  renewEmptyLease,
} from '../../entities/concurrency-limit.ts';
import { detail } from '../../errors.ts';
import { list, parameters, uuid } from '../kinds/index.ts';
import { defineRoute } from '../route.ts';
import {
  ConcurrencyLimitWithLeaseResponse,
  DecrementBody,
  DecrementWithLeaseBody,
  IncrementBody,
  IncrementWithLeaseBody,
  MinimalConcurrencyLimitResponse,
  RenewLeaseBody,
} from '../schemas/concurrency-leases.ts';

const tag = 'Concurrency Limits V2';

/**
 * What a client meets for the names of its tags where no limit is set. A limit that is switched on can't be kept yet:
 * it is refused aloud rather than passed over.
 */
async function limitsWithoutSlots(db: Database, names: string[]): Promise<NamedLimit[]> {
  const limits = await readNamedLimits(db, names);
  const active = limits.filter((limit) => limit.active).map((limit) => limit.name);
  if (active.length > 0)
    throw detail(501, `This server doesn't keep concurrency limits yet: delete ${active.join(', ')}.`);
  return limits.map(({ id, name, limit }) => ({ id, name, limit }));
}

export const concurrencyLimitV2Routes = [
  defineRoute({
    method: 'post',
    path: '/v2/concurrency_limits/increment',
    summary: 'Bulk Increment Active Slots',
    tag,
    body: IncrementBody,
    response: list(MinimalConcurrencyLimitResponse),
    handler: ({ body }, { db }) => limitsWithoutSlots(db, body.names),
  }),
  defineRoute({
    method: 'post',
    path: '/v2/concurrency_limits/increment-with-lease',
    summary: 'Bulk Increment Active Slots With Lease',
    tag,
    body: IncrementWithLeaseBody,
    response: ConcurrencyLimitWithLeaseResponse,
    handler: async ({ body }, { db }) => {
      const limits = await limitsWithoutSlots(db, body.names);
      return { lease_id: grantEmptyLease(db, body.lease_duration), limits };
    },
  }),
  defineRoute({
    method: 'post',
    path: '/v2/concurrency_limits/decrement',
    summary: 'Bulk Decrement Active Slots',
    tag,
    body: DecrementBody,
    response: list(MinimalConcurrencyLimitResponse),
    handler: ({ body }, { db }) => limitsWithoutSlots(db, body.names),
  }),
  defineRoute({
    method: 'post',
    path: '/v2/concurrency_limits/decrement-with-lease',
    summary: 'Bulk Decrement Active Slots With Lease',
    tag,
    body: DecrementWithLeaseBody,
    status: 204,
    handler: async ({ body }, { db }) => endEmptyLease(db, body.lease_id),
  }),
  defineRoute({
    method: 'post',
    path: '/v2/concurrency_limits/leases/{lease_id}/renew',
    summary: 'Renew Concurrency Lease',
    tag,
    params: parameters({ lease_id: uuid() }),
    body: RenewLeaseBody,
    status: 204,
    handler: async ({ params, body }, { db }) => {
      if (!renewEmptyLease(db, params.lease_id, body.lease_duration))
        throw detail(410, 'Lease not found - it may have expired or been revoked');
    },
  }),
];
