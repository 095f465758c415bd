import { nullable, optional } from '../kinds/index.ts';
import { filter, flag, operator, text, texts, uuids } from './filter-fields.ts';

const FlowFilterDeployment = filter('FlowFilterDeployment', {
  operator,
  is_null_: flag,
});

const FlowFilterId = filter('FlowFilterId', {
  any_: uuids,
  not_any_: uuids,
});

const FlowFilterName = filter('FlowFilterName', {
  any_: texts,
  like_: text,
});

const FlowFilterTags = filter('FlowFilterTags', {
  operator,
  all_: texts,
  is_null_: flag,
});

export const FlowFilter = filter('FlowFilter', {
  operator,
  id: optional(nullable(FlowFilterId)),
  deployment: optional(nullable(FlowFilterDeployment)),
  name: optional(nullable(FlowFilterName)),
  tags: optional(nullable(FlowFilterTags)),
});
