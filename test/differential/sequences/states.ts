/** Every pair of state types through set_state, of flow runs and of task runs, and the names that matter. */
import { type Group, get, post, type Sequence, type Step, sequence } from '../sequence.ts';
import { aFlow, aFlowRun, aRunningFlowRun, aTaskRun, STATE_TYPES } from './seeds.ts';

type State = { type: string; name?: string; [member: string]: unknown };

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

/** Prefect fails to create a run whose state has data: that state is set by force. */
const flowRunIn = (state: State): Step[] =>
  state['data'] ? [...aFlowRun, setFlow(state, true)] : [...aFlow, aFlowRunWith({ state })];
const aFlowRunWith = (rest: Record<string, unknown>): Step =>
  post('/flow_runs/', { flow_id: '<flow.id>', name: 'run-<tag>', ...rest }, { save: 'run' });
const taskRunIn = (state: State): Step[] =>
  state['data'] ? [...aTaskRun, setTask(state, true)] : [...aRunningFlowRun, aTaskRunWith({ state })];
const aTaskRunWith = (rest: Record<string, unknown>): Step =>
  post(
    '/task_runs/',
    { flow_run_id: '<run.id>', task_key: 'k', dynamic_key: '0', name: 'task-<tag>', ...rest },
    { save: 'task' },
  );
const setFlow = (state: State, force?: boolean): Step =>
  post('/flow_runs/<run.id>/set_state', { state, force });
const setTask = (state: State, force?: boolean): Step =>
  post('/task_runs/<task.id>/set_state', { state, force });
const flowAfter = [get('/flow_runs/<run.id>'), get('/flow_run_states/?flow_run_id=<run.id>')];
const taskAfter = [get('/task_runs/<task.id>'), get('/task_run_states/?task_run_id=<task.id>')];

function pairs(kind: 'flow' | 'task', from: State, to: State, force: boolean): Sequence {
  const name = `${title(from)} -> ${title(to)}${force ? ', forced' : ''}`;
  return kind === 'flow'
    ? sequence(name, flowRunIn(from), setFlow(to, force), flowAfter)
    : sequence(name, taskRunIn(from), setTask(to, force), taskAfter);
}

const matrix = (kind: 'flow' | 'task', from: State[], to: State[], forced = [false, true]): Sequence[] =>
  from.flatMap((one) => to.flatMap((other) => forced.map((force) => pairs(kind, one, other, force))));

const matrixOf = (kind: 'flow' | 'task'): Sequence[] => [
  ...matrix(kind, PLAIN, PLAIN),
  ...matrix(kind, PLAIN, NAMED, [false]),
  ...matrix(kind, NAMED, PLAIN, [false]),
];

export const flowRunStates: Group = { name: 'flow_run_state_pairs', sequences: matrixOf('flow') };
export const taskRunStates: Group = { name: 'task_run_state_pairs', sequences: matrixOf('task') };

/** The rules know no engine: these many pairs are played on one each. */
export const namedFlowRunStates: Group = {
  name: 'flow_run_named_pairs',
  engine: 'sqlite',
  sequences: matrix('flow', NAMED, NAMED, [false]),
};
export const namedTaskRunStates: Group = {
  name: 'task_run_named_pairs',
  engine: 'postgres',
  sequences: matrix('task', NAMED, NAMED, [false]),
};

const persisted = {
  storage_key: '/tmp/x',
  storage_block_id: null,
  expiration: null,
  serializer: { type: 'pickle' },
  prefect_version: '3.8.8',
};
const retrying = (policy: Record<string, unknown>): Step[] => [
  ...aFlow,
  post('/flow_runs/', { flow_id: '<flow.id>', name: 'run-<tag>', empirical_policy: policy }, { save: 'run' }),
];
const artifactsOf = (filter: Record<string, unknown>): Step =>
  post('/artifacts/filter', { artifacts: filter }, { unordered: true });

export const orchestration: Group = {
  name: 'set_state',
  sequences: [
    sequence(
      'a flow run from start to end',
      aFlowRun,
      setFlow({ type: 'RUNNING' }),
      flowAfter,
      setFlow({ type: 'COMPLETED', data: persisted }),
      flowAfter,
      artifactsOf({ flow_run_id: { any_: ['<run.id>'] } }),
    ),
    sequence('the same transition twice', aFlowRun, [
      setFlow({ type: 'RUNNING', state_details: { transition_id: '<uuid:t>' } }),
      setFlow({ type: 'RUNNING', state_details: { transition_id: '<uuid:t>' } }),
      setFlow({ type: 'RUNNING', state_details: { transition_id: '<uuid:other>' } }),
      setFlow({ type: 'COMPLETED', state_details: { transition_id: '<uuid:other>' } }),
      ...flowAfter,
    ]),
    ...[1, 2].map((retries) =>
      sequence(
        `a flow with ${retries} retries, waiting an hour`,
        retrying({ retries, retry_delay: 3600 }),
        setFlow({ type: 'RUNNING' }),
        [
          setFlow({ type: 'FAILED', message: 'first', data: { type: 'unpersisted' } }),
          ...flowAfter,
          setFlow({ type: 'RUNNING' }),
          setFlow({ type: 'RUNNING' }, true),
          setFlow({ type: 'FAILED', message: 'second' }),
          ...flowAfter,
        ],
      ),
    ),
    sequence('a flow with a retry at once', retrying({ retries: 1, retry_delay: 0 }), [
      setFlow({ type: 'RUNNING' }),
      setFlow({ type: 'FAILED' }),
      setFlow({ type: 'RUNNING' }),
      ...flowAfter,
      setFlow({ type: 'FAILED' }),
      ...flowAfter,
    ]),
    ...[
      { retries: 0 },
      { retries: null },
      { max_retries: 3, retry_delay_seconds: 5 },
      { retries: 1 },
      { retries: 1, retry_delay: null },
      { retries: -1 },
    ].map((policy) =>
      sequence(
        `a failing flow whose policy is ${JSON.stringify(policy)}`,
        retrying(policy),
        setFlow({ type: 'RUNNING' }),
        setFlow({ type: 'FAILED' }),
        flowAfter,
      ),
    ),
    sequence(
      'retries of an old client',
      retrying({ retries: 1, retry_delay: 3600 }),
      setFlow({ type: 'RUNNING' }),
      [
        post(
          '/task_runs/',
          {
            flow_run_id: '<run.id>',
            task_key: 'k',
            dynamic_key: '0',
            name: 't-<tag>',
            state: { type: 'FAILED' },
          },
          { save: 'task' },
        ),
        post(
          '/flow_runs/<run.id>/set_state',
          { state: { type: 'FAILED' } },
          { headers: { 'x-prefect-api-version': '0.8.0' } },
        ),
        ...flowAfter,
        get('/task_runs/<task.id>'),
      ],
    ),
    sequence('pause twice with one key', aRunningFlowRun, [
      setFlow({ type: 'PAUSED', state_details: { pause_key: 'one', pause_timeout: '<now+600>' } }),
      post('/flow_runs/<run.id>/resume'),
      ...flowAfter,
      setFlow({ type: 'PAUSED', state_details: { pause_key: 'one', pause_timeout: '<now+600>' } }),
      setFlow({ type: 'PAUSED', state_details: { pause_key: 'two', pause_timeout: '<now+600>' } }),
      ...flowAfter,
      setFlow({ type: 'RUNNING' }),
      setFlow({ type: 'COMPLETED' }),
      ...flowAfter,
    ]),
    sequence('cancelling with a process to end', aFlow, [
      post(
        '/flow_runs/',
        { flow_id: '<flow.id>', name: 'r-<tag>', state: { type: 'SCHEDULED' } },
        { save: 'run' },
      ),
      { method: 'PATCH', path: '/flow_runs/<run.id>', body: { infrastructure_pid: 'host:1' } },
      setFlow({ type: 'CANCELLING' }),
      ...flowAfter,
      setFlow({ type: 'RUNNING' }),
      setFlow({ type: 'CANCELLED' }),
      ...flowAfter,
    ]),
    sequence('a result is not lost', aRunningFlowRun, [
      setFlow({ type: 'COMPLETED', data: persisted }),
      setFlow({ type: 'COMPLETED' }),
      setFlow({ type: 'COMPLETED' }, true),
      setFlow({ type: 'FAILED' }, true),
      setFlow({ type: 'COMPLETED', data: { ...persisted, storage_key: '/tmp/y' } }),
      setFlow({ type: 'RUNNING' }),
      ...flowAfter,
      setFlow({ type: 'RUNNING' }, true),
      ...flowAfter,
      artifactsOf({ flow_run_id: { any_: ['<run.id>'] } }),
    ]),
    ...[
      null,
      'text',
      5,
      1.5,
      true,
      [],
      {},
      { type: 'unpersisted' },
      { type: 'reference', a: 1 },
      { type: 'literal', value: 5 },
    ].map((data) =>
      sequence(
        `data ${JSON.stringify(data)} of a state`,
        aRunningFlowRun,
        setFlow({ type: 'COMPLETED', data }),
        flowAfter,
        artifactsOf({ flow_run_id: { any_: ['<run.id>'] } }),
        setFlow({ type: 'RUNNING' }),
      ),
    ),
    sequence('a failed run runs again', aRunningFlowRun, [
      setFlow({ type: 'FAILED' }),
      setFlow({ type: 'PENDING' }),
      setFlow({ type: 'RUNNING' }),
      ...flowAfter,
      setFlow({ type: 'COMPLETED' }),
      ...flowAfter,
    ]),
    sequence('a subflow takes its parent task along', aRunningFlowRun, [
      post(
        '/task_runs/',
        { flow_run_id: '<run.id>', task_key: 'sub', dynamic_key: '0', name: 'sub-<tag>' },
        { save: 'task' },
      ),
      post(
        '/flow_runs/',
        { flow_id: '<flow.id>', name: 'child-<tag>', parent_task_run_id: '<task.id>' },
        { save: 'child' },
      ),
      get('/task_runs/<task.id>'),
      post('/flow_runs/<child.id>/set_state', { state: { type: 'RUNNING' } }),
      ...taskAfter,
      post('/flow_runs/<child.id>/set_state', {
        state: { type: 'COMPLETED', message: 'ok', data: persisted },
      }),
      ...taskAfter,
      get('/flow_runs/<child.id>'),
      post('/task_runs/filter', {
        task_runs: { flow_run_id: { any_: ['<run.id>'] }, subflow_runs: { exists_: true } },
      }),
    ]),
    sequence('events of a flow run', aFlowRun, [
      setFlow({ type: 'RUNNING', message: 'x'.repeat(2000) }),
      setFlow({ type: 'PENDING' }),
      setFlow({ type: 'COMPLETED', name: 'Well done' }),
      post(
        '/events/filter',
        { filter: { resource: { id: ['prefect.flow-run.<run.id>'] }, order: 'ASC' } },
        { until: { at: 'total', is: 3 } },
      ),
    ]),
    sequence('events of a tagged subflow', aRunningFlowRun, [
      post(
        '/task_runs/',
        { flow_run_id: '<run.id>', task_key: 'sub', dynamic_key: '0', name: 'sub-<tag>' },
        { save: 'task' },
      ),
      post(
        '/flow_runs/',
        { flow_id: '<flow.id>', name: 'child-<tag>', parent_task_run_id: '<task.id>', tags: ['t1', 't2'] },
        { save: 'child' },
      ),
      post('/flow_runs/<child.id>/set_state', { state: { type: 'RUNNING' } }),
      post(
        '/events/filter',
        { filter: { resource: { id: ['prefect.flow-run.<child.id>'] }, order: 'ASC' } },
        { until: { at: 'total', is: 2 } },
      ),
    ]),
    sequence('what set_state may not say', aFlowRun, [
      ...[
        {},
        { state: null },
        { state: {} },
        { state: { type: 'X' } },
        { state: { type: 'RUNNING' }, force: 'perhaps' },
        { state: { type: 'RUNNING', id: '<uuid:a>' } },
        { state: { type: 'RUNNING', timestamp: '<now>' } },
        { state: { type: 'RUNNING', name: 5 } },
        { state: { type: 'RUNNING', message: {} } },
        { state: { type: 'RUNNING', state_details: null } },
        { state: { type: 'RUNNING', state_details: { flow_run_id: 'x' } } },
        { state: { type: 'RUNNING', state_details: { deferred: 'maybe' } } },
        { state: { type: 'RUNNING', state_details: { run_input_keyset: [] } } },
        [],
        'x',
        undefined,
      ].map((body) => post('/flow_runs/<run.id>/set_state', body)),
      post('/flow_runs/x/set_state', { state: { type: 'RUNNING' } }),
      { ...get('/flow_runs/<run.id>/set_state') },
      post('/flow_runs/<run.id>/set_state/', { state: { type: 'RUNNING' } }),
      ...flowAfter,
    ]),
    sequence('odd but allowed', aFlowRun, [
      setFlow({ type: 'RUNNING', name: '' }),
      setFlow({ type: 'RUNNING', name: 'ä'.repeat(300) }),
      setFlow({ type: 'RUNNING', message: 'a\nb' }),
      setFlow({ type: 'RUNNING', name: null as unknown as string, message: null, data: null }),
      setFlow({
        type: 'RUNNING',
        state_details: {
          flow_run_id: '<uuid:other>',
          task_run_id: '<uuid:task>',
          cache_key: 'c',
          untrackable_result: true,
          retriable: false,
          traceparent: 't',
        },
      }),
      ...flowAfter,
    ]),
    ...taskSequences(),
  ],
};

function taskSequences(): Sequence[] {
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
  return [
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
      post(
        '/task_runs/',
        { task_key: 'alone-<tag>', dynamic_key: '0', name: 'alone-<tag>' },
        { save: 'task' },
      ),
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
}
