import { del, each, type Group, get, patch, post, type Step, sequence } from '../sequence.ts';
import { aFlowRun, aRunningFlowRun, aTaskRun } from './seeds.ts';

const task = (rest: Record<string, unknown>): Record<string, unknown> => ({
  flow_run_id: '<run.id>',
  task_key: 'key-<tag>',
  dynamic_key: '0',
  name: 'task-<tag>',
  ...rest,
});
const everyMember = task({
  id: '<uuid:task>',
  cache_key: 'c',
  cache_expiration: '<now+60>',
  task_version: 'v1',
  tags: ['b', 'a', 'b'],
  labels: { a: 1, f: 1.5, s: 'x' },
  empirical_policy: {
    retries: 2,
    retry_delay: [1, 2.5],
    retry_jitter_factor: 0.5,
    max_retries: 1,
    retry_delay_seconds: 3,
  },
  task_inputs: {
    x: [{ input_type: 'task_run', id: '<uuid:other>' }],
    y: [
      { input_type: 'parameter', name: 'p' },
      { input_type: 'constant', type: 'int' },
    ],
    z: [{ input_type: 'flow_run', id: '<uuid:flow>' }],
    e: [],
  },
  state: { type: 'SCHEDULED', state_details: { scheduled_time: '<now+3600>' } },
});

const badCreate: Record<string, unknown> = {
  empty: {},
  'no keys': { flow_run_id: '<run.id>' },
  'task key null': task({ task_key: null }),
  'dynamic key a number': task({ dynamic_key: 0 }),
  'flow run unknown': task({ flow_run_id: '<uuid:nobody>' }),
  'flow run no uuid': task({ flow_run_id: 'x' }),
  'id no uuid': task({ id: 'x' }),
  'id null': task({ id: null }),
  'unknown member': task({ colour: 'red' }),
  'inputs a list': task({ task_inputs: [] }),
  'inputs of a wrong kind': task({ task_inputs: { x: [{ input_type: 'other' }] } }),
  'inputs without an id': task({ task_inputs: { x: [{ input_type: 'task_run' }] } }),
  'inputs no list': task({ task_inputs: { x: 1 } }),
  'policy a list': task({ empirical_policy: [] }),
  'policy with a negative jitter': task({ empirical_policy: { retry_jitter_factor: -1 } }),
  'policy with too many delays': task({
    empirical_policy: { retry_delay: Array.from({ length: 51 }, () => 1) },
  }),
  'policy with a text as delay': task({ empirical_policy: { retry_delay: 'soon' } }),
  'state of an unknown type': task({ state: { type: 'X' } }),
  'tags null': task({ tags: null }),
  'name null': task({ name: null }),
  'cache expiration no time': task({ cache_expiration: 'x' }),
  'cache key too long': task({ cache_key: 'c'.repeat(2001) }),
};

const ours = { name: { like_: '<tag>' } };
const filterTask = (name: string, rest: Record<string, unknown>): Step =>
  post('/task_runs/', task({ name: `${name}-<tag>`, dynamic_key: name, id: `<uuid:${name}>`, ...rest }), {
    save: name,
  });
const many: Step[] = [
  ...aRunningFlowRun,
  filterTask('soon', {
    tags: ['x', 'y'],
    state: { type: 'SCHEDULED', state_details: { scheduled_time: '<now+3600>' } },
  }),
  filterTask('later', {
    tags: ['y'],
    state: { type: 'SCHEDULED', state_details: { scheduled_time: '<now+7200>' } },
  }),
  filterTask('pending', {}),
  filterTask('running', { tags: ['x'], state: { type: 'RUNNING' } }),
  filterTask('done', { state: { type: 'COMPLETED', name: 'Cached' } }),
  filterTask('Failed', { state: { type: 'FAILED' } }),
  filterTask('free', { flow_run_id: null, state: { type: 'CANCELLED' } }),
  post(
    '/flow_runs/',
    { flow_id: '<flow.id>', name: 'child-<tag>', parent_task_run_id: '<running.id>' },
    { save: 'child' },
  ),
  get('/task_runs/<done.id>', { save: 'done' }),
];
const byField: Record<string, Record<string, unknown>[]> = {
  id: [{ id: { any_: ['<soon.id>', '<done.id>', '<uuid:nobody>'] } }, { id: { any_: [] } }, { id: {} }],
  name: [
    { name: { any_: ['soon-<tag>', 'failed-<tag>'] } },
    { name: { like_: 'FAILED-<tag>' } },
    { name: { like_: '%-<tag>' } },
  ],
  tags: [
    { tags: { all_: ['x'] } },
    { tags: { all_: ['x', 'y'] } },
    { tags: { all_: [] } },
    { tags: { is_null_: true } },
    { tags: { is_null_: false } },
    { tags: { operator: 'or_', all_: ['x'], is_null_: true } },
  ],
  state: [
    { state: { type: { any_: ['RUNNING', 'FAILED'] } } },
    { state: { name: { any_: ['Cached', 'pending'] } } },
    { state: { operator: 'or_', type: { any_: ['PENDING'] }, name: { any_: ['Cached'] } } },
    { state: { type: { any_: [] } } },
  ],
  times: [
    { start_time: { before_: '<done.start_time>' } },
    { start_time: { after_: '<done.start_time>' } },
    { start_time: { is_null_: true } },
    { start_time: { is_null_: false } },
    { end_time: { is_null_: false } },
    { end_time: { is_null_: true } },
    { end_time: { before_: '<done.end_time>' } },
    { end_time: { after_: '<done.end_time>' } },
    { expected_start_time: { after_: '<now+3600>' } },
    { expected_start_time: { before_: '<now+3600>' } },
  ],
  'flow run': [
    { flow_run_id: { any_: ['<run.id>'] } },
    { flow_run_id: { any_: ['<uuid:nobody>'] } },
    { flow_run_id: { is_null_: true } },
    { flow_run_id: { is_null_: false } },
    { flow_run_id: { operator: 'or_', any_: ['<run.id>'], is_null_: true } },
    { subflow_runs: { exists_: true } },
    { subflow_runs: { exists_: false } },
    { subflow_runs: {} },
  ],
  'several at once': [
    { operator: 'or_', id: { any_: ['<soon.id>'] }, name: { any_: ['Failed-<tag>'] } },
    { operator: 'and_', tags: { all_: ['x'] }, state: { type: { any_: ['RUNNING'] } } },
  ],
};
const taskRuns = (filter: Record<string, unknown>) => ({ task_runs: { ...ours, ...filter } });
const asked = (filter: unknown): Step[] => [
  post('/task_runs/filter', { ...(filter as object), sort: 'NAME_ASC' }),
  post('/task_runs/count', filter),
];
const nulls = { unordered: true };

export const taskRunsGroup: Group = {
  name: 'task_runs',
  sequences: [
    sequence('create with the least', aRunningFlowRun, [
      post('/task_runs/', { flow_run_id: '<run.id>', task_key: 'key', dynamic_key: '0' }, { save: 'task' }),
      get('/task_runs/<task.id>'),
      get('/task_run_states/?task_run_id=<task.id>'),
    ]),
    sequence('create with everything, then again', aRunningFlowRun, [
      post('/task_runs/', everyMember, { save: 'task' }),
      get('/task_runs/<task.id>'),
      post('/task_runs/', { ...everyMember, name: 'again' }),
      post('/task_runs/', task({ id: '<uuid:second>', name: 'same key' })),
      post('/task_runs/', task({ id: '<uuid:task>', dynamic_key: '1', name: 'same id' })),
      post('/task_runs/', task({ dynamic_key: '1', name: 'other key' })),
      get('/task_run_states/<task.state.id>'),
    ]),
    sequence('create without a flow run', [
      post('/task_runs/', { task_key: 'k-<tag>', dynamic_key: '0', name: 'n-<tag>' }, { save: 'task' }),
      post('/task_runs/', { task_key: 'k-<tag>', dynamic_key: '0', name: 'm-<tag>' }),
      post('/task_runs/', { task_key: 'k-<tag>', dynamic_key: '0', name: 'm-<tag>', flow_run_id: null }),
      get('/task_runs/<task.id>'),
    ]),
    ...each('bad create', badCreate, (body) => [
      ...aFlowRun,
      post('/task_runs/', body),
      post('/task_runs/count', { flow_runs: { id: { any_: ['<run.id>'] } } }),
    ]),
    sequence('update', aTaskRun, [
      patch('/task_runs/<task.id>', { name: 'new-<tag>' }),
      get('/task_runs/<task.id>'),
      patch('/task_runs/<task.id>', {}),
      patch('/task_runs/<task.id>', { name: null }),
      patch('/task_runs/<task.id>', { tags: [] }),
      patch('/task_runs/<task.id>'),
      patch('/task_runs/<uuid:nobody>', { name: 'x' }),
      patch('/task_runs/x', { name: 'x' }),
      get('/task_runs/<task.id>'),
    ]),
    sequence('delete', aTaskRun, [
      post('/logs/', [
        {
          name: 'l',
          level: 20,
          message: 'm',
          timestamp: '<now>',
          flow_run_id: '<run.id>',
          task_run_id: '<task.id>',
        },
      ]),
      del('/task_runs/<task.id>'),
      get('/task_runs/<task.id>'),
      get('/task_run_states/?task_run_id=<task.id>'),
      get('/task_run_states/<task.state.id>'),
      post('/logs/filter', { logs: { task_run_id: { any_: ['<task.id>'] } } }, { until: { at: '', is: [] } }),
      del('/task_runs/<task.id>'),
      get('/flow_runs/<run.id>'),
    ]),
    sequence('read what is not there', [
      get('/task_runs/<uuid:nobody>'),
      get('/task_runs/x'),
      del('/task_runs/x'),
      get('/task_run_states/<uuid:nobody>'),
      get('/task_run_states/?task_run_id=<uuid:nobody>'),
      get('/task_run_states/'),
      get('/task_run_states/?task_run_id=x'),
      get('/ui/task_runs/<uuid:nobody>'),
      get('/ui/task_runs/x'),
    ]),
    ...Object.entries(byField).map(([field, filters]) =>
      sequence(
        `filter by ${field}`,
        many,
        filters.flatMap((filter) => asked(taskRuns(filter))),
      ),
    ),
    sequence(
      'filter by what belongs to them',
      many,
      [
        { flow_runs: { id: { any_: ['<run.id>'] } } },
        {
          flow_runs: { name: { any_: ['run-<tag>'] } },
          task_runs: { state: { type: { any_: ['RUNNING'] } } },
        },
        { flows: { name: { any_: ['flow-<tag>'] } } },
        { task_runs: ours, flows: {} },
        { task_runs: ours, flow_runs: {} },
        { task_runs: ours, deployments: {} },
        { task_runs: ours, deployments: { name: { any_: ['nobody'] } } },
      ].flatMap(asked),
    ),
    sequence(
      'sorts',
      many,
      post('/task_runs/filter', taskRuns({}), nulls),
      ...['NAME_ASC', 'NAME_DESC'].map((sort) => post('/task_runs/filter', { ...taskRuns({}), sort })),
      post('/task_runs/filter', {
        ...taskRuns({ id: { any_: ['<uuid:soon>', '<uuid:done>', '<uuid:later>', '<uuid:Failed>'] } }),
        sort: 'ID_DESC',
      }),
      post('/task_runs/filter', { ...taskRuns({}), sort: 'EXPECTED_START_TIME_ASC' }),
      post('/task_runs/filter', { ...taskRuns({}), sort: 'EXPECTED_START_TIME_DESC' }),
      post('/task_runs/filter', {
        ...taskRuns({ state: { type: { any_: ['SCHEDULED'] } } }),
        sort: 'NEXT_SCHEDULED_START_TIME_ASC',
      }),
      post('/task_runs/filter', { ...taskRuns({ end_time: { is_null_: false } }), sort: 'END_TIME_DESC' }),
      post('/task_runs/filter', { ...taskRuns({}), sort: 'START_TIME_ASC' }),
    ),
    sequence(
      'limit, offset and pages',
      many,
      ...[0, 2, 200, 201, -1, 'x'].map((limit) =>
        post('/task_runs/filter', { ...taskRuns({}), sort: 'NAME_ASC', limit }),
      ),
      ...[0, 3, 99, -1].map((offset) =>
        post('/task_runs/filter', { ...taskRuns({}), sort: 'NAME_ASC', limit: 2, offset }),
      ),
      ...[1, 2, 4, 5, 0].map((page) =>
        post('/task_runs/paginate', { ...taskRuns({}), sort: 'NAME_ASC', limit: 2, page }),
      ),
      ...[0, 7, 201].map((limit) =>
        post('/task_runs/paginate', { ...taskRuns({}), sort: 'NAME_ASC', limit }),
      ),
    ),
    sequence(
      'what a filter may not say',
      ...[
        { task_runs: { colour: {} } },
        { task_runs: { id: { any_: ['x'] } } },
        { task_runs: { id: { not_any_: [] } } },
        { task_runs: { tags: { any_: ['x'] } } },
        { task_runs: { state: { type: { any_: ['X'] } } } },
        { task_runs: { state: { type: { not_any_: ['RUNNING'] } } } },
        { task_runs: { subflow_runs: { exists_: 'perhaps' } } },
        { task_runs: { start_time: { before_: 'x' } } },
        { task_runs: [] },
        { flows: { colour: 1 }, flow_runs: { colour: 1 }, deployments: { colour: 1 } },
        [],
      ].flatMap((body) => [
        post('/task_runs/filter', body),
        post('/task_runs/count', body),
        post('/task_runs/paginate', body),
      ]),
    ),
    sequence('history', many, [
      post(
        '/task_runs/history',
        {
          history_start: '<now-7200>',
          history_end: '<now+10800>',
          history_interval_seconds: 3600,
          ...taskRuns({}),
        },
        nulls,
      ),
      post('/task_runs/history', {
        history_start: '2020-01-01T00:00:00Z',
        history_end: '2020-01-01T00:00:05Z',
        history_interval_seconds: 2,
      }),
      post('/task_runs/history', {
        history_start: '2020-01-01T00:00:00Z',
        history_end: '2020-01-01T00:00:05Z',
        history_interval_seconds: 0.1,
      }),
      post('/task_runs/history', {}),
    ]),
    sequence('for the dashboard', many, [
      get('/ui/task_runs/<running.id>'),
      get('/ui/task_runs/<done.id>'),
      post('/ui/task_runs/count', taskRuns({})),
      post('/ui/task_runs/count', { flow_runs: { id: { any_: ['<run.id>'] } } }),
      post('/ui/task_runs/count', { task_runs: { colour: 1 } }),
      post(
        '/ui/task_runs/dashboard/counts',
        { task_runs: { ...ours, start_time: { after_: '<now-3600>', before_: '<now+3600>' } } },
        { statusOnly: true },
      ),
      post('/ui/task_runs/dashboard/counts', { task_runs: ours }),
      post('/ui/task_runs/dashboard/counts', {}),
    ]),
  ],
};
