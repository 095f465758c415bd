/** What columns of both dialects hold: labels of the enumerations in PostgreSQL's order, and the shapes of JSON that the server reads. */

import type { JsonNumber } from '../json/json.ts';

export const STATE_TYPES = [
  'SCHEDULED',
  'PENDING',
  'RUNNING',
  'COMPLETED',
  'FAILED',
  'CANCELLED',
  'CRASHED',
  'PAUSED',
  'CANCELLING',
] as const;
export const DEPLOYMENT_STATUSES = ['READY', 'NOT_READY'] as const;
export const WORK_POOL_STATUSES = ['READY', 'NOT_READY', 'PAUSED'] as const;
export const WORK_QUEUE_STATUSES = ['READY', 'NOT_READY', 'PAUSED'] as const;
export const WORKER_STATUSES = ['ONLINE', 'OFFLINE'] as const;

export type StateType = (typeof STATE_TYPES)[number];
export type DeploymentStatus = (typeof DEPLOYMENT_STATUSES)[number];
export type WorkPoolStatus = (typeof WORK_POOL_STATUSES)[number];
export type WorkQueueStatus = (typeof WORK_QUEUE_STATUSES)[number];
export type WorkerStatus = (typeof WORKER_STATUSES)[number];

export type JsonObject = Record<string, unknown>;

/** A label of 1.0 must not come back as 1, so a number may come in its own spelling. */
export type Labels = Record<string, string | number | boolean | JsonNumber>;

/** What an event says of a resource: labels whose values are text. */
export type ResourceLabels = Record<string, string>;
