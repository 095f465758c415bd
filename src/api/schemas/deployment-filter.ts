import { annotated, int, nullable, optional } from '../kinds/index.ts';
import { filter, flag, operator, text, texts, uuids } from './filter-fields.ts';

const DeploymentOrFlowNameFilter = filter('DeploymentOrFlowNameFilter', {
  like_: text,
});

const DeploymentFilterConcurrencyLimit = filter('DeploymentFilterConcurrencyLimit', {
  ge_: optional(nullable(int())),
  le_: optional(nullable(int())),
  is_null_: flag,
});

const DeploymentFilterId = filter('DeploymentFilterId', {
  any_: uuids,
  not_any_: uuids,
});

const DeploymentFilterName = filter('DeploymentFilterName', {
  any_: texts,
  like_: text,
});

const DeploymentFilterPaused = filter('DeploymentFilterPaused', {
  eq_: flag,
});

const DeploymentFilterTags = filter('DeploymentFilterTags', {
  operator,
  all_: texts,
  any_: texts,
  is_null_: flag,
});

const DeploymentFilterWorkQueueName = filter('DeploymentFilterWorkQueueName', {
  any_: texts,
});

export const DeploymentFilter = filter('DeploymentFilter', {
  operator,
  id: optional(nullable(DeploymentFilterId)),
  name: optional(nullable(DeploymentFilterName)),
  flow_or_deployment_name: optional(nullable(DeploymentOrFlowNameFilter)),
  paused: optional(nullable(DeploymentFilterPaused)),
  tags: optional(nullable(DeploymentFilterTags)),
  work_queue_name: optional(nullable(DeploymentFilterWorkQueueName)),
  concurrency_limit: annotated(optional(nullable(DeploymentFilterConcurrencyLimit)), { deprecated: true }),
});
