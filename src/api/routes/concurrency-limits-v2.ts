import type { Database } from '../../db/database.ts';
import { endEmptyLease, renewEmptyLease } from '../../entities/concurrency/empty-lease.ts';
import { endLease, renewLease } from '../../entities/concurrency/lease.ts';
import {
  createLimit,
  deleteLimit,
  findLimits,
  readLimit,
  readLimitsByName,
  updateLimit,
} from '../../entities/concurrency/limit.ts';
import { giveBackSlots } from '../../entities/concurrency/slots.ts';
import { detail, errors } from '../../errors.ts';
import { slotWaits } from '../../orchestration/slot-settings.ts';
import { list, parameters, uuid } from '../kinds/index.ts';
import { partOf } from '../paging.ts';
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
import {
  ConcurrencyLimitV2,
  ConcurrencyLimitV2Create,
  ConcurrencyLimitV2Update,
  GlobalConcurrencyLimitResponse,
  idOrName,
  keyOf,
  LimitsV2FilterBody,
} from '../schemas/concurrency-limits-v2.ts';
import { named, requestSlots } from '../slot-request.ts';

const tag = 'Concurrency Limits V2';
const noLimit = () => errors.notFound('Concurrency Limit');
const params = parameters({ id_or_name: idOrName });

const crudRoutes = [
  defineRoute({
    method: 'post',
    path: '/v2/concurrency_limits/',
    summary: 'Create Concurrency Limit V2',
    tag,
    body: ConcurrencyLimitV2Create,
    response: ConcurrencyLimitV2,
    status: 201,
    handler: ({ body }, { db }) => createLimit(db, body),
  }),
  defineRoute({
    method: 'get',
    path: '/v2/concurrency_limits/{id_or_name}',
    summary: 'Read Concurrency Limit V2',
    tag,
    params,
    response: GlobalConcurrencyLimitResponse,
    handler: async ({ params }, { db }) => {
      const limit = await readLimit(db, keyOf(params.id_or_name));
      if (!limit) throw noLimit();
      return limit;
    },
  }),
  defineRoute({
    method: 'post',
    path: '/v2/concurrency_limits/filter',
    summary: 'Read All Concurrency Limits V2',
    tag,
    body: LimitsV2FilterBody,
    response: list(GlobalConcurrencyLimitResponse),
    handler: ({ body }, context) => findLimits(context.db, partOf(body, context)),
  }),
  defineRoute({
    method: 'patch',
    path: '/v2/concurrency_limits/{id_or_name}',
    summary: 'Update Concurrency Limit V2',
    tag,
    params,
    body: ConcurrencyLimitV2Update,
    status: 204,
    handler: async ({ params, body }, { db, settings }) => {
      if (!(await updateLimit(db, keyOf(params.id_or_name), body, slotWaits(settings)))) throw noLimit();
    },
  }),
  defineRoute({
    method: 'delete',
    path: '/v2/concurrency_limits/{id_or_name}',
    summary: 'Delete Concurrency Limit V2',
    tag,
    params,
    status: 204,
    handler: async ({ params }, { db }) => {
      if (!(await deleteLimit(db, keyOf(params.id_or_name)))) throw noLimit();
    },
  }),
];

const slotRoutes = [
  defineRoute({
    method: 'post',
    path: '/v2/concurrency_limits/increment',
    summary: 'Bulk Increment Active Slots',
    tag,
    body: IncrementBody,
    response: list(MinimalConcurrencyLimitResponse),
    handler: async ({ body }, { db, settings }) => (await requestSlots(db, body, slotWaits(settings))).limits,
  }),
  defineRoute({
    method: 'post',
    path: '/v2/concurrency_limits/increment-with-lease',
    summary: 'Bulk Increment Active Slots With Lease',
    tag,
    body: IncrementWithLeaseBody,
    response: ConcurrencyLimitWithLeaseResponse,
    handler: async ({ body }, { db, settings }) => {
      const lease = { seconds: body.lease_duration, holder: body.holder };
      const { leaseId, limits } = await requestSlots(db, { ...body, lease }, slotWaits(settings));
      return { lease_id: leaseId, limits };
    },
  }),
  defineRoute({
    method: 'post',
    path: '/v2/concurrency_limits/decrement',
    summary: 'Bulk Decrement Active Slots',
    tag,
    body: DecrementBody,
    response: list(MinimalConcurrencyLimitResponse),
    handler: async ({ body: { names, slots, occupancy_seconds } }, { db, settings }) => {
      const limits = await readLimitsByName(db, names);
      const active = limits.filter((limit) => limit.active).map(({ id }) => id);
      const occupancySeconds = occupancy_seconds ?? undefined;
      const waits = slotWaits(settings);
      await db.transaction(() => giveBackSlots(db, active, slots, { occupancySeconds, waits }));
      return limits.map(named);
    },
  }),
  defineRoute({
    method: 'post',
    path: '/v2/concurrency_limits/decrement-with-lease',
    summary: 'Bulk Decrement Active Slots With Lease',
    tag,
    body: DecrementWithLeaseBody,
    status: 204,
    handler: async ({ body: { lease_id } }, { db, settings }) => {
      if (endEmptyLease(db, lease_id)) return;
      await endLease(db, lease_id, { countsOccupancy: true, waits: slotWaits(settings) });
    },
  }),
  defineRoute({
    method: 'post',
    path: '/v2/concurrency_limits/leases/{lease_id}/renew',
    summary: 'Renew Concurrency Lease',
    tag,
    params: parameters({ lease_id: uuid() }),
    body: RenewLeaseBody,
    status: 204,
    handler: async ({ params: { lease_id }, body: { lease_duration } }, { db }) => {
      if (!(await isRenewed(db, lease_id, lease_duration)))
        throw detail(410, 'Lease not found - it may have expired or been revoked');
    },
  }),
];

async function isRenewed(db: Database, id: string, seconds: number): Promise<boolean> {
  return renewEmptyLease(db, id, seconds) || renewLease(db, id, seconds);
}

export const concurrencyLimitV2Routes = [...crudRoutes, ...slotRoutes];
