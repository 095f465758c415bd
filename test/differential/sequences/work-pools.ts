import { del, each, type Group, get, patch, post, type Step, sequence } from '../sequence.ts';
import { workPoolRuns } from './work-pool-runs.ts';
import { workQueueSequences } from './work-queues.ts';

const pool = (rest: object = {}): Step =>
  post('/work_pools/', { name: 'pool-<tag>', type: 'process', ...rest }, { save: 'pool' });
const at = '/work_pools/pool-<tag>';

/** The events in which a resource takes part, when there are so many. */
export const told = (id: string, total: number): Step =>
  post(
    '/events/filter',
    { filter: { any_resource: { id: [id] }, order: 'ASC' } },
    { until: { at: 'total', is: total }, unordered: true },
  );

const template = (variables: unknown, configuration: unknown = { command: '{{ command }}' }) => ({
  job_configuration: configuration,
  variables: { type: 'object', properties: variables },
});
const command = { command: { type: 'string', title: 'Command', default: 'run' } };

const goodBodies: Record<string, unknown> = {
  'name alone': { name: 'n-<tag>' },
  'all members': {
    name: 'n-<tag>',
    type: 'docker',
    description: 'what',
    is_paused: true,
    concurrency_limit: 0,
    base_job_template: template(command),
    storage_configuration: {
      bundle_upload_step: { 'prefect_aws.upload': { bucket: 'b', n: 1.0 } },
      bundle_execution_step: null,
      default_result_storage_block_id: '<uuid:block>',
    },
  },
  'a paused pool of agents': { name: 'n-<tag>', is_paused: true },
  'nulls where they may be': { name: 'n-<tag>', description: null, concurrency_limit: null },
  'numbers in texts': { name: 'n-<tag>', concurrency_limit: '3', is_paused: 'yes' },
  'template without properties': {
    name: 'n-<tag>',
    base_job_template: { job_configuration: { a: 1 }, variables: { type: 'object' } },
  },
  'template whose numbers keep their spelling': {
    name: 'n-<tag>',
    base_job_template: template({ command: { type: 'number', default: 1.0 } }, { f: 1.0, c: '{{command}}' }),
  },
  'placeholders deep down': {
    name: 'n-<tag>',
    base_job_template: template(
      { a: {}, b: {} },
      { list: ['{{ a }}-{{b}}', { deep: '{{  b  }}' }], env: '{a}' },
    ),
  },
};

const badBodies: Record<string, unknown> = {
  'no name': {},
  'name null': { name: null },
  'name empty': { name: '' },
  'name with a slash': { name: 'a/b' },
  'limit below 0': { name: 'n-<tag>', concurrency_limit: -1 },
  'type a number': { name: 'n-<tag>', type: 1 },
  'type null': { name: 'n-<tag>', type: null },
  'unknown member': { name: 'n-<tag>', colour: 'red' },
  'storage with an unknown member': { name: 'n-<tag>', storage_configuration: { x: 1 } },
  'storage null': { name: 'n-<tag>', storage_configuration: null },
  'storage block no uuid': {
    name: 'n-<tag>',
    storage_configuration: { default_result_storage_block_id: 'x' },
  },
  'template a list': { name: 'n-<tag>', base_job_template: [] },
  'template null': { name: 'n-<tag>', base_job_template: null },
  'template without variables': { name: 'n-<tag>', base_job_template: { job_configuration: { a: 1 } } },
  'template with nothing in it': {
    name: 'n-<tag>',
    base_job_template: { job_configuration: {}, variables: {} },
  },
  'template with other members': { name: 'n-<tag>', base_job_template: { a: 1 } },
  'template with an undeclared variable': {
    name: 'n-<tag>',
    base_job_template: template(command, { a: '{{ other }}' }),
  },
  'template whose default is of another type': {
    name: 'n-<tag>',
    base_job_template: template({ command: { type: 'integer', default: 'no' } }),
  },
  'template whose default is a block that there is not': {
    name: 'n-<tag>',
    base_job_template: template({ command: { default: { $ref: { block_document_id: '<uuid:block>' } } } }),
  },
  'template whose schema is none': {
    name: 'n-<tag>',
    base_job_template: { job_configuration: { a: 1 }, variables: { type: 'nonsense' } },
  },
  'configuration a list': {
    name: 'n-<tag>',
    base_job_template: { job_configuration: [1], variables: { type: 'object' } },
  },
  'reserved name': { name: 'Prefect-<tag>' },
  'reserved name in small letters': { name: 'prefect <tag>' },
};

const updates: Record<string, unknown> = {
  nothing: {},
  description: { description: 'new' },
  'description null': { description: null },
  limit: { concurrency_limit: 3 },
  'limit and back': { concurrency_limit: null },
  template: { base_job_template: template(command) },
  'template empty': { base_job_template: {} },
  'template wrong': { base_job_template: { a: 1 } },
  'template null': { base_job_template: null },
  storage: { storage_configuration: { bundle_upload_step: { a: 1 } } },
  'storage null': { storage_configuration: null },
  'paused null': { is_paused: null },
  'a name': { name: 'other' },
  'a type': { type: 'docker' },
  'limit below 0': { concurrency_limit: -1 },
};

const filters: Record<string, Record<string, unknown>> = {
  'id any': { id: { any_: ['<a.id>', '<c.id>'] } },
  'id any of nothing': { id: { any_: [] } },
  'name any': { name: { any_: ['a-<tag>', 'nobody'] } },
  'type any': { type: { any_: ['docker-<tag>'] } },
  or: { operator: 'or_', name: { any_: ['a-<tag>'] }, id: { any_: ['<c.id>'] } },
  and: { operator: 'and_', name: { any_: ['a-<tag>'] }, id: { any_: ['<c.id>'] } },
};
const three = [
  post('/work_pools/', { name: 'b-<tag>', type: 'docker-<tag>', concurrency_limit: 2 }, { save: 'b' }),
  post('/work_pools/', { name: 'a-<tag>', type: 'process-<tag>' }, { save: 'a' }),
  post('/work_pools/', { name: 'c-<tag>', type: 'docker-<tag>' }, { save: 'c' }),
];

const beat = (body: unknown): Step => post(`${at}/workers/heartbeat`, body);
const ofWorkers = (workers: unknown) => post(`${at}/workers/filter`, { workers });

export const workPools: Group = {
  name: 'work_pools',
  sequences: [
    ...each('create', goodBodies, (body) => [
      post('/work_pools/', body, { save: 'pool' }),
      get('/work_pools/n-<tag>'),
      get('/work_pools/n-<tag>/queues/default'),
      told('prefect.work-pool.<pool.id>', 3),
    ]),
    ...each('refuse', badBodies, (body) => [post('/work_pools/', body), get('/work_pools/n-<tag>')]),
    ...each('update', updates, (body) => [
      pool({ concurrency_limit: 1, description: 'old' }),
      patch(at, body),
      get(at),
    ]),
    sequence(
      'create again, read, delete',
      pool(),
      post('/work_pools/', { name: 'pool-<tag>', type: 'process' }),
      get(at),
      get('/work_pools/POOL-<tag>'),
      get('/work_pools/nobody-<tag>'),
      patch('/work_pools/nobody-<tag>', {}),
      del('/work_pools/nobody-<tag>'),
      beat({ name: 'w' }),
      del(at),
      get(at),
      post(`${at}/queues/filter`),
      post(`${at}/workers/filter`),
      del('/work_pools/prefect-<tag>'),
      patch('/work_pools/prefect-<tag>', { description: 'x' }),
      patch('/work_pools/prefect-<tag>', { is_paused: true }),
    ),
    sequence(
      'events',
      pool(),
      patch(at, { description: 'new', concurrency_limit: 2 }),
      patch(at, { description: 'new' }),
      patch(at, { is_paused: true }),
      patch(at, { is_paused: true }),
      patch(at, { is_paused: false }),
      patch(at, { base_job_template: template(command) }),
      beat({ name: 'w' }),
      beat({ name: 'w' }),
      patch(at, { is_paused: true }),
      patch(at, { is_paused: false }),
      get(at),
      post(`${at}/queues`, { name: 'urgent' }, { save: 'queue' }),
      del(at),
      told('prefect.work-pool.<pool.id>', 15),
    ),
    sequence(
      'lists',
      three,
      Object.values(filters).flatMap((work_pools) => [
        post('/work_pools/filter', { work_pools }),
        post('/work_pools/count', { work_pools }),
      ]),
      post('/work_pools/filter', { work_pools: filters['type any'], limit: 1, offset: 1 }),
      post('/work_pools/filter', { work_pools: filters['type any'], limit: 0 }),
      post('/work_pools/filter', { limit: 201 }),
      post('/work_pools/filter', { offset: -1 }),
      post('/work_pools/filter', { work_pools: { nothing: 1 } }),
      post('/work_pools/filter', { work_pools: { id: { any_: ['x'] } } }),
      post('/work_pools/count', { work_pools: 1 }),
    ),
    sequence(
      'clients that know less',
      pool(),
      get(at, { headers: { 'user-agent': 'prefect/3.3.7 (API 0.8.4)' } }),
      get(at, { headers: { 'user-agent': 'prefect/3.3.8 (API 0.8.4)' } }),
      post(
        '/work_pools/filter',
        { work_pools: { name: { any_: ['pool-<tag>'] } } },
        { headers: { 'user-agent': 'prefect/2.20.1 (API 0.8.4)' } },
      ),
    ),
    sequence(
      'workers',
      pool(),
      beat({ name: 'first-<tag>', heartbeat_interval_seconds: 5 }),
      beat({ name: 'second-<tag>' }),
      beat({ name: 'first-<tag>' }),
      beat({ name: 'second-<tag>', heartbeat_interval_seconds: null }),
      ofWorkers(null),
      ofWorkers({ status: { any_: ['ONLINE'] } }),
      ofWorkers({ status: { any_: ['OFFLINE'] } }),
      ofWorkers({ status: { not_any_: ['ONLINE'] } }),
      ofWorkers({ last_heartbeat_time: { before_: '<now+3600>', after_: '<now-3600>' } }),
      ofWorkers({ last_heartbeat_time: { before_: '<now-3600>' } }),
      ofWorkers({ status: { any_: ['ASLEEP'] } }),
      ofWorkers({ status: { any_: [] } }),
      post(`${at}/workers/filter`, { limit: 1, offset: 1 }),
      get(at),
      beat({}),
      beat({ name: null }),
      beat({ name: 'x', heartbeat_interval_seconds: 'x' }),
      post('/work_pools/nobody-<tag>/workers/heartbeat', { name: 'x' }),
      post('/work_pools/nobody-<tag>/workers/filter'),
      del(`${at}/workers/first-<tag>`),
      del(`${at}/workers/first-<tag>`),
      del('/work_pools/nobody-<tag>/workers/x'),
      ofWorkers(null),
    ),
    sequence(
      'task workers',
      post('/task_workers/filter', { task_worker_filter: { task_keys: ['key-<tag>'] } }),
      post('/task_workers/filter', { task_worker_filter: {} }),
      post('/task_workers/filter', { task_worker_filter: { task_keys: 'x' } }),
      post('/task_workers/filter', { task_worker_filter: { task_keys: [1] } }),
    ),
    ...workPoolRuns,
    ...workQueueSequences,
  ],
};
