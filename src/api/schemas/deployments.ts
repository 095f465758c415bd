import { JsonText } from '../../json/json.ts';
import { DEPLOYMENT_STATUSES } from '../../schema/types.ts';
import {
  annotated,
  bool,
  enumeration,
  int,
  json,
  jsonObject,
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
  uuid,
  withDefault,
} from '../kinds/index.ts';
import { GlobalConcurrencyLimitResponse } from './concurrency-limits-v2.ts';
import { CreatedBy } from './created-by.ts';
import { hasBothLimits, misfitsOwnSchema, refusedBefore, withoutOldFields } from './deployment-checks.ts';
import {
  DeploymentSchedule,
  DeploymentScheduleCreate,
  DeploymentScheduleUpdate,
} from './deployment-schedules.ts';
import { emptyObject, flowRunParameters } from './json-fields.ts';
import { pageCounts } from './paging.ts';
import { row } from './row.ts';

export const DeploymentSort = enumeration('DeploymentSort', [
  'CREATED_DESC',
  'UPDATED_DESC',
  'NAME_ASC',
  'NAME_DESC',
]);

export const DeploymentStatus = enumeration('DeploymentStatus', DEPLOYMENT_STATUSES);

const ConcurrencyOptions = model('ConcurrencyOptions', {
  collision_strategy: enumeration('ConcurrencyLimitStrategy', ['ENQUEUE', 'CANCEL_NEW']),
  grace_period_seconds: maybe(int({ ge: 60, le: 86_400 })),
});

/** Read and kept nowhere, as in Prefect's own server. */
const VersionInfo = model('VersionInfo', { type: string(), version: string() }, { extra: 'allow' });

const NO_PARAMETERS = new JsonText('{"type":"object","properties":{}}');

/** An empty schema is one of an object without members. */
function parameterSchema(): Kind<JsonText> {
  const object = jsonObject();
  return kind((value, issues) => {
    const schema = object.read(value, issues);
    return schema && Object.keys(value as object).length === 0 ? NO_PARAMETERS : schema;
  }, object.schema);
}

/** Steps that a worker does before a run: objects, kept as their text. */
function pullSteps(): Kind<JsonText> {
  const steps = list(jsonObject());
  const whole = json();
  return kind((value, issues) => {
    steps.read(value, issues);
    return whole.read(value, issues);
  }, steps.schema);
}

/** A part of paths, or empty. Prefect's document doesn't say so, and its server fails with a 500 on another one. */
function deploymentName(): Kind<string> {
  return kind(string({ pattern: '^[^/%&><]*$' }).read, string().schema);
}

const text = optional(nullable(string()));
const id = optional(nullable(uuid()));
const paused = optional(bool(), false);
const tags = optional(list(string()));

/** How many runs may go on at once. */
const concurrency = {
  concurrency_limit: optional(nullable(int({ gt: 0 }))),
  concurrency_options: optional(nullable(ConcurrencyOptions)),
  global_concurrency_limit_id: id,
};

const open = { additionalProperties: true };

export const DeploymentCreate = refusedBefore(
  model(
    'DeploymentCreate',
    {
      name: deploymentName(),
      flow_id: uuid(),
      paused,
      schedules: optional(list(DeploymentScheduleCreate)),
      ...concurrency,
      enforce_parameter_schema: optional(bool(), true),
      parameter_openapi_schema: annotated(optional(nullable(parameterSchema())), open),
      // Always set, as in Prefect: who makes a deployment anew without parameters takes away those that it had.
      parameters: withDefault(flowRunParameters(), emptyObject),
      tags,
      labels: optional(nullable(labels())),
      pull_steps: optional(nullable(pullSteps())),
      work_queue_name: text,
      work_pool_name: text,
      storage_document_id: id,
      infrastructure_document_id: id,
      description: text,
      path: text,
      version: text,
      entrypoint: text,
      job_variables: optional(jsonObject()),
      version_info: optional(nullable(VersionInfo)),
    },
    { extra: 'forbid', before: withoutOldFields },
  ),
  hasBothLimits,
  misfitsOwnSchema,
);

export const DeploymentUpdate = refusedBefore(
  model(
    'DeploymentUpdate',
    {
      version: text,
      description: text,
      paused,
      schedules: optional(list(DeploymentScheduleUpdate)),
      ...concurrency,
      parameters: optional(nullable(flowRunParameters())),
      parameter_openapi_schema: optional(nullable(parameterSchema())),
      tags,
      work_queue_name: text,
      work_pool_name: text,
      path: text,
      job_variables: optional(nullable(jsonObject())),
      pull_steps: optional(nullable(pullSteps())),
      entrypoint: text,
      storage_document_id: id,
      infrastructure_document_id: id,
      enforce_parameter_schema: optional(nullable(bool())),
      version_info: optional(nullable(VersionInfo)),
    },
    { extra: 'forbid', before: withoutOldFields },
  ),
  hasBothLimits,
);

const UpdatedBy = model('UpdatedBy', {
  id: maybe(uuid()),
  type: maybe(string()),
  display_value: maybe(string()),
});

export const DeploymentResponse = model('DeploymentResponse', {
  ...row,
  name: string(),
  version: maybe(string()),
  description: maybe(string()),
  flow_id: uuid(),
  paused: optional(bool(), false),
  schedules: optional(list(DeploymentSchedule)),
  concurrency_limit: annotated(maybe(int()), { deprecated: true }),
  global_concurrency_limit: maybe(GlobalConcurrencyLimitResponse),
  concurrency_options: maybe(ConcurrencyOptions),
  job_variables: optional(jsonObject()),
  parameters: optional(jsonObject()),
  tags: optional(list(string())),
  labels: optional(labels()),
  work_queue_name: maybe(string()),
  work_queue_id: maybe(uuid()),
  last_polled: maybe(timestamp()),
  parameter_openapi_schema: annotated(maybe(jsonObject()), open),
  path: maybe(string()),
  pull_steps: maybe(list(jsonObject())),
  entrypoint: maybe(string()),
  storage_document_id: maybe(uuid()),
  infrastructure_document_id: maybe(uuid()),
  created_by: maybe(CreatedBy),
  updated_by: maybe(UpdatedBy),
  work_pool_name: maybe(string()),
  status: optional(nullable(DeploymentStatus), 'NOT_READY'),
  enforce_parameter_schema: optional(bool(), true),
});

export const DeploymentPaginationResponse = model('DeploymentPaginationResponse', {
  results: list(DeploymentResponse),
  ...pageCounts,
});

export const DeploymentBulkDeleteResponse = model('DeploymentBulkDeleteResponse', {
  deleted: optional(list(uuid())),
});
