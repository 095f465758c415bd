import { list, nullable, optional } from '../kinds/index.ts';
import { filter, flag, moment, operator, text, texts, uuids } from './filter-fields.ts';
import { StateType } from './states.ts';

const FlowRunFilterCreatedBy = filter('FlowRunFilterCreatedBy', {
  operator,
  id_: uuids,
  type_: texts,
  is_null_: flag,
});

const FlowRunFilterDeploymentId = filter('FlowRunFilterDeploymentId', {
  operator,
  any_: uuids,
  is_null_: flag,
});

const FlowRunFilterEndTime = filter('FlowRunFilterEndTime', {
  before_: moment,
  after_: moment,
  is_null_: flag,
});

const FlowRunFilterExpectedStartTime = filter('FlowRunFilterExpectedStartTime', {
  before_: moment,
  after_: moment,
});

const FlowRunFilterFlowVersion = filter('FlowRunFilterFlowVersion', {
  any_: texts,
});

const FlowRunFilterId = filter('FlowRunFilterId', {
  any_: uuids,
  not_any_: uuids,
});

const FlowRunFilterIdempotencyKey = filter('FlowRunFilterIdempotencyKey', {
  any_: texts,
  not_any_: texts,
});

const FlowRunFilterName = filter('FlowRunFilterName', {
  any_: texts,
  like_: text,
});

const FlowRunFilterNextScheduledStartTime = filter('FlowRunFilterNextScheduledStartTime', {
  before_: moment,
  after_: moment,
});

const FlowRunFilterParentFlowRunId = filter('FlowRunFilterParentFlowRunId', {
  operator,
  any_: uuids,
});

const FlowRunFilterParentTaskRunId = filter('FlowRunFilterParentTaskRunId', {
  operator,
  any_: uuids,
  is_null_: flag,
});

const FlowRunFilterStartTime = filter('FlowRunFilterStartTime', {
  before_: moment,
  after_: moment,
  is_null_: flag,
});

const FlowRunFilterStateName = filter('FlowRunFilterStateName', {
  any_: texts,
  not_any_: texts,
});

const FlowRunFilterStateType = filter('FlowRunFilterStateType', {
  any_: optional(nullable(list(StateType))),
  not_any_: optional(nullable(list(StateType))),
});

const FlowRunFilterTags = filter('FlowRunFilterTags', {
  operator,
  all_: texts,
  any_: texts,
  is_null_: flag,
});

const FlowRunFilterWorkQueueName = filter('FlowRunFilterWorkQueueName', {
  operator,
  any_: texts,
  is_null_: flag,
});

const FlowRunFilterState = filter('FlowRunFilterState', {
  operator,
  type: optional(nullable(FlowRunFilterStateType)),
  name: optional(nullable(FlowRunFilterStateName)),
});

export const FlowRunFilter = filter('FlowRunFilter', {
  operator,
  id: optional(nullable(FlowRunFilterId)),
  name: optional(nullable(FlowRunFilterName)),
  tags: optional(nullable(FlowRunFilterTags)),
  deployment_id: optional(nullable(FlowRunFilterDeploymentId)),
  work_queue_name: optional(nullable(FlowRunFilterWorkQueueName)),
  state: optional(nullable(FlowRunFilterState)),
  flow_version: optional(nullable(FlowRunFilterFlowVersion)),
  start_time: optional(nullable(FlowRunFilterStartTime)),
  end_time: optional(nullable(FlowRunFilterEndTime)),
  expected_start_time: optional(nullable(FlowRunFilterExpectedStartTime)),
  next_scheduled_start_time: optional(nullable(FlowRunFilterNextScheduledStartTime)),
  parent_flow_run_id: optional(nullable(FlowRunFilterParentFlowRunId)),
  parent_task_run_id: optional(nullable(FlowRunFilterParentTaskRunId)),
  idempotency_key: optional(nullable(FlowRunFilterIdempotencyKey)),
  created_by: optional(nullable(FlowRunFilterCreatedBy)),
});
