import { isNotNull, isNull, not, sql } from 'drizzle-orm';
import type { Dialect } from '../../db/dialect.ts';
import { type Combine, defineFilter, type FilterInput } from './filter.ts';
import { any, anyMostly, hasAll, isEmptyListOrNot, isNullOrNot, like, period } from './operators.ts';

interface FlowRunId {
  operator?: Combine | null;
  any_?: string[] | null;
  is_null_?: boolean | null;
}

export const taskRunFilter = defineFilter(({ flow_run, task_run }) => ({
  id: { any_: any(task_run.id) },
  name: { any_: any(task_run.name), like_: like(task_run.name) },
  tags: { all_: hasAll(task_run.tags), is_null_: isEmptyListOrNot(task_run.tags) },
  state: {
    type: { any_: anyMostly('COMPLETED', task_run.state_type) },
    name: { any_: anyMostly('Completed', task_run.state_name) },
  },
  start_time: { ...period(task_run.start_time), is_null_: isNullOrNot(task_run.start_time) },
  end_time: { ...period(task_run.end_time), is_null_: isNullOrNot(task_run.end_time) },
  expected_start_time: period(task_run.expected_start_time),
  subflow_runs: {
    exists_: (wanted: boolean) => {
      const exists = sql`exists (select 1 from ${flow_run} where ${flow_run.parent_task_run_id} = ${task_run.id})`;
      return wanted ? exists : not(exists);
    },
  },
  /** Prefect's `is_null_` is false unless it is sent, and then stands for "has one" only when no ids are given. */
  flow_run_id: ({ any_, is_null_ = false }: FlowRunId, dialect: Dialect) => {
    if (is_null_) return isNull(task_run.flow_run_id);
    if (any_) return any(task_run.flow_run_id)(any_, dialect);
    return is_null_ === false ? isNotNull(task_run.flow_run_id) : sql`true`;
  },
}));

export type TaskRunFilter = FilterInput<typeof taskRunFilter>;
