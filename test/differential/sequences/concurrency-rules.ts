/** What limits of deployments and tags make of the states that runs want to have. */
import { del, type Group, get, patch, post, type Step, type StepOptions, sequence } from '../sequence.ts';
import { aFlow, aRunningFlowRun } from './seeds.ts';

const CLIENT = { 'user-agent': 'prefect/3.8.8 (API 0.8.4)' };
const OLD = { 'user-agent': 'prefect/3.4.10 (API 0.8.4)' };

const aDeployment = (more: object): Step[] => [
  ...aFlow,
  post('/deployments/', { flow_id: '<flow.id>', name: 'd-<tag>', ...more }, { save: 'deployment' }),
];
const run = (name: string, state: object = { type: 'SCHEDULED' }): Step =>
  post(
    '/flow_runs/',
    { flow_id: '<flow.id>', deployment_id: '<deployment.id>', name: `${name}-<tag>`, state },
    { save: name },
  );
const set = (
  name: string,
  type: string,
  more: object = {},
  options: StepOptions & { force?: boolean } = {},
): Step => {
  const { force, ...rest } = options;
  return post(
    `/flow_runs/<${name}.id>/set_state`,
    { state: { type, ...more }, ...(force && { force }) },
    { headers: CLIENT, ...rest },
  );
};
const slots = get('/v2/concurrency_limits/deployment:<deployment.id>');
const statesOf = (name: string): Step => get(`/flow_run_states/?flow_run_id=<${name}.id>`);

const two = [run('a'), run('b')];

const deployments = [
  sequence('one at a time', aDeployment({ concurrency_limit: 1 }), two, [
    set('a', 'PENDING'),
    slots,
    set('b', 'PENDING'),
    set('a', 'PENDING', { name: 'Submitting' }),
    set('a', 'PENDING', {
      name: 'InfrastructurePending',
      state_details: { deployment_concurrency_lease_id: null },
    }),
    set('a', 'RUNNING'),
    slots,
    set('b', 'PENDING'),
    set('a', 'COMPLETED'),
    slots,
    set('b', 'PENDING'),
    slots,
    set('b', 'RUNNING', {}, { statusOnly: true }),
    statesOf('a'),
    statesOf('b'),
  ]),
  sequence(
    'where new runs are cancelled',
    aDeployment({ concurrency_limit: 1, concurrency_options: { collision_strategy: 'CANCEL_NEW' } }),
    two,
    [
      set('a', 'PENDING'),
      set('b', 'PENDING'),
      set('b', 'PENDING'),
      slots,
      set('a', 'CRASHED'),
      slots,
      statesOf('b'),
    ],
  ),
  ...(['COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED', 'SCHEDULED', 'CANCELLING', 'PAUSED'] as const).flatMap(
    (type) => [
      sequence(`a run that is pending goes to ${type}`, aDeployment({ concurrency_limit: 1 }), two, [
        set('a', 'PENDING'),
        set('a', type),
        slots,
        set('b', 'PENDING'),
      ]),
      sequence(`a run that runs goes to ${type}`, aDeployment({ concurrency_limit: 1 }), two, [
        set('a', 'PENDING'),
        set('a', 'RUNNING'),
        set('a', type),
        slots,
        set('b', 'PENDING'),
        set('a', 'CANCELLED'),
        slots,
      ]),
      sequence(`a run that runs is forced to ${type}`, aDeployment({ concurrency_limit: 1 }), two, [
        set('a', 'PENDING'),
        set('a', 'RUNNING'),
        set('a', type, {}, { force: true }),
        slots,
        set('b', 'PENDING'),
      ]),
    ],
  ),
  sequence('a run that is retried keeps its slot', aDeployment({ concurrency_limit: 1 }), [
    post(
      '/flow_runs/',
      {
        flow_id: '<flow.id>',
        deployment_id: '<deployment.id>',
        name: 'a-<tag>',
        state: { type: 'SCHEDULED' },
        empirical_policy: { retries: 1, retry_delay: 0 },
      },
      { save: 'a' },
    ),
    run('b'),
    set('a', 'PENDING'),
    set('a', 'RUNNING'),
    set('a', 'FAILED'),
    slots,
    set('b', 'PENDING'),
    set('a', 'RUNNING'),
    set('a', 'FAILED'),
    slots,
    set('b', 'PENDING'),
  ]),
  sequence('a run that its process sends away loses its slot', aDeployment({ concurrency_limit: 1 }), two, [
    set('a', 'PENDING'),
    set('a', 'RUNNING'),
    set('a', 'SCHEDULED', { name: 'AwaitingRetry' }),
    slots,
    set('b', 'PENDING'),
    set('a', 'PENDING'),
  ]),
  sequence('a run that was paused ends without a slot', aDeployment({ concurrency_limit: 1 }), two, [
    set('a', 'PENDING'),
    set('a', 'RUNNING'),
    set('a', 'PAUSED'),
    set('b', 'PENDING'),
    set('a', 'RUNNING'),
    set('a', 'COMPLETED'),
    slots,
  ]),
  sequence('a limit of nothing', aDeployment({ concurrency_limit: 1 }), two, [
    patch('/v2/concurrency_limits/deployment:<deployment.id>', { limit: 0 }),
    set('a', 'PENDING'),
    set('a', 'RUNNING'),
  ]),
  sequence('a limit that is switched off lets nobody in', aDeployment({ concurrency_limit: 1 }), two, [
    patch('/v2/concurrency_limits/deployment:<deployment.id>', { active: false }),
    set('a', 'PENDING'),
    slots,
  ]),
  sequence(
    'a deployment that is gone',
    aDeployment({ concurrency_limit: 1 }),
    [run('a', { type: 'PAUSED' }), run('b', { type: 'CANCELLED' })],
    [del('/deployments/<deployment.id>'), set('a', 'PENDING'), set('b', 'PENDING')],
  ),
  sequence(
    'a run that waits in vain for its turn',
    aDeployment({ concurrency_limit: 1 }),
    [run('a', { type: 'PAUSED' }), run('b')],
    [set('a', 'PENDING'), slots, set('b', 'PENDING'), slots],
  ),
  sequence('old clients', aDeployment({ concurrency_limit: 1 }), two, [
    set('a', 'PENDING', {}, { headers: OLD }),
    set('a', 'RUNNING', {}, { headers: OLD, save: 'running' }),
    slots,
    post(
      '/v2/concurrency_limits/leases/<running.state.state_details.deployment_concurrency_lease_id>/renew',
      { lease_duration: 60 },
    ),
    set('b', 'PENDING', {}, { headers: OLD }),
    set('a', 'COMPLETED', {}, { headers: OLD }),
    slots,
    set('b', 'PENDING', {}, { headers: { 'user-agent': 'curl' } }),
    set('b', 'RUNNING', {}, { headers: { 'user-agent': 'curl' } }),
    set('b', 'FAILED', {}, { headers: { 'user-agent': 'curl' } }),
    slots,
  ]),
  sequence('workers that take slots themselves', aDeployment({ concurrency_limit: 1 }), two, [
    set('a', 'PENDING', {}, { headers: { 'user-agent': 'prefect/3.0.2 (API 0.8.4)' } }),
    slots,
    set('b', 'PENDING'),
    slots,
  ]),
  sequence('a client that renews', aDeployment({ concurrency_limit: 1 }), two, [
    set('a', 'PENDING', {}, { save: 'pending' }),
    post(
      '/v2/concurrency_limits/leases/<pending.state.state_details.deployment_concurrency_lease_id>/renew',
      { lease_duration: 60 },
    ),
    set('a', 'RUNNING'),
    post('/v2/concurrency_limits/decrement-with-lease', {
      lease_id: '<pending.state.state_details.deployment_concurrency_lease_id>',
    }),
    slots,
  ]),
  sequence('a lease that was lost on the way', aDeployment({ concurrency_limit: 1 }), two, [
    set('a', 'PENDING', {}, { save: 'pending' }),
    post('/v2/concurrency_limits/decrement-with-lease', {
      lease_id: '<pending.state.state_details.deployment_concurrency_lease_id>',
    }),
    set('a', 'RUNNING', {}, { save: 'running' }),
    slots,
    post('/v2/concurrency_limits/decrement-with-lease', {
      lease_id: '<running.state.state_details.deployment_concurrency_lease_id>',
    }),
    set('b', 'PENDING'),
    set('a', 'COMPLETED'),
  ]),
  sequence('a lease that was lost while somebody else came', aDeployment({ concurrency_limit: 1 }), two, [
    set('a', 'PENDING', {}, { save: 'pending' }),
    post('/v2/concurrency_limits/decrement-with-lease', {
      lease_id: '<pending.state.state_details.deployment_concurrency_lease_id>',
    }),
    set('b', 'PENDING'),
    set('a', 'RUNNING'),
    statesOf('a'),
  ]),
  sequence('slots for which no lease speaks', aDeployment({ concurrency_limit: 3 }), [
    run('a', { type: 'RUNNING' }),
    run('b', { type: 'PENDING' }),
    run('c', { type: 'CANCELLING' }),
    run('d', { type: 'COMPLETED' }),
    patch('/v2/concurrency_limits/deployment:<deployment.id>', { active_slots: 3 }),
    set('a', 'COMPLETED'),
    slots,
    del('/flow_runs/<b.id>'),
    slots,
    del('/flow_runs/<d.id>'),
    post('/flow_runs/bulk_delete', { flow_runs: { id: { any_: ['<c.id>'] } } }),
    slots,
  ]),
  sequence('a forced run that is deleted', aDeployment({ concurrency_limit: 1 }), two, [
    set('a', 'PENDING'),
    set('a', 'RUNNING', {}, { force: true }),
    del('/flow_runs/<a.id>'),
    slots,
    set('b', 'PENDING'),
  ]),
  sequence('a run that is deleted gives back its slot', aDeployment({ concurrency_limit: 1 }), two, [
    set('a', 'PENDING'),
    del('/flow_runs/<a.id>'),
    slots,
    set('b', 'PENDING'),
    slots,
  ]),
];

const taskRun = (name: string, tags: string[]): Step =>
  post(
    '/task_runs/',
    {
      flow_run_id: '<run.id>',
      task_key: `k-${name}`,
      dynamic_key: '0',
      name: `${name}-<tag>`,
      tags: tags.map((tag) => `${tag}-<tag>`),
      state: { type: 'PENDING' },
    },
    { save: name },
  );
const limitOf = (tag: string, limit: number): Step =>
  post('/concurrency_limits/', { tag: `${tag}-<tag>`, concurrency_limit: limit });
const setTask = (name: string, type: string, more: object = {}, force?: boolean): Step =>
  post(
    `/task_runs/<${name}.id>/set_state`,
    { state: { type, ...more }, ...(force && { force }) },
    { seconds: ['delay_seconds'] },
  );
const slotsOf = (tag: string): Step[] => [
  get(`/concurrency_limits/tag/${tag}-<tag>`, { unordered: true }),
  get(`/v2/concurrency_limits/tag:${tag}-<tag>`),
];

const tasks = [
  sequence(
    'tasks of one tag',
    aRunningFlowRun,
    limitOf('t', 1),
    taskRun('a', ['t']),
    taskRun('b', ['t', 'none']),
    [
      setTask('a', 'RUNNING'),
      ...slotsOf('t'),
      setTask('b', 'RUNNING'),
      setTask('a', 'COMPLETED'),
      ...slotsOf('t'),
      setTask('b', 'RUNNING'),
      ...slotsOf('t'),
      setTask('b', 'CANCELLING'),
      ...slotsOf('t'),
      setTask('b', 'CANCELLED'),
      ...slotsOf('t'),
    ],
  ),
  sequence(
    'tasks of two tags',
    aRunningFlowRun,
    limitOf('t', 2),
    limitOf('u', 1),
    taskRun('a', ['t', 'u']),
    taskRun('b', ['t']),
    taskRun('c', ['u', 't']),
    [
      setTask('a', 'RUNNING'),
      setTask('c', 'RUNNING', {}),
      setTask('b', 'RUNNING'),
      ...slotsOf('t'),
      ...slotsOf('u'),
      setTask('a', 'FAILED'),
      ...slotsOf('t'),
      ...slotsOf('u'),
    ],
  ),
  sequence('a tag that lets nobody in', aRunningFlowRun, limitOf('t', 0), taskRun('a', ['t']), [
    setTask('a', 'RUNNING'),
    setTask('a', 'RUNNING', {}, true),
    setTask('a', 'COMPLETED'),
    ...slotsOf('t'),
  ]),
  sequence(
    'a run that is not to start yet gives its slot back',
    aRunningFlowRun,
    limitOf('t', 1),
    taskRun('a', ['t']),
    [
      setTask('a', 'SCHEDULED', { state_details: { scheduled_time: '<now+3600>' } }),
      setTask('a', 'RUNNING'),
      ...slotsOf('t'),
    ],
  ),
  ...(['COMPLETED', 'FAILED', 'CRASHED', 'PAUSED', 'SCHEDULED', 'PENDING'] as const).map((type) =>
    sequence(`a task run that runs goes to ${type}`, aRunningFlowRun, limitOf('t', 1), taskRun('a', ['t']), [
      setTask('a', 'RUNNING'),
      setTask('a', type),
      ...slotsOf('t'),
    ]),
  ),
  sequence(
    'a task that is cached holds nothing',
    aRunningFlowRun,
    limitOf('t', 1),
    taskRun('a', ['t']),
    taskRun('b', ['t']),
    [
      setTask('a', 'RUNNING', { state_details: { cache_key: 'k-<tag>' } }),
      setTask('a', 'COMPLETED', { data: 1, state_details: { cache_key: 'k-<tag>' } }),
      setTask('b', 'RUNNING', { state_details: { cache_key: 'k-<tag>' } }),
      ...slotsOf('t'),
    ],
  ),
  sequence(
    'a tag whose limit is switched off',
    aRunningFlowRun,
    limitOf('t', 1),
    taskRun('a', ['t']),
    taskRun('b', ['t']),
    [
      patch('/v2/concurrency_limits/tag:t-<tag>', { active: false }),
      setTask('a', 'RUNNING'),
      setTask('b', 'RUNNING'),
      ...slotsOf('t'),
    ],
  ),
];

export const concurrencyRules: Group = { name: 'concurrency_rules', sequences: deployments };

/** On SQLite Prefect takes these slots with a second connection, which waits in vain for the first one to end. */
export const tagConcurrencyRules: Group = {
  name: 'tag_concurrency_rules',
  engine: 'postgres',
  sequences: tasks,
};
