import type { output } from 'zod';
import { bool, list, nullable, optional, withDefault } from '../kinds/index.ts';
import { filter, flag, moment, operator, text, texts, uuids } from './filter-fields.ts';
import { StateType } from './states.ts';

export const TaskRunFilterEndTime = filter('TaskRunFilterEndTime', {
  before_: moment,
  after_: moment,
  is_null_: flag,
});
export type TaskRunFilterEndTime = output<typeof TaskRunFilterEndTime>;

export const TaskRunFilterExpectedStartTime = filter('TaskRunFilterExpectedStartTime', {
  before_: moment,
  after_: moment,
});
export type TaskRunFilterExpectedStartTime = output<typeof TaskRunFilterExpectedStartTime>;

export const TaskRunFilterFlowRunId = filter('TaskRunFilterFlowRunId', {
  operator,
  any_: uuids,
  is_null_: withDefault(nullable(bool()), false),
});
export type TaskRunFilterFlowRunId = output<typeof TaskRunFilterFlowRunId>;

export const TaskRunFilterId = filter('TaskRunFilterId', {
  any_: uuids,
});
export type TaskRunFilterId = output<typeof TaskRunFilterId>;

export const TaskRunFilterName = filter('TaskRunFilterName', {
  any_: texts,
  like_: text,
});
export type TaskRunFilterName = output<typeof TaskRunFilterName>;

export const TaskRunFilterStartTime = filter('TaskRunFilterStartTime', {
  before_: moment,
  after_: moment,
  is_null_: flag,
});
export type TaskRunFilterStartTime = output<typeof TaskRunFilterStartTime>;

export const TaskRunFilterStateName = filter('TaskRunFilterStateName', {
  any_: texts,
});
export type TaskRunFilterStateName = output<typeof TaskRunFilterStateName>;

export const TaskRunFilterStateType = filter('TaskRunFilterStateType', {
  any_: optional(nullable(list(StateType))),
});
export type TaskRunFilterStateType = output<typeof TaskRunFilterStateType>;

export const TaskRunFilterSubFlowRuns = filter('TaskRunFilterSubFlowRuns', {
  exists_: flag,
});
export type TaskRunFilterSubFlowRuns = output<typeof TaskRunFilterSubFlowRuns>;

export const TaskRunFilterTags = filter('TaskRunFilterTags', {
  operator,
  all_: texts,
  is_null_: flag,
});
export type TaskRunFilterTags = output<typeof TaskRunFilterTags>;

export const TaskRunFilterState = filter('TaskRunFilterState', {
  operator,
  type: optional(nullable(TaskRunFilterStateType)),
  name: optional(nullable(TaskRunFilterStateName)),
});
export type TaskRunFilterState = output<typeof TaskRunFilterState>;

export const TaskRunFilter = filter('TaskRunFilter', {
  operator,
  id: optional(nullable(TaskRunFilterId)),
  name: optional(nullable(TaskRunFilterName)),
  tags: optional(nullable(TaskRunFilterTags)),
  state: optional(nullable(TaskRunFilterState)),
  start_time: optional(nullable(TaskRunFilterStartTime)),
  end_time: optional(nullable(TaskRunFilterEndTime)),
  expected_start_time: optional(nullable(TaskRunFilterExpectedStartTime)),
  subflow_runs: optional(nullable(TaskRunFilterSubFlowRuns)),
  flow_run_id: optional(nullable(TaskRunFilterFlowRunId)),
});
export type TaskRunFilter = output<typeof TaskRunFilter>;
