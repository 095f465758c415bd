/** What set_state does to task runs beyond single pairs of states. */
import { get, post, type Sequence, type Step, sequence } from '../sequence.ts';
import { aRunningFlowRun, aTaskRun, STATE_TYPES } from './seeds.ts';
import { artifactsOf, flowRunIn, persisted, setFlow, setTask, taskAfter } from './state-steps.ts';

const withPolicy = (policy: Record<string, unknown>): Step[] => [
  ...aRunningFlowRun,
  post(
    '/task_runs/',
    {
      flow_run_id: '<run.id>',
      task_key: 'k',
      dynamic_key: '0',
      name: 'task-<tag>',
      empirical_policy: policy,
    },
    { save: 'task' },
  ),
];
export const taskSequences: Sequence[] = [
  sequence(
    'a task run from start to end',
    aTaskRun,
    setTask({ type: 'RUNNING' }),
    taskAfter,
    setTask({ type: 'COMPLETED', data: persisted }),
    taskAfter,
    artifactsOf({ task_run_id: { any_: ['<task.id>'] } }),
  ),
  ...[
    { retries: 2, retry_delay: 3600 },
    { retries: 3, retry_delay: [3600, 7200] },
    { retries: 1, retry_delay: 0 },
    { retries: 1 },
    { retries: 0 },
    { max_retries: 2, retry_delay_seconds: 60 },
  ].map((policy) =>
    sequence(`a failing task whose policy is ${JSON.stringify(policy)}`, withPolicy(policy), [
      setTask({ type: 'RUNNING' }),
      setTask({ type: 'FAILED', message: 'one' }),
      ...taskAfter,
      setTask({ type: 'RUNNING' }),
      setTask({ type: 'RUNNING' }, true),
      setTask({ type: 'FAILED', message: 'two' }),
      ...taskAfter,
      setTask({ type: 'FAILED', message: 'three', state_details: { retriable: false } }),
    ]),
  ),
  sequence(
    'a failure that is not to be retried',
    withPolicy({ retries: 2, retry_delay: 3600 }),
    setTask({ type: 'RUNNING' }),
    setTask({ type: 'FAILED', state_details: { retriable: false } }),
    taskAfter,
  ),
  sequence('a task that runs again', aTaskRun, [
    setTask({ type: 'RUNNING' }),
    setTask({ type: 'FAILED' }),
    setTask({ type: 'RUNNING' }),
    ...taskAfter,
    setTask({ type: 'COMPLETED' }),
    setTask({ type: 'RUNNING' }),
    ...taskAfter,
  ]),
  sequence('a task whose flow run is run again', aTaskRun, [
    setTask({ type: 'RUNNING' }),
    setTask({ type: 'FAILED' }),
    setFlow({ type: 'FAILED' }),
    setFlow({ type: 'RUNNING' }),
    setTask({ type: 'RUNNING' }),
    ...taskAfter,
  ]),
  sequence('the cache', aTaskRun, [
    setTask({ type: 'RUNNING', state_details: { cache_key: 'c-<tag>' } }),
    setTask({
      type: 'COMPLETED',
      data: persisted,
      state_details: { cache_key: 'c-<tag>', cache_expiration: '<now+3600>' },
    }),
    post(
      '/task_runs/',
      { flow_run_id: '<run.id>', task_key: 'k', dynamic_key: '1', name: 'again-<tag>' },
      { save: 'again' },
    ),
    post('/task_runs/<again.id>/set_state', {
      state: { type: 'RUNNING', state_details: { cache_key: 'c-<tag>' } },
    }),
    get('/task_runs/<again.id>'),
    post(
      '/task_runs/',
      { flow_run_id: '<run.id>', task_key: 'k', dynamic_key: '2', name: 'fresh-<tag>' },
      { save: 'fresh' },
    ),
    post('/task_runs/<fresh.id>/set_state', {
      state: { type: 'RUNNING', state_details: { cache_key: 'c-<tag>', refresh_cache: true } },
    }),
  ]),
  sequence('a cache that has run out', aTaskRun, [
    setTask({ type: 'RUNNING' }),
    setTask({ type: 'COMPLETED', state_details: { cache_key: 'old-<tag>', cache_expiration: '<now-1>' } }),
    post(
      '/task_runs/',
      { flow_run_id: '<run.id>', task_key: 'k', dynamic_key: '1', name: 'again-<tag>' },
      { save: 'again' },
    ),
    post('/task_runs/<again.id>/set_state', {
      state: { type: 'RUNNING', state_details: { cache_key: 'old-<tag>' } },
    }),
  ]),
  sequence(
    'a cache key too long',
    aTaskRun,
    setTask({ type: 'RUNNING' }),
    setTask({ type: 'COMPLETED', state_details: { cache_key: 'c'.repeat(2001) } }),
    taskAfter,
  ),
  ...STATE_TYPES.map((type) =>
    sequence(`a task runs while its flow run is ${type}`, flowRunIn({ type }), [
      post(
        '/task_runs/',
        { flow_run_id: '<run.id>', task_key: 'k', dynamic_key: '0', name: 'task-<tag>' },
        { save: 'task' },
      ),
      setTask({ type: 'RUNNING' }),
      ...taskAfter,
    ]),
  ),
  sequence('a background task', [
    post(
      '/task_runs/',
      {
        id: '<uuid:task>',
        task_key: 'bg-<tag>',
        dynamic_key: '<uuid:dynamic>',
        name: 'bg-<tag>',
        state: {
          type: 'SCHEDULED',
          state_details: { deferred: true, task_parameters_id: '<uuid:parameters>' },
        },
      },
      { save: 'task' },
    ),
    setTask({ type: 'PENDING', state_details: { deferred: true } }),
    setTask({ type: 'PENDING', state_details: { deferred: true } }),
    setTask({ type: 'RUNNING', state_details: { deferred: true } }),
    ...taskAfter,
    setTask({ type: 'COMPLETED', state_details: { deferred: true } }),
    ...taskAfter,
  ]),
  sequence('a task of no flow run', [
    post('/task_runs/', { task_key: 'alone-<tag>', dynamic_key: '0', name: 'alone-<tag>' }, { save: 'task' }),
    setTask({ type: 'RUNNING' }),
    setTask({ type: 'COMPLETED' }),
    ...taskAfter,
  ]),
  sequence('set the state of a task that is not there', [
    post('/task_runs/<uuid:nobody>/set_state', { state: { type: 'RUNNING' } }),
    post('/task_runs/x/set_state', { state: { type: 'RUNNING' } }),
    post('/task_runs/<uuid:nobody>/set_state', {}),
  ]),
];
