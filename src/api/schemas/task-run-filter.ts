import { bool, list, nullable, optional, withDefault } from '../kinds/index.ts';
import { filter, flag, moment, operator, text, texts, uuids } from './filter-fields.ts';
import { StateType } from './states.ts';

export const TaskRunFilterEndTime = filter('TaskRunFilterEndTime', {
  before_: moment,
  after_: moment,
  is_null_: flag,
});

export const TaskRunFilterExpectedStartTime = filter('TaskRunFilterExpectedStartTime', {
  before_: moment,
  after_: moment,
});

export const TaskRunFilterFlowRunId = filter('TaskRunFilterFlowRunId', {
  operator,
  any_: uuids,
  is_null_: withDefault(nullable(bool()), false),
});

export const TaskRunFilterId = filter('TaskRunFilterId', {
  any_: uuids,
});

export const TaskRunFilterName = filter('TaskRunFilterName', {
  any_: texts,
  like_: text,
});

export const TaskRunFilterStartTime = filter('TaskRunFilterStartTime', {
  before_: moment,
  after_: moment,
  is_null_: flag,
});

export const TaskRunFilterStateName = filter('TaskRunFilterStateName', {
  any_: texts,
});

export const TaskRunFilterStateType = filter('TaskRunFilterStateType', {
  any_: optional(nullable(list(StateType))),
});

export const TaskRunFilterSubFlowRuns = filter('TaskRunFilterSubFlowRuns', {
  exists_: flag,
});

export const TaskRunFilterTags = filter('TaskRunFilterTags', {
  operator,
  all_: texts,
  is_null_: flag,
});

export const TaskRunFilterState = filter('TaskRunFilterState', {
  operator,
  type: optional(nullable(TaskRunFilterStateType)),
  name: optional(nullable(TaskRunFilterStateName)),
});

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
