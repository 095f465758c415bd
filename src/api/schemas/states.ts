import { STATE_TYPES } from '../../schema/types.ts';
import { now } from '../../time/timestamp.ts';
import {
  bool,
  dict,
  enumeration,
  int,
  json,
  literal,
  maybe,
  model,
  nullable,
  optional,
  parameters,
  string,
  timestamp,
  union,
  uuid,
  withDefault,
} from '../kinds/index.ts';

export const StateType = enumeration('StateType', STATE_TYPES);

export const StateDetails = model('StateDetails', {
  flow_run_id: maybe(uuid()),
  task_run_id: maybe(uuid()),
  child_flow_run_id: maybe(uuid()),
  scheduled_time: maybe(timestamp()),
  cache_key: maybe(string()),
  cache_expiration: maybe(timestamp()),
  deferred: withDefault(nullable(bool()), false),
  untrackable_result: withDefault(bool(), false),
  pause_timeout: maybe(timestamp()),
  pause_reschedule: withDefault(bool(), false),
  pause_key: maybe(string()),
  run_input_keyset: maybe(dict(string())),
  refresh_cache: maybe(bool()),
  retriable: maybe(bool()),
  transition_id: maybe(uuid()),
  task_parameters_id: maybe(uuid()),
  traceparent: maybe(string()),
  deployment_concurrency_lease_id: maybe(uuid()),
});

export const StateCreate = model(
  'StateCreate',
  {
    type: StateType,
    name: maybe(string()),
    message: maybe(string()),
    data: maybe(json()),
    state_details: withDefault(StateDetails, () => StateDetails.parse({})),
  },
  {
    extra: 'forbid',
    after: (state) => {
      state.name ??= state.type[0] + state.type.slice(1).toLowerCase();
      if (state.type === 'SCHEDULED') state.state_details.scheduled_time ??= now();
    },
  },
);

export const State = model('State', {
  id: uuid(),
  type: StateType,
  name: maybe(string()),
  timestamp: optional(timestamp()),
  message: maybe(string()),
  data: maybe(json()),
  state_details: optional(StateDetails),
});

export const SetStateStatus = enumeration('SetStateStatus', ['ACCEPT', 'REJECT', 'ABORT', 'WAIT']);

const StateAcceptDetails = model('StateAcceptDetails', {
  type: optional(literal('accept_details'), 'accept_details'),
});

const StateRejectDetails = model('StateRejectDetails', {
  type: optional(literal('reject_details'), 'reject_details'),
  reason: maybe(string()),
});

const StateAbortDetails = model('StateAbortDetails', {
  type: optional(literal('abort_details'), 'abort_details'),
  reason: maybe(string()),
});

const StateWaitDetails = model('StateWaitDetails', {
  type: optional(literal('wait_details'), 'wait_details'),
  delay_seconds: int(),
  reason: maybe(string()),
});

export const OrchestrationDetails = union({
  StateAcceptDetails,
  StateWaitDetails,
  StateRejectDetails,
  StateAbortDetails,
});

export const OrchestrationResult = model('OrchestrationResult', {
  state: nullable(State),
  status: SetStateStatus,
  details: OrchestrationDetails,
});

export const CountByState = model('CountByState', {
  COMPLETED: optional(int(), 0),
  PENDING: optional(int(), 0),
  RUNNING: optional(int(), 0),
  FAILED: optional(int(), 0),
  CANCELLED: optional(int(), 0),
  CRASHED: optional(int(), 0),
  PAUSED: optional(int(), 0),
  CANCELLING: optional(int(), 0),
  SCHEDULED: optional(int(), 0),
});

export const FlowRunStatesQuery = parameters({ flow_run_id: uuid() });
export const TaskRunStatesQuery = parameters({ task_run_id: uuid() });
