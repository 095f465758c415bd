/** Every pair of state types through set_state, of flow runs and of task runs, and the names that matter. */
import { type Group, type Sequence, sequence } from '../sequence.ts';
import { STATE_TYPES } from './seeds.ts';
import { flowAfter, flowRunIn, type State, setFlow, setTask, taskAfter, taskRunIn } from './state-steps.ts';

/** What a state of a type may carry so that it means something. */
const NAMED: State[] = [
  { type: 'SCHEDULED', name: 'Late' },
  { type: 'SCHEDULED', name: 'AwaitingRetry', state_details: { scheduled_time: '<now+3600>' } },
  { type: 'SCHEDULED', name: 'AwaitingConcurrencySlot' },
  { type: 'SCHEDULED', name: 'Resuming' },
  { type: 'SCHEDULED', name: 'Later', state_details: { scheduled_time: '<now+3600>' } },
  { type: 'SCHEDULED', name: 'Past', state_details: { scheduled_time: '<now-3600>' } },
  { type: 'PENDING', name: 'Submitting' },
  { type: 'PENDING', name: 'InfrastructurePending' },
  { type: 'RUNNING', name: 'Retrying' },
  { type: 'RUNNING', name: 'Rerunning' },
  { type: 'COMPLETED', name: 'Cached', data: { storage_key: 'x', storage_block_id: null, expiration: null } },
  { type: 'COMPLETED', name: 'Unpersisted', data: { type: 'unpersisted' } },
  {
    type: 'PAUSED',
    name: 'Suspended',
    state_details: { pause_reschedule: true, pause_timeout: '<now+3600>' },
  },
  { type: 'PAUSED', name: 'Expired', state_details: { pause_timeout: '<now-3600>', pause_key: 'k' } },
  { type: 'PAUSED', name: 'NotReady' },
];
const PLAIN: State[] = STATE_TYPES.map((type) => ({ type }));
const title = (state: State): string => (state.name ? `${state.type} "${state.name}"` : state.type);

function pairs(kind: 'flow' | 'task', from: State, to: State, force: boolean): Sequence {
  const name = `${title(from)} -> ${title(to)}${force ? ', forced' : ''}`;
  return kind === 'flow'
    ? sequence(name, flowRunIn(from), setFlow(to, force), flowAfter)
    : sequence(name, taskRunIn(from), setTask(to, force), taskAfter);
}

const matrix = (kind: 'flow' | 'task', from: State[], to: State[], forced = [false, true]): Sequence[] =>
  from.flatMap((one) => to.flatMap((other) => forced.map((force) => pairs(kind, one, other, force))));

const plainPairs = (kind: 'flow' | 'task') => matrix(kind, PLAIN, PLAIN);
const namedPairs = (kind: 'flow' | 'task') => [
  ...matrix(kind, PLAIN, NAMED, [false]),
  ...matrix(kind, NAMED, PLAIN, [false]),
  ...matrix(kind, NAMED, NAMED, [false]),
];

export const statePairs: Group[] = [
  { name: 'flow_run_state_pairs', sequences: plainPairs('flow') },
  { name: 'task_run_state_pairs', sequences: plainPairs('task') },
  // The rules know no engine: so many pairs are played on one each.
  { name: 'flow_run_named_pairs', engine: 'sqlite', sequences: namedPairs('flow') },
  { name: 'task_run_named_pairs', engine: 'postgres', sequences: namedPairs('task') },
];
