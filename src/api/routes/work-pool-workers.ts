import { findWorkPool } from '../../entities/work-pool/work-pool-lookup.ts';
import { deleteWorker, findWorkers, recordHeartbeat } from '../../entities/work-pool/worker.ts';
import { detail } from '../../errors.ts';
import { list } from '../kinds/index.ts';
import { partOf } from '../paging.ts';
import { defineRoute } from '../route.ts';
import { HeartbeatBody, WorkerResponse, WorkersFilterBody } from '../schemas/workers.ts';

const tag = 'Work Pools';

export const workPoolWorkerRoutes = [
  defineRoute({
    method: 'post',
    path: '/work_pools/{work_pool_name}/workers/heartbeat',
    summary: 'Worker Heartbeat',
    tag,
    body: HeartbeatBody,
    status: 204,
    handler: async ({ params, body }, { db }) => {
      await recordHeartbeat(db, params.work_pool_name!, body);
    },
  }),
  defineRoute({
    method: 'post',
    path: '/work_pools/{work_pool_name}/workers/filter',
    summary: 'Read Workers',
    tag,
    body: WorkersFilterBody,
    response: list(WorkerResponse),
    handler: async ({ params, body }, context) => {
      const part = partOf(body, context);
      const pool = await findWorkPool(context.db, params.work_pool_name!);
      return findWorkers(context.db, pool.id, body.workers, part);
    },
  }),
  defineRoute({
    method: 'delete',
    path: '/work_pools/{work_pool_name}/workers/{name}',
    summary: 'Delete Worker',
    tag,
    status: 204,
    handler: async ({ params }, { db }) => {
      const pool = await findWorkPool(db, params.work_pool_name!);
      if (!(await deleteWorker(db, pool.id, params.name!))) throw detail(404, 'Worker not found.');
    },
  }),
];
