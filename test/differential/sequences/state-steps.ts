/** Steps that bring runs into states and look at what became of them. */
import { get, post, type Step } from '../sequence.ts';
import { aFlow, aFlowRun, aRunningFlowRun, aTaskRun } from './seeds.ts';

export type State = { type: string; name?: string; [member: string]: unknown };

/** Prefect fails to create a run whose state has data: that state is set by force. */
export const flowRunIn = (state: State): Step[] =>
  state['data'] ? [...aFlowRun, setFlow(state, true)] : [...aFlow, aFlowRunWith({ state })];
export const aFlowRunWith = (rest: Record<string, unknown>): Step =>
  post('/flow_runs/', { flow_id: '<flow.id>', name: 'run-<tag>', ...rest }, { save: 'run' });
export const taskRunIn = (state: State): Step[] =>
  state['data'] ? [...aTaskRun, setTask(state, true)] : [...aRunningFlowRun, aTaskRunWith({ state })];
export const aTaskRunWith = (rest: Record<string, unknown>): Step =>
  post(
    '/task_runs/',
    { flow_run_id: '<run.id>', task_key: 'k', dynamic_key: '0', name: 'task-<tag>', ...rest },
    { save: 'task' },
  );
export const setFlow = (state: State, force?: boolean): Step =>
  post('/flow_runs/<run.id>/set_state', { state, force });
export const setTask = (state: State, force?: boolean): Step =>
  post('/task_runs/<task.id>/set_state', { state, force });
export const flowAfter = [get('/flow_runs/<run.id>'), get('/flow_run_states/?flow_run_id=<run.id>')];
export const taskAfter = [get('/task_runs/<task.id>'), get('/task_run_states/?task_run_id=<task.id>')];

/** The value of a result that is kept in storage. */
export const persisted = {
  storage_key: '/tmp/x',
  storage_block_id: null,
  expiration: null,
  serializer: { type: 'pickle' },
  prefect_version: '3.8.8',
};
export const artifactsOf = (filter: Record<string, unknown>): Step =>
  post('/artifacts/filter', { artifacts: filter }, { unordered: true });
