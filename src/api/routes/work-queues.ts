import type { Database } from '../../db/database.ts';
import { IntegrityError, unwrapDatabaseError } from '../../db/errors.ts';
import { readQueueConcurrency } from '../../entities/concurrency/slot-holders.ts';
import { findRunsOfQueue } from '../../entities/work-pool/scheduled-work.ts';
import { notePoll, readPolledQueue } from '../../entities/work-pool/work-poll.ts';
import { createAgentQueue, readAgentQueue, readWorkQueueById } from '../../entities/work-pool/work-queue.ts';
import {
  deleteWorkQueue,
  updateWorkQueue,
  type WorkQueueChanges,
} from '../../entities/work-pool/work-queue-change.ts';
import { readQueueHealth } from '../../entities/work-pool/work-queue-health.ts';
import { findQueues, readQueueAnswer } from '../../entities/work-pool/work-queue-query.ts';
import { detail, errors, HttpError } from '../../errors.ts';
import { bool, list, nullable, parameters, withDefault } from '../kinds/index.ts';
import { limitOf, partOf } from '../paging.ts';
import { defineRoute } from '../route.ts';
import { FlowRunResponse } from '../schemas/flow-runs.ts';
import {
  QueueConcurrencyBody,
  QueueRunsBody,
  QueuesFilterBody,
  WorkQueueConcurrencyStatus,
  WorkQueueCreate,
  WorkQueueResponse,
  WorkQueueStatusDetail,
  WorkQueueUpdate,
} from '../schemas/work-queues.ts';

const tag = 'Work Queues';

const notFound = () => detail(404, 'work queue not found');

async function readOr404(db: Database, id: string) {
  const queue = await readQueueAnswer(db, id);
  if (!queue) throw notFound();
  return queue;
}

export const workQueueRoutes = [
  defineRoute({
    method: 'post',
    path: '/work_queues/',
    summary: 'Create Work Queue',
    tag,
    body: WorkQueueCreate,
    response: WorkQueueResponse,
    status: 201,
    handler: async ({ body }, { db }) => {
      try {
        const { id } = await createAgentQueue(db, body as Parameters<typeof createAgentQueue>[1]);
        return { ...(await readOr404(db, id)), ...(body.concurrency_limit !== null && { active_slots: 0 }) };
      } catch (error) {
        if (!(unwrapDatabaseError(error) instanceof IntegrityError)) throw error;
        throw errors.conflict('A work queue with this name already exists.');
      }
    },
  }),
  defineRoute({
    method: 'patch',
    path: '/work_queues/{id:uuid}',
    summary: 'Update Work Queue',
    tag,
    body: WorkQueueUpdate,
    status: 204,
    handler: async ({ params, body }, { db }) => {
      const done = await updateWorkQueue(db, params.id!, body as WorkQueueChanges, { ranks: false });
      if (!done) throw detail(404, `Work Queue ${params.id} not found`);
    },
  }),
  defineRoute({
    method: 'get',
    path: '/work_queues/name/{name}',
    summary: 'Read Work Queue By Name',
    tag,
    response: WorkQueueResponse,
    handler: async ({ params }, { db }) => {
      const queue = await readAgentQueue(db, params.name!);
      if (!queue) throw notFound();
      return readOr404(db, queue.id);
    },
  }),
  defineRoute({
    method: 'get',
    path: '/work_queues/{id:uuid}',
    summary: 'Read Work Queue',
    tag,
    response: WorkQueueResponse,
    handler: ({ params }, { db }) => readOr404(db, params.id!),
  }),
  defineRoute({
    method: 'post',
    path: '/work_queues/{id:uuid}/get_runs',
    summary: 'Read Work Queue Runs',
    tag,
    headers: parameters({ 'x-prefect-ui': withDefault(nullable(bool()), false) }),
    body: QueueRunsBody,
    response: list(FlowRunResponse),
    handler: async ({ params, body }, context) => {
      const { db, headers } = context;
      const limit = limitOf(body, context);
      const found = await readPolledQueue(db, params.id!);
      if (!found) {
        throw new HttpError(404, { exception_message: `Work queue with id ${params.id} not found.` });
      }
      const runs = await findRunsOfQueue(db, found.queue, { ...body, limit });
      // The dashboard looks, and takes nothing.
      const isLook = bool().parse(headers['x-prefect-ui'] ?? false);
      if (!isLook) await notePoll(db, found.pool, [found.queue]);
      return runs;
    },
  }),
  defineRoute({
    method: 'post',
    path: '/work_queues/filter',
    summary: 'Read Work Queues',
    tag,
    body: QueuesFilterBody,
    response: list(WorkQueueResponse),
    handler: ({ body }, context) => findQueues(context.db, body.work_queues, partOf(body, context)),
  }),
  defineRoute({
    method: 'delete',
    path: '/work_queues/{id:uuid}',
    summary: 'Delete Work Queue',
    tag,
    status: 204,
    handler: async ({ params }, { db }) => {
      if (!(await deleteWorkQueue(db, params.id!, { ranks: false }))) throw notFound();
    },
  }),
  defineRoute({
    method: 'post',
    path: '/work_queues/{id:uuid}/concurrency_status',
    summary: 'Read Work Queue Concurrency Status',
    tag,
    body: QueueConcurrencyBody,
    response: WorkQueueConcurrencyStatus,
    handler: async ({ params, body }, context) => {
      const limit = limitOf(body, context);
      const queue = await readWorkQueueById(context.db, params.id!);
      if (!queue) throw detail(404, 'Work queue not found.');
      return readQueueConcurrency(context.db, queue, { limit, page: body.page });
    },
  }),
  defineRoute({
    method: 'get',
    path: '/work_queues/{id:uuid}/status',
    summary: 'Read Work Queue Status',
    tag,
    response: WorkQueueStatusDetail,
    handler: async ({ params }, { db }) => {
      const health = await readQueueHealth(db, params.id!);
      if (!health) throw errors.objectNotFound('Work queue', params.id!);
      return health;
    },
  }),
];
