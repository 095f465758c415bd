/** Steps that many sequences begin with. What they save: `flow`, `run`, `task`. */
import { post, type Step } from '../sequence.ts';

export const aFlow: Step[] = [post('/flows/', { name: 'flow-<tag>' }, { save: 'flow' })];

export const aFlowRun: Step[] = [
  ...aFlow,
  post('/flow_runs/', { flow_id: '<flow.id>', name: 'run-<tag>' }, { save: 'run' }),
];

export const aRunningFlowRun: Step[] = [
  ...aFlow,
  post(
    '/flow_runs/',
    { flow_id: '<flow.id>', name: 'run-<tag>', state: { type: 'RUNNING' } },
    { save: 'run' },
  ),
];

export const aTaskRun: Step[] = [
  ...aRunningFlowRun,
  post(
    '/task_runs/',
    { flow_run_id: '<run.id>', task_key: 'key', dynamic_key: '0', name: 'task-<tag>' },
    { save: 'task' },
  ),
];

export const STATE_TYPES = [
  'SCHEDULED',
  'PENDING',
  'RUNNING',
  'COMPLETED',
  'FAILED',
  'CANCELLED',
  'CRASHED',
  'PAUSED',
  'CANCELLING',
] as const;
