import {
  annotated,
  bool,
  jsonObject,
  labels,
  list,
  literal,
  maybe,
  model,
  nullable,
  optional,
  string,
  uuid,
  withDefault,
} from '../kinds/index.ts';
import { FlowRunPolicy } from './flow-runs.ts';
import { emptyObject, flowRunParameters } from './json-fields.ts';
import { runName } from './names.ts';
import { StateCreate } from './states.ts';

export const DeploymentFlowRunCreate = model(
  'DeploymentFlowRunCreate',
  {
    state: maybe(StateCreate),
    name: withDefault(runName(), null),
    parameters: withDefault(flowRunParameters(), emptyObject),
    enforce_parameter_schema: maybe(bool()),
    context: withDefault(jsonObject(), emptyObject),
    infrastructure_document_id: maybe(uuid()),
    empirical_policy: withDefault(FlowRunPolicy, () => FlowRunPolicy.parse({})),
    tags: withDefault(list(string()), () => []),
    idempotency_key: maybe(string()),
    labels: maybe(labels()),
    parent_task_run_id: maybe(uuid()),
    work_queue_name: maybe(string()),
    job_variables: annotated(withDefault(nullable(jsonObject()), emptyObject), {
      additionalProperties: true,
    }),
  },
  { extra: 'forbid' },
);

/** Read one by one, so that all are refused together, as a body that is a list. */
export const DeploymentFlowRunsCreate = list(DeploymentFlowRunCreate);

const FlowRunCreateResult = model('FlowRunCreateResult', {
  flow_run_id: maybe(uuid()),
  status: literal('CREATED', 'FAILED'),
  error: maybe(string()),
});

export const FlowRunBulkCreateResponse = model('FlowRunBulkCreateResponse', {
  results: optional(list(FlowRunCreateResult)),
});
