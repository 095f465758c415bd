import { bool, list, nullable, optional, withDefault } from '../kinds/index.ts';
import { filter, flag, moment, operator, text, texts, uuids } from './filter-fields.ts';
import { StateType } from './states.ts';

const TaskRunFilterEndTime = filter('TaskRunFilterEndTime', {
  before_: moment,
  after_: moment,
  is_null_: flag,
});

const TaskRunFilterExpectedStartTime = filter('TaskRunFilterExpectedStartTime', {
  before_: moment,
  after_: moment,
});

const TaskRunFilterFlowRunId = filter('TaskRunFilterFlowRunId', {
  operator,
  any_: uuids,
  is_null_: withDefault(nullable(bool()), false),
});

const TaskRunFilterId = filter('TaskRunFilterId', {
  any_: uuids,
});

const TaskRunFilterName = filter('TaskRunFilterName', {
  any_: texts,
  like_: text,
});

const TaskRunFilterStartTime = filter('TaskRunFilterStartTime', {
  before_: moment,
  after_: moment,
  is_null_: flag,
});

const TaskRunFilterStateName = filter('TaskRunFilterStateName', {
  any_: texts,
});

const TaskRunFilterStateType = filter('TaskRunFilterStateType', {
  any_: optional(nullable(list(StateType))),
});

const TaskRunFilterSubFlowRuns = filter('TaskRunFilterSubFlowRuns', {
  exists_: flag,
});

const TaskRunFilterTags = filter('TaskRunFilterTags', {
  operator,
  all_: texts,
  is_null_: flag,
});

const TaskRunFilterState = filter('TaskRunFilterState', {
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
