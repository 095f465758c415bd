import { gte, lte, sql } from 'drizzle-orm';
import type { Dialect } from '../../db/dialect.ts';
import { defineFilter, type FilterInput } from './filter.ts';
import { any, isNullOrNot, period } from './operators.ts';
import { matchesQuery } from './text.ts';

export const logFilter = defineFilter(({ log }) => ({
  // Of a few levels one alone has most logs: no place to begin.
  level: {
    ge_: (level: number, dialect: Dialect) => gte(dialect.unselective(log.level), level),
    le_: (level: number, dialect: Dialect) => lte(dialect.unselective(log.level), level),
  },
  timestamp: period(log.timestamp),
  flow_run_id: { any_: any(log.flow_run_id) },
  task_run_id: { any_: any(log.task_run_id), is_null_: isNullOrNot(log.task_run_id) },
  text: ({ query }: { query: string }, dialect: Dialect) =>
    matchesQuery(sql`(${log.message} || ' ' || ${log.name})`, query, dialect),
}));

export type LogFilter = FilterInput<typeof logFilter>;
