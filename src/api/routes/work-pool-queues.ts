import { IntegrityError, unwrapDatabaseError } from '../../db/errors.ts';
import { findWorkPool } from '../../entities/work-pool/work-pool-lookup.ts';
import {
  deleteWorkQueue,
  updateWorkQueue,
  type WorkQueueChanges,
} from '../../entities/work-pool/work-queue-change.ts';
import {
  type WorkQueueCreate as Given,
  insertWorkQueue,
} from '../../entities/work-pool/work-queue-insert.ts';
import { findPoolQueues, readPoolQueue, toWorkQueue } from '../../entities/work-pool/work-queue-query.ts';
import { detail, errors } from '../../errors.ts';
import { list } from '../kinds/index.ts';
import { partOf } from '../paging.ts';
import { type Context, defineRoute } from '../route.ts';
import {
  PoolQueuesFilterBody,
  WorkQueueCreate,
  WorkQueueResponse,
  WorkQueueUpdate,
} from '../schemas/work-queues.ts';

const tag = 'Work Pools';

export function noSuchQueue(poolName: string, name: string) {
  return detail(404, `Work pool queue '${poolName}/${name}' not found.`);
}

async function findQueue({ db }: Context, { work_pool_name, name }: Record<string, string>) {
  const queue = await readPoolQueue(db, work_pool_name!, name!);
  if (!queue) throw noSuchQueue(work_pool_name!, name!);
  return queue;
}

export const workPoolQueueRoutes = [
  defineRoute({
    method: 'post',
    path: '/work_pools/{work_pool_name}/queues',
    summary: 'Create Work Queue',
    tag,
    body: WorkQueueCreate,
    response: WorkQueueResponse,
    status: 201,
    handler: async ({ params, body }, { db }) => {
      const pool = await findWorkPool(db, params.work_pool_name!);
      try {
        const queue = await db.transaction(() => insertWorkQueue(db, pool, body as Given));
        return toWorkQueue({ queue, poolName: pool.name }, 0);
      } catch (error) {
        if (!(unwrapDatabaseError(error) instanceof IntegrityError)) throw error;
        // Prefect forgot to put the name in.
        throw errors.conflict('A work queue with this name already exists in work pool {work_pool_name!r}.');
      }
    },
  }),
  defineRoute({
    method: 'get',
    path: '/work_pools/{work_pool_name}/queues/{name}',
    summary: 'Read Work Queue',
    tag,
    response: WorkQueueResponse,
    handler: ({ params }, context) => findQueue(context, params),
  }),
  defineRoute({
    method: 'post',
    path: '/work_pools/{work_pool_name}/queues/filter',
    summary: 'Read Work Queues',
    tag,
    body: PoolQueuesFilterBody,
    response: list(WorkQueueResponse),
    handler: async ({ params, body }, context) => {
      const part = partOf(body, context);
      const pool = await findWorkPool(context.db, params.work_pool_name!);
      return findPoolQueues(context.db, pool.id, body.work_queues, part);
    },
  }),
  defineRoute({
    method: 'patch',
    path: '/work_pools/{work_pool_name}/queues/{name}',
    summary: 'Update Work Queue',
    tag,
    body: WorkQueueUpdate,
    status: 204,
    handler: async ({ params, body }, context) => {
      await findWorkPool(context.db, params.work_pool_name!);
      const { id } = await findQueue(context, params);
      await updateWorkQueue(context.db, id, body as WorkQueueChanges, { ranks: true });
    },
  }),
  defineRoute({
    method: 'delete',
    path: '/work_pools/{work_pool_name}/queues/{name}',
    summary: 'Delete Work Queue',
    tag,
    status: 204,
    handler: async ({ params }, context) => {
      await findWorkPool(context.db, params.work_pool_name!);
      const { id } = await findQueue(context, params);
      await deleteWorkQueue(context.db, id, { ranks: true });
    },
  }),
];
