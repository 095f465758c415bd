import type { output } from 'zod';
import { nullable, optional } from '../kinds/index.ts';
import { filter, flag, operator, text, texts, uuids } from './filter-fields.ts';

export const FlowFilterDeployment = filter('FlowFilterDeployment', {
  operator,
  is_null_: flag,
});
export type FlowFilterDeployment = output<typeof FlowFilterDeployment>;

export const FlowFilterId = filter('FlowFilterId', {
  any_: uuids,
  not_any_: uuids,
});
export type FlowFilterId = output<typeof FlowFilterId>;

export const FlowFilterName = filter('FlowFilterName', {
  any_: texts,
  like_: text,
});
export type FlowFilterName = output<typeof FlowFilterName>;

export const FlowFilterTags = filter('FlowFilterTags', {
  operator,
  all_: texts,
  is_null_: flag,
});
export type FlowFilterTags = output<typeof FlowFilterTags>;

export const FlowFilter = filter('FlowFilter', {
  operator,
  id: optional(nullable(FlowFilterId)),
  deployment: optional(nullable(FlowFilterDeployment)),
  name: optional(nullable(FlowFilterName)),
  tags: optional(nullable(FlowFilterTags)),
});
export type FlowFilter = output<typeof FlowFilter>;
