import { type Group, get, post, type Sequence, type Step, sequence } from '../sequence.ts';

const run = (name: string, rest: Record<string, unknown>, headers = {}): Step =>
  post('/flow_runs/', { flow_id: '<flow.id>', name: `${name}-<tag>`, ...rest }, { save: name, headers });

/** A run of each kind; `parent` and `child` are a flow run and a subflow run of it. */
const runs: Step[] = [
  post('/flows/', { name: 'first-<tag>', tags: ['ft-<tag>'] }, { save: 'flow' }),
  post('/flows/', { name: 'second-<tag>' }, { save: 'second' }),
  run('soon', {
    tags: ['x', 'y'],
    state: { type: 'SCHEDULED', state_details: { scheduled_time: '<now+3600>' } },
  }),
  run('later', {
    tags: ['y'],
    state: { type: 'SCHEDULED', state_details: { scheduled_time: '<now+7200>' } },
  }),
  run('Late', {
    state: { type: 'SCHEDULED', name: 'Late', state_details: { scheduled_time: '<now-3600>' } },
  }),
  run('pending', { flow_version: '1', idempotency_key: 'k-<tag>' }),
  run('running', { flow_version: '2', tags: ['x'], state: { type: 'RUNNING' } }),
  run('done', { flow_version: '1', tags: ['x', 'z%'], state: { type: 'COMPLETED' } }),
  run('failed', { state: { type: 'FAILED', name: 'TimedOut' } }),
  run('cancelled', { state: { type: 'CANCELLED' } }),
  run(
    'paused',
    { state: { type: 'PAUSED' } },
    { 'prefect-automation-id': '<uuid:automation>', 'prefect-automation-name': 'YQ==' },
  ),
  post(
    '/flow_runs/',
    { flow_id: '<second.id>', name: 'parent-<tag>', state: { type: 'RUNNING' } },
    { save: 'parent' },
  ),
  post(
    '/task_runs/',
    { flow_run_id: '<parent.id>', task_key: 'sub', dynamic_key: '0', name: 'sub-<tag>', tags: ['tt-<tag>'] },
    { save: 'sub' },
  ),
  post(
    '/flow_runs/',
    {
      flow_id: '<second.id>',
      name: 'child-<tag>',
      parent_task_run_id: '<sub.id>',
      state: { type: 'RUNNING' },
    },
    { save: 'child' },
  ),
  post('/flow_runs/<done.id>/set_state', { state: { type: 'COMPLETED', message: 'again' } }),
  get('/flow_runs/<done.id>', { save: 'done' }),
  get('/flow_runs/<failed.id>', { save: 'failed' }),
];
const mine = { name: { like_: '-<tag>' } };
const flowRuns = (filter: Record<string, unknown>) => ({ flow_runs: { ...mine, ...filter } });

const byField: Record<string, Record<string, unknown>[]> = {
  id: [
    { id: { any_: ['<soon.id>', '<done.id>', '<uuid:nobody>'] } },
    { id: { any_: [] } },
    { id: { not_any_: ['<soon.id>', '<done.id>'] } },
    { id: { not_any_: [] } },
    { id: { any_: ['<soon.id>', '<done.id>'], not_any_: ['<done.id>'] } },
    { id: {} },
    { id: null },
  ],
  name: [
    { name: { any_: ['soon-<tag>', 'LATE-<tag>'] } },
    { name: { any_: [] } },
    { name: { like_: 'LATE-<tag>' } },
    { name: { like_: '_-<tag>' } },
    { name: { like_: '' }, id: { any_: ['<soon.id>'] } },
    { name: { any_: ['soon-<tag>'], like_: 'later' } },
  ],
  tags: [
    { tags: { all_: ['x'] } },
    { tags: { all_: ['x', 'y'] } },
    { tags: { all_: [] } },
    { tags: { any_: ['x', 'y'] } },
    { tags: { any_: ['nobody'] } },
    { tags: { any_: [] } },
    { tags: { is_null_: true } },
    { tags: { is_null_: false } },
    { tags: { all_: ['z%'] } },
    { tags: { operator: 'or_', all_: ['y'], any_: ['z%'] } },
    { tags: { operator: 'and_', all_: ['y'], any_: ['x'] } },
  ],
  state: [
    { state: { type: { any_: ['RUNNING', 'COMPLETED'] } } },
    { state: { type: { any_: [] } } },
    { state: { type: { not_any_: ['RUNNING', 'SCHEDULED'] } } },
    { state: { name: { any_: ['Late', 'TimedOut', 'late'] } } },
    { state: { name: { not_any_: ['Scheduled', 'Running'] } } },
    { state: { operator: 'or_', type: { any_: ['CANCELLED'] }, name: { any_: ['Late'] } } },
    { state: { operator: 'and_', type: { any_: ['SCHEDULED'] }, name: { any_: ['Late'] } } },
    { state: {} },
  ],
  'flow version': [
    { flow_version: { any_: ['1'] } },
    { flow_version: { any_: ['1', '2', '3'] } },
    { flow_version: { any_: [] } },
    { flow_version: {} },
  ],
  'start time': [
    { start_time: { before_: '<now+600>' } },
    { start_time: { after_: '<now-600>' } },
    { start_time: { after_: '<now+600>' } },
    { start_time: { before_: '<done.start_time>' } },
    { start_time: { after_: '<done.start_time>' } },
    { start_time: { is_null_: true } },
    { start_time: { is_null_: false } },
    { start_time: { after_: '<now-600>', before_: '<now+600>', is_null_: true } },
  ],
  'end time': [
    { end_time: { before_: '<failed.end_time>' } },
    { end_time: { after_: '<failed.end_time>' } },
    { end_time: { is_null_: true } },
    { end_time: { is_null_: false } },
  ],
  'expected start time': [
    { expected_start_time: { before_: '<now-60>' } },
    { expected_start_time: { after_: '<now+3600>' } },
    { expected_start_time: { after_: '<now+3600>', before_: '<now+3600>' } },
    { expected_start_time: { after_: '2020-01-01', before_: '2020-01-02T00:00:00+02:00' } },
  ],
  'next scheduled start time': [
    { next_scheduled_start_time: { before_: '<now+3600>' } },
    { next_scheduled_start_time: { after_: '<now+3600>' } },
  ],
  parents: [
    { parent_task_run_id: { any_: ['<sub.id>'] } },
    { parent_task_run_id: { is_null_: true } },
    { parent_task_run_id: { is_null_: false } },
    { parent_task_run_id: { operator: 'or_', any_: ['<sub.id>'], is_null_: true } },
    { parent_flow_run_id: { any_: ['<parent.id>'] } },
    { parent_flow_run_id: { any_: ['<soon.id>'] } },
    { parent_flow_run_id: { any_: [] } },
  ],
  deployment: [
    { deployment_id: { any_: ['<uuid:nobody>'] } },
    { deployment_id: { is_null_: true } },
    { deployment_id: { is_null_: false } },
    { deployment_id: { operator: 'or_', any_: ['<uuid:nobody>'], is_null_: true } },
    { work_queue_name: { any_: ['default'] } },
    { work_queue_name: { is_null_: true } },
    { work_queue_name: { is_null_: false } },
    { work_queue_name: { operator: 'or_', any_: ['default'], is_null_: true } },
  ],
  'idempotency key': [
    { idempotency_key: { any_: ['k-<tag>'] } },
    { idempotency_key: { not_any_: ['k-<tag>'] } },
    { idempotency_key: { any_: [] } },
  ],
  creator: [
    { created_by: { id_: ['<uuid:automation>'] } },
    { created_by: { id_: ['<uuid:nobody>'] } },
    { created_by: { type_: ['AUTOMATION'] } },
    { created_by: { type_: ['DEPLOYMENT', 'SCHEDULE'] } },
    { created_by: { is_null_: true } },
    { created_by: { is_null_: false } },
  ],
  'several at once': [
    { operator: 'or_', name: { any_: ['soon-<tag>'] }, id: { any_: ['<done.id>'] } },
    { operator: 'and_', tags: { all_: ['x'] }, state: { type: { any_: ['COMPLETED'] } } },
    { operator: 'or_', name: null, id: { any_: ['<done.id>'] } },
    { tags: null, state: null, deployment_id: null },
  ],
};

const related: Record<string, unknown>[] = [
  { flows: { name: { any_: ['second-<tag>'] } } },
  { flows: { tags: { all_: ['ft-<tag>'] } } },
  { flows: { id: { any_: ['<flow.id>'] } }, flow_runs: { state: { type: { any_: ['RUNNING'] } } } },
  { flows: { id: { any_: ['<uuid:nobody>'] } } },
  { task_runs: { name: { any_: ['sub-<tag>'] } } },
  { task_runs: { tags: { all_: ['tt-<tag>'] } }, flows: { name: { like_: '<tag>' } } },
  { flow_runs: mine, task_runs: { id: { any_: ['<uuid:nobody>'] } } },
  { flow_runs: mine, task_runs: {} },
  { flow_runs: mine, flows: {} },
  { flow_runs: mine, deployments: {} },
  { flow_runs: mine, deployments: { name: { any_: ['nobody'] } } },
  { flow_runs: mine, work_pools: { name: { any_: ['nobody'] } } },
  { flow_runs: mine, work_pool_queues: { name: { any_: ['nobody'] } } },
  {
    flow_runs: mine,
    flows: null,
    task_runs: null,
    deployments: null,
    work_pools: null,
    work_pool_queues: null,
  },
];

const asked = (filter: unknown): Step[] => [
  post('/flow_runs/filter', { ...(filter as object), sort: 'NAME_ASC' }),
  post('/flow_runs/count', filter),
];

const filterSequences: Sequence[] = Object.entries(byField).map(([field, filters]) =>
  sequence(
    `filter by ${field}`,
    runs,
    filters.flatMap((filter) => asked(flowRuns(filter))),
  ),
);

const terminal = { state: { type: { any_: ['COMPLETED', 'FAILED', 'CANCELLED'] } } };
const scheduled = { state: { type: { any_: ['SCHEDULED'] } } };

export const flowRunFilters: Group = {
  name: 'flow_run_filters',
  sequences: [
    ...filterSequences,
    sequence('filter by what belongs to them', runs, related.flatMap(asked)),
    sequence(
      'sorts',
      runs,
      post('/flow_runs/filter', flowRuns({}), { unordered: true }),
      post('/flow_runs/filter', { ...flowRuns({}), sort: 'ID_DESC' }, { unordered: true }),
      ...[
        'START_TIME_ASC',
        'START_TIME_DESC',
        'EXPECTED_START_TIME_ASC',
        'EXPECTED_START_TIME_DESC',
        'NAME_ASC',
        'NAME_DESC',
      ].map((sort) => post('/flow_runs/filter', { ...flowRuns({}), sort })),
      post('/flow_runs/filter', { ...flowRuns(scheduled), sort: 'NEXT_SCHEDULED_START_TIME_ASC' }),
      post('/flow_runs/filter', { ...flowRuns(terminal), sort: 'END_TIME_DESC' }),
      post(
        '/flow_runs/filter',
        { ...flowRuns({}), sort: 'NEXT_SCHEDULED_START_TIME_ASC' },
        { unordered: true },
      ),
      post('/flow_runs/filter', { ...flowRuns({}), sort: 'END_TIME_DESC' }, { unordered: true }),
      post('/flow_runs/filter', { ...flowRuns({}), sort: 'END_TIME_ASC' }),
      post('/flow_runs/filter', { ...flowRuns({}), sort: 'name_asc' }),
    ),
    sequence(
      'limit, offset and pages',
      runs,
      ...[0, 1, 5, 200].map((limit) =>
        post('/flow_runs/filter', { ...flowRuns({}), sort: 'NAME_ASC', limit }),
      ),
      ...[-1, 201, 'x', 2.5, null].map((limit) =>
        post('/flow_runs/filter', { ...flowRuns({}), sort: 'NAME_ASC', limit }),
      ),
      ...[0, 3, 500, -1, 'x'].map((offset) =>
        post('/flow_runs/filter', { ...flowRuns({}), sort: 'NAME_DESC', limit: 3, offset }),
      ),
      ...[1, 2, 5, 6, 0, -1, null].map((page) =>
        post('/flow_runs/paginate', { ...flowRuns({}), sort: 'NAME_ASC', limit: 3, page }),
      ),
      ...[0, 12, 200, 201, -1].map((limit) =>
        post('/flow_runs/paginate', { ...flowRuns({}), sort: 'NAME_ASC', limit }),
      ),
    ),
    sequence(
      'what a filter may not say',
      ...[
        { flow_runs: { colour: {} } },
        { flow_runs: { id: { any_: ['x'] } } },
        { flow_runs: { id: { any_: 'x' } } },
        { flow_runs: { name: { like_: 5 } } },
        { flow_runs: { state: { type: { any_: ['SLEEPING'] } } } },
        { flow_runs: { state: { type: 'RUNNING' } } },
        { flow_runs: { start_time: { before_: 'yesterday' } } },
        { flow_runs: { start_time: { is_null_: 'perhaps' } } },
        { flow_runs: { tags: { is_null_: 2 } } },
        { flow_runs: { tags: { all_: [1] } } },
        { flow_runs: { operator: 'not_' } },
        { flow_runs: { created_by: { type_: ['NOBODY'] } } },
        { flow_runs: { parent_task_run_id: { any_: [null] } } },
        { flow_runs: [] },
        { flow_runs: 'x' },
        {
          flows: { colour: 1 },
          task_runs: { colour: 1 },
          deployments: { colour: 1 },
          work_pools: { colour: 1 },
          work_pool_queues: { colour: 1 },
        },
        [],
        'x',
        1,
      ].flatMap((body) => [
        post('/flow_runs/filter', body),
        post('/flow_runs/count', body),
        post('/flow_runs/paginate', body),
      ]),
    ),
    sequence(
      'yes and no in other words',
      runs.slice(0, 8),
      ...['true', 'false', 1, 0, 'yes', 'off', 'T'].map((is_null_) =>
        post('/flow_runs/filter', { ...flowRuns({ start_time: { is_null_ } }), sort: 'NAME_ASC' }),
      ),
    ),
    sequence(
      'lateness and averages',
      runs,
      post('/flow_runs/lateness', flowRuns({}), { seconds: true }),
      post('/flow_runs/lateness', flowRuns({ name: { any_: ['Late-<tag>'] } }), { seconds: true }),
      post('/flow_runs/lateness', flowRuns({ id: { any_: ['<uuid:nobody>'] } })),
      post('/flow_runs/lateness', flowRuns({ id: { any_: ['<soon.id>'] } }), { seconds: true }),
      post('/flow_runs/lateness', { flow_runs: { colour: 1 } }),
    ),
    sequence(
      'history',
      runs,
      post(
        '/flow_runs/history',
        {
          history_start: '<now-7200>',
          history_end: '<now+10800>',
          history_interval_seconds: 3600,
          ...flowRuns({}),
        },
        { unordered: true },
      ),
      post('/flow_runs/history', {
        history_start: '<now-60>',
        history_end: '<now+60>',
        history_interval_seconds: 1000,
        ...flowRuns({}),
      }),
      post('/flow_runs/history', {
        history_start: '2020-01-01T00:00:00Z',
        history_end: '2020-01-01T00:00:05Z',
        history_interval_seconds: 2,
      }),
      post('/flow_runs/history', {
        history_start: '2020-01-01T00:00:00+01:00',
        history_end: '2020-01-02',
        history_interval_seconds: 43200,
      }),
      post('/flow_runs/history', {
        history_start: '2020-01-02',
        history_end: '2020-01-01',
        history_interval_seconds: 60,
      }),
      post('/flow_runs/history', {
        history_start: '2020-01-01',
        history_end: '2020-01-02',
        history_interval_seconds: 1,
      }),
      ...[0.5, 0, -1, 'x', null, 1.5].map((history_interval_seconds) =>
        post('/flow_runs/history', {
          history_start: '2020-01-01T00:00:00Z',
          history_end: '2020-01-01T00:00:05Z',
          history_interval_seconds,
        }),
      ),
      post('/flow_runs/history', {}),
      post('/flow_runs/history', { history_start: 'x', history_end: 'y', history_interval_seconds: 60 }),
      post('/flow_runs/history', {
        history_start: '2020-01-01',
        history_end: '2020-01-02',
        history_interval_seconds: 3600,
        flow_runs: { colour: 1 },
      }),
    ),
    sequence(
      'for the dashboard',
      runs,
      post('/ui/flow_runs/history', { ...flowRuns({}), sort: 'NAME_ASC' }),
      post('/ui/flow_runs/history', { ...flowRuns({}), limit: 3, offset: 2, sort: 'NAME_ASC' }),
      post('/ui/flow_runs/history', { ...flowRuns({}), limit: 1001 }),
      post('/ui/flow_runs/history', { ...flowRuns({}), limit: -1 }),
      post('/ui/flow_runs/history', { ...flowRuns({}), sort: 'x' }),
      post('/ui/flow_runs/count-task-runs', { flow_run_ids: ['<parent.id>', '<soon.id>', '<uuid:nobody>'] }),
      post('/ui/flow_runs/count-task-runs', { flow_run_ids: [] }),
      post('/ui/flow_runs/count-task-runs', { flow_run_ids: ['x'] }),
      post('/ui/flow_runs/count-task-runs', {}),
    ),
  ],
};
