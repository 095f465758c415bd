import type { output } from 'zod';
import { nullable, optional } from '../kinds/index.ts';
import { filter, operator, texts, uuids } from './filter-fields.ts';

export const WorkPoolFilterId = filter('WorkPoolFilterId', {
  any_: uuids,
});
export type WorkPoolFilterId = output<typeof WorkPoolFilterId>;

export const WorkPoolFilterName = filter('WorkPoolFilterName', {
  any_: texts,
});
export type WorkPoolFilterName = output<typeof WorkPoolFilterName>;

export const WorkPoolFilterType = filter('WorkPoolFilterType', {
  any_: texts,
});
export type WorkPoolFilterType = output<typeof WorkPoolFilterType>;

export const WorkPoolFilter = filter('WorkPoolFilter', {
  operator,
  id: optional(nullable(WorkPoolFilterId)),
  name: optional(nullable(WorkPoolFilterName)),
  type: optional(nullable(WorkPoolFilterType)),
});
export type WorkPoolFilter = output<typeof WorkPoolFilter>;

export const WorkQueueFilterId = filter('WorkQueueFilterId', {
  any_: uuids,
});
export type WorkQueueFilterId = output<typeof WorkQueueFilterId>;

export const WorkQueueFilterName = filter('WorkQueueFilterName', {
  any_: texts,
  startswith_: texts,
});
export type WorkQueueFilterName = output<typeof WorkQueueFilterName>;

export const WorkQueueFilter = filter('WorkQueueFilter', {
  operator,
  id: optional(nullable(WorkQueueFilterId)),
  name: optional(nullable(WorkQueueFilterName)),
});
export type WorkQueueFilter = output<typeof WorkQueueFilter>;
