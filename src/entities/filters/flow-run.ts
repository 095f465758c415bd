import { sql } from 'drizzle-orm';
import type { Dialect } from '../../db/dialect.ts';
import type { Timestamp } from '../../time/timestamp.ts';
import { defineFilter, type FilterInput } from './filter.ts';
import {
  any,
  anyMostly,
  hasAll,
  hasAny,
  isEmptyListOrNot,
  isNullOrNot,
  like,
  notAny,
  type Operator,
  period,
} from './operators.ts';

export const flowRunFilter = defineFilter(({ flow_run, task_run }) => {
  // Spelled as its indexes have it.
  const start = sql`coalesce(${flow_run.start_time}, ${flow_run.expected_start_time})`;
  const moment = (value: Timestamp) => sql.param(value, flow_run.start_time);
  const creator = (member: string): Operator<string[]> => {
    return (values, dialect) => any(dialect.jsonField(flow_run.created_by, member))(values, dialect);
  };
  return {
    id: { any_: any(flow_run.id), not_any_: notAny(flow_run.id) },
    name: { any_: any(flow_run.name), like_: like(flow_run.name) },
    tags: {
      all_: hasAll(flow_run.tags),
      any_: hasAny(flow_run.tags),
      is_null_: isEmptyListOrNot(flow_run.tags),
    },
    deployment_id: { any_: any(flow_run.deployment_id), is_null_: isNullOrNot(flow_run.deployment_id) },
    work_queue_name: { any_: any(flow_run.work_queue_name), is_null_: isNullOrNot(flow_run.work_queue_name) },
    state: {
      type: { any_: anyMostly('COMPLETED', flow_run.state_type), not_any_: notAny(flow_run.state_type) },
      name: { any_: anyMostly('Completed', flow_run.state_name), not_any_: notAny(flow_run.state_name) },
    },
    flow_version: { any_: any(flow_run.flow_version) },
    start_time: {
      before_: (value: Timestamp) => sql`${start} <= ${moment(value)}`,
      after_: (value: Timestamp) => sql`${start} >= ${moment(value)}`,
      is_null_: isNullOrNot(flow_run.start_time),
    },
    end_time: { ...period(flow_run.end_time), is_null_: isNullOrNot(flow_run.end_time) },
    expected_start_time: period(flow_run.expected_start_time),
    next_scheduled_start_time: period(flow_run.next_scheduled_start_time),
    parent_flow_run_id: {
      any_: (ids: string[], dialect: Dialect) =>
        sql`${flow_run.parent_task_run_id} in (select ${task_run.id} from ${task_run} where ${any(task_run.flow_run_id)(ids, dialect)})`,
    },
    parent_task_run_id: {
      any_: any(flow_run.parent_task_run_id),
      is_null_: isNullOrNot(flow_run.parent_task_run_id),
    },
    idempotency_key: { any_: any(flow_run.idempotency_key), not_any_: notAny(flow_run.idempotency_key) },
    created_by: {
      id_: creator('id'),
      type_: creator('type'),
      is_null_: isNullOrNot(flow_run.created_by),
    },
  };
});

export type FlowRunFilter = FilterInput<typeof flowRunFilter>;
