import {
  annotated,
  bool,
  enumeration,
  float,
  int,
  jsonObject,
  labels,
  list,
  literal,
  maybe,
  model,
  nullable,
  optional,
  set,
  string,
  timestamp,
  uuid,
  withDefault,
} from '../kinds/index.ts';
import { CreatedBy } from './created-by.ts';
import { emptyObject, flowRunParameters } from './json-fields.ts';
import { runName } from './names.ts';
import { pageCounts } from './paging.ts';
import { row } from './row.ts';
import { withoutDeprecatedFields } from './run-policy.ts';
import { runTimes } from './run-times.ts';
import { OrchestrationDetails, SetStateStatus, State, StateCreate, StateType } from './states.ts';

export const FlowRunSort = enumeration('FlowRunSort', [
  'ID_DESC',
  'START_TIME_ASC',
  'START_TIME_DESC',
  'EXPECTED_START_TIME_ASC',
  'EXPECTED_START_TIME_DESC',
  'NAME_ASC',
  'NAME_DESC',
  'NEXT_SCHEDULED_START_TIME_ASC',
  'END_TIME_DESC',
]);

export const FlowRunPolicy = model(
  'FlowRunPolicy',
  {
    max_retries: annotated(withDefault(int(), 0), { deprecated: true }),
    retry_delay_seconds: annotated(withDefault(float(), 0), { deprecated: true }),
    retries: maybe(int()),
    retry_delay: maybe(int()),
    pause_keys: withDefault(nullable(set(string())), () => []),
    resuming: withDefault(nullable(bool()), false),
    retry_type: maybe(literal('in_process', 'reschedule')),
  },
  { before: withoutDeprecatedFields },
);

export const FlowRunCreate = model(
  'FlowRunCreate',
  {
    state: maybe(StateCreate),
    name: withDefault(runName(), null),
    flow_id: uuid(),
    flow_version: maybe(string()),
    parameters: withDefault(flowRunParameters(), emptyObject),
    context: withDefault(jsonObject(), emptyObject),
    parent_task_run_id: maybe(uuid()),
    infrastructure_document_id: maybe(uuid()),
    empirical_policy: withDefault(FlowRunPolicy, () => FlowRunPolicy.parse({})),
    tags: withDefault(list(string()), () => []),
    labels: withDefault(nullable(labels()), () => ({})),
    idempotency_key: maybe(string()),
    work_pool_name: maybe(string()),
    work_queue_name: maybe(string()),
    job_variables: maybe(jsonObject()),
    deployment_id: annotated(maybe(uuid()), { deprecated: true }),
  },
  { extra: 'forbid' },
);

export const FlowRunUpdate = model(
  'FlowRunUpdate',
  {
    name: optional(nullable(runName())),
    flow_version: optional(nullable(string())),
    parameters: optional(flowRunParameters()),
    empirical_policy: optional(FlowRunPolicy),
    tags: optional(list(string())),
    infrastructure_pid: optional(nullable(string())),
    job_variables: optional(nullable(jsonObject())),
  },
  { extra: 'forbid' },
);

const flowRun = {
  ...row,
  name: optional(string()),
  flow_id: uuid(),
  state_id: maybe(uuid()),
  deployment_id: maybe(uuid()),
  deployment_version: maybe(string()),
  work_queue_id: maybe(uuid()),
  work_queue_name: maybe(string()),
  flow_version: maybe(string()),
  parameters: optional(jsonObject()),
  idempotency_key: maybe(string()),
  context: optional(jsonObject()),
  empirical_policy: optional(FlowRunPolicy),
  tags: optional(list(string())),
  labels: optional(labels()),
  parent_task_run_id: maybe(uuid()),
  state_type: maybe(StateType),
  state_name: maybe(string()),
  run_count: optional(int(), 0),
  expected_start_time: maybe(timestamp()),
  next_scheduled_start_time: maybe(timestamp()),
  ...runTimes,
  auto_scheduled: optional(bool(), false),
  infrastructure_document_id: maybe(uuid()),
  infrastructure_pid: maybe(string()),
  created_by: maybe(CreatedBy),
  state: maybe(State),
  job_variables: maybe(jsonObject()),
};

export const FlowRunResponse = model('FlowRunResponse', {
  ...flowRun,
  work_pool_id: maybe(uuid()),
  work_pool_name: maybe(string()),
});

/** A flow run without its pool, as workers get it. */
export const FlowRun = model('FlowRun', { ...flowRun, labels: optional(nullable(labels())) });

export const FlowRunPaginationResponse = model('FlowRunPaginationResponse', {
  results: list(FlowRunResponse),
  ...pageCounts,
});

export const FlowRunBulkDeleteResponse = model('FlowRunBulkDeleteResponse', {
  deleted: optional(list(uuid())),
});

export const FlowRunOrchestrationResult = model('FlowRunOrchestrationResult', {
  flow_run_id: uuid(),
  status: SetStateStatus,
  state: maybe(State),
  details: OrchestrationDetails,
});

export const FlowRunBulkSetStateResponse = model('FlowRunBulkSetStateResponse', {
  results: optional(list(FlowRunOrchestrationResult)),
});

export const SimpleFlowRun = model('SimpleFlowRun', {
  id: uuid(),
  state_type: StateType,
  timestamp: timestamp(),
  duration: float(),
  lateness: float(),
});
