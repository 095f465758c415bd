import { nullable, optional } from '../kinds/index.ts';
import { filter, operator, texts, uuids } from './filter-fields.ts';

const WorkPoolFilterId = filter('WorkPoolFilterId', {
  any_: uuids,
});

const WorkPoolFilterName = filter('WorkPoolFilterName', {
  any_: texts,
});

const WorkPoolFilterType = filter('WorkPoolFilterType', {
  any_: texts,
});

export const WorkPoolFilter = filter('WorkPoolFilter', {
  operator,
  id: optional(nullable(WorkPoolFilterId)),
  name: optional(nullable(WorkPoolFilterName)),
  type: optional(nullable(WorkPoolFilterType)),
});

const WorkQueueFilterId = filter('WorkQueueFilterId', {
  any_: uuids,
});

const WorkQueueFilterName = filter('WorkQueueFilterName', {
  any_: texts,
  startswith_: texts,
});

export const WorkQueueFilter = filter('WorkQueueFilter', {
  operator,
  id: optional(nullable(WorkQueueFilterId)),
  name: optional(nullable(WorkQueueFilterName)),
});
