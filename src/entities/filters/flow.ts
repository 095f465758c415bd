import { not, sql } from 'drizzle-orm';
import { defineFilter, type FilterInput } from './filter.ts';
import { any, hasAll, isEmptyListOrNot, like, notAny } from './operators.ts';

export const flowFilter = defineFilter(({ flow, deployment }) => ({
  id: { any_: any(flow.id), not_any_: notAny(flow.id) },
  deployment: {
    is_null_: (wanted: boolean) => {
      const exists = sql`exists (select 1 from ${deployment} where ${deployment.flow_id} = ${flow.id})`;
      return wanted ? not(exists) : exists;
    },
  },
  name: { any_: any(flow.name), like_: like(flow.name) },
  tags: { all_: hasAll(flow.tags), is_null_: isEmptyListOrNot(flow.tags) },
}));

export type FlowFilter = FilterInput<typeof flowFilter>;
