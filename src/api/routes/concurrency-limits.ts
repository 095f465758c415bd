import type { Database } from '../../db/database.ts';
import { endLeasesOfHolder } from '../../entities/concurrency/lease.ts';
import { readLimitsByName } from '../../entities/concurrency/limit.ts';
import type { SlotWaits } from '../../entities/concurrency/slot-decay.ts';
import {
  deleteTagLimit,
  findTagLimits,
  limitNameOfTag,
  readTagLimit,
  resetTagLimit,
  setTagLimit,
  type TagLimitKey,
  tagOfLimit,
  takeSlotsForTaskRun,
} from '../../entities/concurrency/tag-limit.ts';
import { detail, errors } from '../../errors.ts';
import { slotWaits } from '../../orchestration/slot-settings.ts';
import { list } from '../kinds/index.ts';
import { partOf } from '../paging.ts';
import { defineRoute, Reply } from '../route.ts';
import { MinimalConcurrencyLimitResponse } from '../schemas/concurrency-leases.ts';
import {
  ConcurrencyLimit,
  ConcurrencyLimitCreate,
  DecrementV1Body,
  IncrementV1Body,
  LimitsFilterBody,
  ResetBody,
} from '../schemas/concurrency-limits.ts';
import { type NamedLimit, named } from '../slot-request.ts';

// Prefect's first concurrency limits. Its table of them has been empty since their migration to the second ones: here
// only the view is left.

const tag = 'Concurrency Limits';
const IS_NAME = /^[^/%&><]*$/;
const noLimit = () => errors.notFound('Concurrency limit');

async function read(db: Database, key: TagLimitKey) {
  const limit = await readTagLimit(db, key);
  if (!limit) throw noLimit();
  return limit;
}

/** Prefect's answer is null. */
async function remove(db: Database, key: TagLimitKey): Promise<null> {
  if (!(await deleteTagLimit(db, key))) throw noLimit();
  return null;
}

async function increment(
  db: Database,
  tags: string[],
  taskRunId: string,
  waits: SlotWaits,
): Promise<NamedLimit[]> {
  const byName = new Map(
    (await readLimitsByName(db, tags.map(limitNameOfTag))).map((one) => [one.name, one]),
  );
  const limits = [...new Set(tags)]
    .map((tag) => byName.get(limitNameOfTag(tag)))
    .filter((limit) => limit !== undefined);
  const closed = limits.find(({ limit }) => limit === 0);
  if (closed) throw detail(423, closedReason(tagOfLimit(closed)));
  const active = limits.filter((limit) => limit.active);
  if (active.length === 0) return [];
  const ids = active.map(({ id }) => id);
  const lease = await db.transaction(() => takeSlotsForTaskRun(db, ids, taskRunId, waits));
  if (lease === null) {
    const reason = `Concurrency limit for the ${tagOfLimit(active[0]!)} tag has been reached`;
    throw detail(423, reason, { 'Retry-After': String(waits.tag) });
  }
  return active.map((limit) => ({ ...named(limit), name: tagOfLimit(limit) }));
}

const closedReason = (tag: string) =>
  `The concurrency limit on tag "${tag}" is 0 and will deadlock if the task tries to run again.`;

export const concurrencyLimitRoutes = [
  defineRoute({
    method: 'post',
    path: '/concurrency_limits/',
    summary: 'Create Concurrency Limit',
    tag,
    body: ConcurrencyLimitCreate,
    response: ConcurrencyLimit,
    handler: async ({ body }, { db }) => {
      // The limit behind it has a name that Prefect fails to make.
      if (!IS_NAME.test(body.tag))
        throw errors.unprocessable("A tag with a limit can't have any of / % & > <");
      const { limit, isNew } = await setTagLimit(db, body.tag, body.concurrency_limit);
      return new Reply(isNew ? 201 : 200, limit);
    },
  }),
  defineRoute({
    method: 'get',
    path: '/concurrency_limits/{id:uuid}',
    summary: 'Read Concurrency Limit',
    tag,
    response: ConcurrencyLimit,
    handler: ({ params }, { db }) => read(db, { id: params.id! }),
  }),
  defineRoute({
    method: 'delete',
    path: '/concurrency_limits/{id:uuid}',
    summary: 'Delete Concurrency Limit',
    tag,
    handler: ({ params }, { db }) => remove(db, { id: params.id! }),
  }),
  defineRoute({
    method: 'get',
    path: '/concurrency_limits/tag/{tag}',
    summary: 'Read Concurrency Limit By Tag',
    tag,
    response: ConcurrencyLimit,
    handler: ({ params }, { db }) => read(db, { tag: params.tag! }),
  }),
  defineRoute({
    method: 'delete',
    path: '/concurrency_limits/tag/{tag}',
    summary: 'Delete Concurrency Limit By Tag',
    tag,
    handler: ({ params }, { db }) => remove(db, { tag: params.tag! }),
  }),
  defineRoute({
    method: 'post',
    path: '/concurrency_limits/filter',
    summary: 'Read Concurrency Limits',
    tag,
    body: LimitsFilterBody,
    response: list(ConcurrencyLimit),
    handler: ({ body }, context) => findTagLimits(context.db, partOf(body, context)),
  }),
  defineRoute({
    method: 'post',
    path: '/concurrency_limits/tag/{tag}/reset',
    summary: 'Reset Concurrency Limit By Tag',
    tag,
    body: ResetBody,
    handler: async ({ params, body }, { db }) => {
      if (!(await resetTagLimit(db, params.tag!, body.slot_override ?? []))) throw noLimit();
      return null;
    },
  }),
  defineRoute({
    method: 'post',
    path: '/concurrency_limits/increment',
    summary: 'Increment Concurrency Limits V1',
    tag,
    body: IncrementV1Body,
    response: list(MinimalConcurrencyLimitResponse),
    handler: ({ body }, { db, settings }) => increment(db, body.names, body.task_run_id, slotWaits(settings)),
  }),
  defineRoute({
    method: 'post',
    path: '/concurrency_limits/decrement',
    summary: 'Decrement Concurrency Limits V1',
    tag,
    body: DecrementV1Body,
    response: list(MinimalConcurrencyLimitResponse),
    handler: async ({ body }, { db, settings }) => {
      const limits = await readLimitsByName(db, body.names.map(limitNameOfTag));
      const ids = limits.map(({ id }) => id);
      if (ids.length > 0) await endLeasesOfHolder(db, body.task_run_id, ids, { waits: slotWaits(settings) });
      return limits.map(named);
    },
  }),
];
