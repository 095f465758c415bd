import { defineFilter, type FilterInput } from './filter.ts';
import { any, atMost, hasAll, hasAny, isEmptyListOrNot } from './operators.ts';

export const automationFilter = defineFilter(({ automation }) => ({
  id: { any_: any(automation.id) },
  name: { any_: any(automation.name) },
  created: { before_: atMost<string>(automation.created) },
  tags: {
    all_: hasAll(automation.tags),
    any_: hasAny(automation.tags),
    is_null_: isEmptyListOrNot(automation.tags),
  },
}));

export type AutomationFilter = FilterInput<typeof automationFilter>;
