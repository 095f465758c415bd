import { sql } from 'drizzle-orm';
import type { Dialect } from '../../db/dialect.ts';
import { defineFilter, type FilterInput } from './filter.ts';
import { any, atLeast, atMost, isNullOrNot, period } from './operators.ts';
import { matchesQuery } from './text.ts';

export const logFilter = defineFilter(({ log }) => ({
  level: { ge_: atLeast<number>(log.level), le_: atMost<number>(log.level) },
  timestamp: period(log.timestamp),
  flow_run_id: { any_: any(log.flow_run_id) },
  task_run_id: { any_: any(log.task_run_id), is_null_: isNullOrNot(log.task_run_id) },
  text: ({ query }: { query: string }, dialect: Dialect) =>
    matchesQuery(sql`(${log.message} || ' ' || ${log.name})`, query, dialect),
}));

export type LogFilter = FilterInput<typeof logFilter>;
