import { float as floatNumber } from '../../json/float.ts';
import { JsonNumber } from '../../json/json.ts';
import {
  annotated,
  checked,
  component,
  dict,
  enumeration,
  float,
  int,
  type Kind,
  kind,
  labels,
  list,
  maybe,
  model,
  nullable,
  optional,
  string,
  timestamp,
  union,
  uuid,
  withDefault,
} from '../kinds/index.ts';
import { limits } from './limits.ts';
import { runName } from './names.ts';
import { pageCounts } from './paging.ts';
import { row } from './row.ts';
import { withoutDeprecatedFields } from './run-policy.ts';
import { runTimes } from './run-times.ts';
import { State, StateCreate, StateType } from './states.ts';
import { TaskInputs } from './task-inputs.ts';

export const TaskRunSort = enumeration('TaskRunSort', [
  'ID_DESC',
  'EXPECTED_START_TIME_ASC',
  'EXPECTED_START_TIME_DESC',
  'NAME_ASC',
  'NAME_DESC',
  'NEXT_SCHEDULED_START_TIME_ASC',
  'END_TIME_DESC',
]);

const wholeOrNot = { int: int(), float: float() };
const retryDelay = union({ ...wholeOrNot, 'list[int]': list(int()), 'list[float]': list(float()) });

/** A delay of 1.0 stays one; in a list that has a fraction all are floats, as in pydantic. */
function asPythonFloats(base: Kind<number | number[]>): Kind<number | JsonNumber | (number | JsonNumber)[]> {
  const isFloat = (value: unknown) =>
    value instanceof JsonNumber ? /[.eE]/.test(value.text) : typeof value === 'number' && value % 1 !== 0;
  return kind((value, issues) => {
    const read = base.read(value, issues);
    if (Array.isArray(read)) return (value as unknown[]).some(isFloat) ? read.map(floatNumber) : read;
    return typeof read === 'number' && isFloat(value) ? floatNumber(read) : read;
  }, base.schema);
}

function retryDelayProblem(delay: number | number[]): string | undefined {
  if (!Array.isArray(delay) || delay.length <= 50) return undefined;
  return 'Can not configure more than 50 retry delays per task.';
}

function jitterProblem(factor: number): string | undefined {
  return factor < 0 ? '`retry_jitter_factor` must be >= 0.' : undefined;
}

function cacheKeyProblem(key: string): string | undefined {
  if (key.length <= limits.cacheKeyLength) return undefined;
  return `Cache key exceeded maximum allowed length of ${limits.cacheKeyLength} characters.`;
}

export const TaskRunPolicy = model(
  'TaskRunPolicy',
  {
    max_retries: annotated(withDefault(int(), 0), { deprecated: true }),
    retry_delay_seconds: annotated(withDefault(float(), 0), { deprecated: true }),
    retries: maybe(int()),
    retry_delay: maybe(asPythonFloats(checked(retryDelay, retryDelayProblem))),
    retry_jitter_factor: maybe(checked(float(), jitterProblem)),
  },
  { before: withoutDeprecatedFields },
);

export const TaskRunCreate = model(
  'TaskRunCreate',
  {
    id: maybe(uuid()),
    state: maybe(StateCreate),
    name: withDefault(runName(), null),
    flow_run_id: maybe(uuid()),
    task_key: string(),
    dynamic_key: string(),
    cache_key: maybe(checked(string(), cacheKeyProblem)),
    cache_expiration: maybe(timestamp()),
    task_version: maybe(string()),
    empirical_policy: withDefault(TaskRunPolicy, () => TaskRunPolicy.parse({})),
    tags: withDefault(list(string()), () => []),
    labels: withDefault(nullable(labels()), () => ({})),
    task_inputs: withDefault(TaskInputs, () => ({})),
  },
  { extra: 'forbid' },
);

export const TaskRunUpdate = model(
  'TaskRunUpdate',
  {
    name: optional(runName()),
  },
  { extra: 'forbid' },
);

const taskRun = {
  ...row,
  name: optional(string()),
  flow_run_id: maybe(uuid()),
  task_key: string(),
  dynamic_key: string(),
  cache_key: maybe(string()),
  cache_expiration: maybe(timestamp()),
  task_version: maybe(string()),
  empirical_policy: optional(TaskRunPolicy),
  tags: optional(list(string())),
  labels: maybe(labels()),
  state_id: maybe(uuid()),
  task_inputs: optional(TaskInputs),
  state_type: maybe(StateType),
  state_name: maybe(string()),
  run_count: optional(int(), 0),
  flow_run_run_count: optional(int(), 0),
  expected_start_time: maybe(timestamp()),
  next_scheduled_start_time: maybe(timestamp()),
  ...runTimes,
  state: maybe(State),
};

export const TaskRun = model('TaskRun', taskRun);

export const TaskRunResponse = model('TaskRunResponse', {
  ...row,
  name: optional(string()),
  flow_run_id: maybe(uuid()),
  task_key: string(),
  state_id: maybe(uuid()),
  state: maybe(State),
  task_version: maybe(string()),
  task_inputs: optional(TaskInputs),
  empirical_policy: optional(TaskRunPolicy),
  tags: optional(list(string())),
  ...runTimes,
});

export const TaskRunPaginationResponse = model('TaskRunPaginationResponse', {
  results: list(TaskRunResponse),
  ...pageCounts,
});

/** The counts of a bar in the dashboard, by state. */
const counts = dict(int());

export const TaskRunCount = kind(
  counts.read,
  component('TaskRunCount', () => counts.schema),
);

export const UITaskRun = model('UITaskRun', { ...taskRun, flow_run_name: maybe(string()) });
