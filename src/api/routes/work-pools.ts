import type { IncomingHttpHeaders } from 'node:http';
import { IntegrityError, unwrapDatabaseError } from '../../db/errors.ts';
import { readPoolConcurrency } from '../../entities/concurrency/slot-holders.ts';
import { countWorkPools, findWorkPools, withSlots } from '../../entities/work-pool/query.ts';
import { findScheduledWork, toWorkerFlowRuns } from '../../entities/work-pool/scheduled-work.ts';
import { notePoll, type PolledQueue, readPolledPool } from '../../entities/work-pool/work-poll.ts';
import { createAnnouncedWorkPool, deleteWorkPool } from '../../entities/work-pool/work-pool.ts';
import { updateWorkPool, type WorkPoolChanges } from '../../entities/work-pool/work-pool-change.ts';
import { findWorkPool, noSuchPool, readWorkPool } from '../../entities/work-pool/work-pool-lookup.ts';
import { detail, errors } from '../../errors.ts';
import { int, list } from '../kinds/index.ts';
import { limitOf, partOf } from '../paging.ts';
import { type Context, defineRoute } from '../route.ts';
import {
  PoolConcurrencyBody,
  PoolRunsBody,
  PoolsCountBody,
  PoolsFilterBody,
  WorkerFlowRunResponse,
  WorkPoolConcurrencyStatus,
  WorkPoolCreate,
  WorkPoolResponse,
  WorkPoolUpdate,
} from '../schemas/work-pools.ts';
import { noSuchQueue } from './work-pool-queues.ts';

const tag = 'Work Pools';

function refuseReserved(name: string, more = ''): void {
  if (!name.toLowerCase().startsWith('prefect')) return;
  throw detail(403, `Work pools starting with 'Prefect' are reserved for internal use${more}.`);
}

type Answer = Awaited<ReturnType<typeof withSlots>>[number];

/** Clients before 3.3.8 fail on a member that they don't know. */
function asClientKnows(pool: Answer, headers: IncomingHttpHeaders): Answer {
  const version = /^prefect\/(\d+)\.(\d+)\.(\d+)/.exec(headers['user-agent'] ?? '');
  if (!version) return pool;
  const [major, minor, patch] = version.slice(1).map(Number) as [number, number, number];
  if (major * 1e6 + minor * 1e3 + patch > 3_003_007) return pool;
  const { default_result_storage_block_id, ...storage_configuration } = pool.storage_configuration;
  return { ...pool, storage_configuration } as Answer;
}

async function answerOne(pool: Parameters<typeof withSlots>[1][number], { db, headers }: Context) {
  const [answer] = await withSlots(db, [pool]);
  return asClientKnows(answer!, headers);
}

const RESERVED_UPDATES = new Set(['is_paused', 'concurrency_limit']);

/** The queues of these names, in the order of the request; all of the pool's when there are none. */
function chooseQueues(poolName: string, queues: PolledQueue[], names: string[] | undefined): PolledQueue[] {
  if (!names?.length) return queues;
  const byName = new Map(queues.map((queue) => [queue.name, queue]));
  for (const name of names) if (!byName.has(name)) throw noSuchQueue(poolName, name);
  // A queue that is named twice is still one queue.
  return queues.filter(({ name }) => names.includes(name));
}

export const workPoolRoutes = [
  defineRoute({
    method: 'post',
    path: '/work_pools/',
    summary: 'Create Work Pool',
    tag,
    body: WorkPoolCreate,
    response: WorkPoolResponse,
    status: 201,
    handler: async ({ body }, context) => {
      refuseReserved(body.name);
      try {
        return await answerOne(await createAnnouncedWorkPool(context.db, body), context);
      } catch (error) {
        if (!(unwrapDatabaseError(error) instanceof IntegrityError)) throw error;
        throw errors.conflict('A work pool with this name already exists.');
      }
    },
  }),
  defineRoute({
    method: 'get',
    path: '/work_pools/{name}',
    summary: 'Read Work Pool',
    tag,
    response: WorkPoolResponse,
    handler: async ({ params }, context) => answerOne(await findWorkPool(context.db, params.name!), context),
  }),
  defineRoute({
    method: 'post',
    path: '/work_pools/filter',
    summary: 'Read Work Pools',
    tag,
    body: PoolsFilterBody,
    response: list(WorkPoolResponse),
    handler: async ({ body }, context) => {
      const part = partOf(body, context);
      const pools = await findWorkPools(context.db, body.work_pools, part);
      return pools.map((pool) => asClientKnows(pool, context.headers));
    },
  }),
  defineRoute({
    method: 'post',
    path: '/work_pools/count',
    summary: 'Count Work Pools',
    tag,
    body: PoolsCountBody,
    response: int(),
    handler: ({ body }, { db }) => countWorkPools(db, body.work_pools),
  }),
  defineRoute({
    method: 'patch',
    path: '/work_pools/{name}',
    summary: 'Update Work Pool',
    tag,
    body: WorkPoolUpdate,
    status: 204,
    handler: async ({ params, body }, { db }) => {
      if (Object.keys(body).some((field) => !RESERVED_UPDATES.has(field))) {
        refuseReserved(params.name!, ' and can only be updated to set concurrency limits or pause');
      }
      // A null that its column doesn't take is refused by it, as Prefect's is.
      await updateWorkPool(db, params.name!, body as WorkPoolChanges);
    },
  }),
  defineRoute({
    method: 'delete',
    path: '/work_pools/{name}',
    summary: 'Delete Work Pool',
    tag,
    status: 204,
    handler: async ({ params }, { db }) => {
      refuseReserved(params.name!, ' and can not be deleted');
      await deleteWorkPool(db, params.name!);
    },
  }),
  defineRoute({
    method: 'post',
    path: '/work_pools/{name}/concurrency_status',
    summary: 'Read Work Pool Concurrency Status',
    tag,
    body: PoolConcurrencyBody,
    response: WorkPoolConcurrencyStatus,
    handler: async ({ params, body }, context) => {
      const limit = limitOf(body, context);
      const pool = await readWorkPool(context.db, params.name!);
      // Other quotes than everywhere else, as in Prefect.
      if (!pool) throw detail(404, `Work pool '${params.name}' not found.`);
      return readPoolConcurrency(context.db, pool, {
        limit,
        page: body.page,
        runsOfQueue: body.flow_run_limit,
      });
    },
  }),
  defineRoute({
    method: 'post',
    path: '/work_pools/{name}/get_scheduled_flow_runs',
    summary: 'Get Scheduled Flow Runs',
    tag,
    body: PoolRunsBody,
    response: list(WorkerFlowRunResponse),
    handler: async ({ params, body }, context) => {
      const { db } = context;
      const limit = limitOf(body, context);
      const found = await readPolledPool(db, params.name!);
      if (!found) throw noSuchPool(params.name!);
      const queues = chooseQueues(params.name!, found.queues, body.work_queue_names);
      const runs = await findScheduledWork(db, found, queues, { ...body, limit });
      await notePoll(db, found.pool, queues);
      return toWorkerFlowRuns(found.pool, runs);
    },
  }),
];
