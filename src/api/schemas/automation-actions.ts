import {
  bool,
  float,
  jsonObject,
  type Kind,
  kind,
  literal,
  maybe,
  model,
  optional,
  string,
  uuid,
  withDefault,
} from '../kinds/index.ts';
import { StateType } from './states.ts';

const source = withDefault(literal('selected', 'inferred'), 'selected');
const typed = <const T extends string>(type: T) => ({
  type: withDefault(literal<T>(type) as Kind<string>, type),
});

/** What acts on one thing of a kind, chosen or taken from the event. */
const acting = (name: string, type: string, target: string) =>
  model(name, { ...typed(type), source, [target]: maybe(uuid()) });

const RunDeployment = model('RunDeployment-Output', {
  ...typed('run-deployment'),
  source,
  deployment_id: maybe(uuid()),
  parameters: maybe(jsonObject()),
  job_variables: maybe(jsonObject()),
  schedule_after: optional(float()),
});

const ChangeFlowRunState = model('ChangeFlowRunState', {
  ...typed('change-flow-run-state'),
  name: maybe(string()),
  state: StateType,
  message: maybe(string()),
  force: withDefault(bool(), false),
});

const SendNotification = model('SendNotification', {
  ...typed('send-notification'),
  block_document_id: uuid(),
  subject: withDefault(string(), 'Prefect automated notification'),
  body: string(),
});

const CallWebhook = model('CallWebhook', {
  ...typed('call-webhook'),
  block_document_id: uuid(),
  payload: withDefault(string(), ''),
});

const actions: Kind<unknown>[] = [
  model('DoNothing', typed('do-nothing')),
  RunDeployment,
  acting('PauseDeployment', 'pause-deployment', 'deployment_id'),
  acting('ResumeDeployment', 'resume-deployment', 'deployment_id'),
  model('CancelFlowRun', typed('cancel-flow-run')),
  model('DeleteFlowRun', typed('delete-flow-run')),
  ChangeFlowRunState,
  acting('PauseWorkQueue', 'pause-work-queue', 'work_queue_id'),
  acting('ResumeWorkQueue', 'resume-work-queue', 'work_queue_id'),
  SendNotification,
  CallWebhook,
  acting('PauseAutomation', 'pause-automation', 'automation_id'),
  acting('ResumeAutomation', 'resume-automation', 'automation_id'),
  model('SuspendFlowRun', typed('suspend-flow-run')),
  model('ResumeFlowRun', typed('resume-flow-run')),
  acting('PauseWorkPool', 'pause-work-pool', 'work_pool_id'),
  acting('ResumeWorkPool', 'resume-work-pool', 'work_pool_id'),
];

/** Of an answer: one of these, as it is stored. */
export const Action = kind((value) => value, { anyOf: actions.map(({ schema }) => schema) });
