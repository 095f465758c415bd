/** PostgreSQL's enumerations; SQLite keeps the same labels as text. */

import { pgEnum } from 'drizzle-orm/pg-core';
import {
  DEPLOYMENT_STATUSES,
  STATE_TYPES,
  WORK_POOL_STATUSES,
  WORK_QUEUE_STATUSES,
  WORKER_STATUSES,
} from '../types.ts';

export const state_type = pgEnum('state_type', STATE_TYPES);
export const deployment_status = pgEnum('deployment_status', DEPLOYMENT_STATUSES);
export const work_pool_status = pgEnum('work_pool_status', WORK_POOL_STATUSES);
export const work_queue_status = pgEnum('work_queue_status', WORK_QUEUE_STATUSES);
export const worker_status = pgEnum('worker_status', WORKER_STATUSES);
