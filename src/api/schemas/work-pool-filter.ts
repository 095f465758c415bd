import { nullable, optional } from '../kinds/index.ts';
import { filter, operator, texts, uuids } from './filter-fields.ts';

export const WorkPoolFilterId = filter('WorkPoolFilterId', {
  any_: uuids,
});

export const WorkPoolFilterName = filter('WorkPoolFilterName', {
  any_: texts,
});

export const WorkPoolFilterType = filter('WorkPoolFilterType', {
  any_: texts,
});

export const WorkPoolFilter = filter('WorkPoolFilter', {
  operator,
  id: optional(nullable(WorkPoolFilterId)),
  name: optional(nullable(WorkPoolFilterName)),
  type: optional(nullable(WorkPoolFilterType)),
});

export const WorkQueueFilterId = filter('WorkQueueFilterId', {
  any_: uuids,
});

export const WorkQueueFilterName = filter('WorkQueueFilterName', {
  any_: texts,
  startswith_: texts,
});

export const WorkQueueFilter = filter('WorkQueueFilter', {
  operator,
  id: optional(nullable(WorkQueueFilterId)),
  name: optional(nullable(WorkQueueFilterName)),
});
