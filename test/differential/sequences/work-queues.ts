import { del, each, get, patch, post, type Sequence, type Step, sequence } from '../sequence.ts';

const pool: Step = post('/work_pools/', { name: 'pool-<tag>', type: 'process' }, { save: 'pool' });
const at = '/work_pools/pool-<tag>/queues';
const queue = (name: string, rest: object = {}): Step => post(at, { name, ...rest }, { save: name });
const all = post(`${at}/filter`);

const told = (id: string, total: number): Step =>
  post(
    '/events/filter',
    { filter: { any_resource: { id: [id] }, order: 'ASC' } },
    { until: { at: 'total', is: total }, unordered: true },
  );

const bodies: Record<string, unknown> = {
  'name alone': { name: 'q-<tag>' },
  'all members': {
    name: 'q-<tag>',
    description: 'what',
    is_paused: true,
    concurrency_limit: 0,
    priority: 7,
    filter: { tags: ['a'], deployment_ids: ['<uuid:d>'] },
  },
  'description null': { name: 'q-<tag>', description: null },
  'filter with more': { name: 'q-<tag>', filter: { tags: null, other: 1 } },
  'priority 0': { name: 'q-<tag>', priority: 0 },
  'priority null': { name: 'q-<tag>', priority: null },
  'limit below 0': { name: 'q-<tag>', concurrency_limit: -1 },
  'no name': {},
  'name with a slash': { name: 'a/b' },
  'unknown member': { name: 'q-<tag>', colour: 'red' },
};

const updates: Record<string, unknown> = {
  nothing: {},
  name: { name: 'new' },
  'name of another': { name: 'b' },
  'name null': { name: null },
  description: { description: 'x', concurrency_limit: 4 },
  'description null': { description: null },
  'priority of the first': { priority: 1 },
  'its own priority': { priority: 2 },
  'a priority far off': { priority: 50 },
  'priority null': { priority: null },
  'priority 0': { priority: 0 },
  'paused null': { is_paused: null },
  filter: { filter: { tags: ['x'] } },
  'last polled': { last_polled: '<now-3600>' },
  paused: { is_paused: true, last_polled: '<now-3600>' },
  'unknown member': { status: 'READY' },
};

const rankings: Record<string, number[]> = {
  'one takes the first place': [1],
  'one takes a free place': [9],
  'two take places one after the other': [2, 1],
  'a place beyond a gap': [5, 5],
  'each before the other': [1, 1, 1],
};

/** Routes of agents' times: queues without a pool of their own, by id. */
const legacy = (name = 'old-<tag>', rest: object = {}): Step =>
  post('/work_queues/', { name, ...rest }, { save: 'old' });
const byId = '/work_queues/<old.id>';

export const workQueueSequences: Sequence[] = [
  ...each('create a queue', bodies, (body) => [pool, post(at, body), all, get(`${at}/q-<tag>`)]),
  ...each('update a queue', updates, (body) => [
    pool,
    queue('a'),
    queue('b'),
    patch(`${at}/a`, body),
    get(`${at}/a`),
    all,
  ]),
  ...each('rank queues', rankings, (priorities) => [
    pool,
    ...(priorities as number[]).map((priority, i) => queue(`q${i}`, { priority })),
    all,
    del(`${at}/q0`),
    all,
    queue('late'),
    all,
  ]),
  sequence(
    'queues of a pool',
    pool,
    queue('a-<tag>', { concurrency_limit: 2 }),
    queue('b-<tag>'),
    post(at, { name: 'a-<tag>' }),
    get(`${at}/nobody`),
    get('/work_pools/nobody-<tag>/queues/a'),
    post('/work_pools/nobody-<tag>/queues', { name: 'x' }),
    post('/work_pools/nobody-<tag>/queues/filter'),
    patch('/work_pools/nobody-<tag>/queues/default', {}),
    patch(`${at}/nobody`, {}),
    del('/work_pools/nobody-<tag>/queues/default'),
    del(`${at}/nobody`),
    del(`${at}/default`),
    post(`${at}/filter`, { work_queues: { name: { startswith_: ['A-'] } } }),
    post(`${at}/filter`, { work_queues: { name: { any_: ['default', 'b-<tag>'] } } }),
    post(`${at}/filter`, { work_queues: { name: { startswith_: [] } } }),
    post(`${at}/filter`, { limit: 1, offset: 1 }),
    post(`${at}/filter`, { limit: -1 }),
    post(`${at}/filter`, { work_queues: { status: 1 } }),
  ),
  sequence(
    'events of a queue',
    pool,
    queue('a'),
    patch(`${at}/a`, { description: 'x', concurrency_limit: 1, priority: 1 }),
    patch(`${at}/a`, { description: 'x' }),
    patch(`${at}/a`, { is_paused: true }),
    patch(`${at}/a`, { is_paused: true }),
    patch(`${at}/a`, { is_paused: false }),
    patch(`${at}/a`, { is_paused: false }),
    patch(`${at}/a`, { is_paused: true, last_polled: '<now>' }),
    patch(`${at}/a`, { is_paused: false }),
    get(`${at}/a`),
    del(`${at}/a`),
    told('prefect.work-queue.<a.id>', 7),
  ),
  sequence(
    'queues of agents',
    legacy(),
    post('/work_queues/', { name: 'old-<tag>' }),
    get(byId),
    get('/work_queues/name/old-<tag>'),
    get('/work_queues/name/nobody-<tag>'),
    post('/work_queues/filter', { work_queues: { name: { any_: ['old-<tag>'] } } }),
    post('/work_queues/filter', { work_queues: { id: { any_: ['<old.id>'] } }, limit: 1 }),
    post('/work_queues/filter', { limit: 1000 }),
    patch(byId, { description: 'x', concurrency_limit: 3 }),
    patch(byId, { name: 'renamed-<tag>' }),
    patch(byId, { name: null }),
    patch(byId, { is_paused: true }),
    get(byId),
    patch(byId, { is_paused: false }),
    get(byId),
    get(`${byId}/status`),
    post(`${byId}/concurrency_status`, { limit: 3 }),
    post(`${byId}/concurrency_status`, { page: 0 }),
    del(byId),
    del(byId),
    get(byId),
    told('prefect.work-queue.<old.id>', 6),
  ),
  sequence(
    'no such queue',
    get('/work_queues/<uuid:nobody>'),
    patch('/work_queues/<uuid:nobody>', {}),
    del('/work_queues/<uuid:nobody>'),
    get('/work_queues/<uuid:nobody>/status'),
    post('/work_queues/<uuid:nobody>/get_runs', {}),
    post('/work_queues/<uuid:nobody>/concurrency_status', {}),
    get('/work_queues/none'),
  ),
];
