import { nullable, optional } from '../kinds/index.ts';
import { filter, flag, operator, text, texts, uuids } from './filter-fields.ts';

export const FlowFilterDeployment = filter('FlowFilterDeployment', {
  operator,
  is_null_: flag,
});

export const FlowFilterId = filter('FlowFilterId', {
  any_: uuids,
  not_any_: uuids,
});

export const FlowFilterName = filter('FlowFilterName', {
  any_: texts,
  like_: text,
});

export const FlowFilterTags = filter('FlowFilterTags', {
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
