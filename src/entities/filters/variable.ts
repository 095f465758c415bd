import { defineFilter, type FilterInput } from './filter.ts';
import { any, hasAll, isEmptyListOrNot, like } from './operators.ts';

export const variableFilter = defineFilter(({ variable }) => ({
  id: { any_: any(variable.id) },
  name: { any_: any(variable.name), like_: like(variable.name) },
  tags: { all_: hasAll(variable.tags), is_null_: isEmptyListOrNot(variable.tags) },
}));

export type VariableFilter = FilterInput<typeof variableFilter>;
