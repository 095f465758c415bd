import { nullable, optional } from '../kinds/index.ts';
import { filter, flag, moment, operator, texts, uuids } from './filter-fields.ts';

const AutomationFilterCreated = filter('AutomationFilterCreated', { before_: moment });
const AutomationFilterId = filter('AutomationFilterId', { any_: uuids });
const AutomationFilterName = filter('AutomationFilterName', { any_: texts });
const AutomationFilterTags = filter('AutomationFilterTags', {
  operator,
  all_: texts,
  any_: texts,
  is_null_: flag,
});

export const AutomationFilter = filter('AutomationFilter', {
  operator,
  id: optional(nullable(AutomationFilterId)),
  name: optional(nullable(AutomationFilterName)),
  created: optional(nullable(AutomationFilterCreated)),
  tags: optional(nullable(AutomationFilterTags)),
});
