import { type Group, post, type Step, sequence } from '../sequence.ts';

const deploy = (name: string, more: Record<string, unknown>): Step =>
  post('/deployments/', { name: `${name}-<tag>`, flow_id: '<flow.id>', ...more }, { save: name });

/** Three deployments of one flow, two of them in queues of a pool, and one of another flow; some with runs. */
const world: Step[] = [
  post('/flows/', { name: 'flow-<tag>', tags: ['ft-<tag>'] }, { save: 'flow' }),
  post('/work_pools/', { name: 'pool-<tag>', type: 'process' }, { save: 'pool' }),
  deploy('ab', { tags: ['x-<tag>', 'y-<tag>'], work_pool_name: 'pool-<tag>' }),
  deploy('cd', {
    tags: ['x-<tag>'],
    paused: true,
    work_pool_name: 'pool-<tag>',
    work_queue_name: 'queue-<tag>',
    schedules: [{ schedule: { cron: '0 0 * * *' }, slug: 'a', active: false }],
  }),
  deploy('ef', { concurrency_limit: 3 }),
  post('/flows/', { name: 'second-<tag>' }, { save: 'flow' }),
  deploy('gh', { tags: ['z-<tag>'] }),
  post(
    '/deployments/<ab.id>/create_flow_run',
    { name: 'run-<tag>', tags: ['rt'] },
    { save: 'run', unordered: true },
  ),
  post(
    '/deployments/<gh.id>/create_flow_run',
    { name: 'other-<tag>', state: { type: 'RUNNING' } },
    { save: 'other' },
  ),
  post('/task_runs/', { flow_run_id: '<other.id>', name: 'task-<tag>', task_key: 'k', dynamic_key: '0' }),
];

const mine = { name: { like_: '<tag>' } };

const bodies: Record<string, unknown> = {
  all: { deployments: mine },
  'by id': { deployments: { id: { any_: ['<ab.id>', '<gh.id>'] } } },
  'not by id': { deployments: { ...mine, id: { not_any_: ['<ab.id>'] } } },
  'by name': { deployments: { name: { any_: ['ab-<tag>', 'cd-<tag>', 'nobody'] } } },
  'name like': { deployments: { name: { like_: 'B-<tag>' } } },
  'flow or deployment': { deployments: { flow_or_deployment_name: { like_: 'second-<tag>' } } },
  'flow or deployment, the latter': { deployments: { flow_or_deployment_name: { like_: 'CD-<tag>' } } },
  paused: { deployments: { ...mine, paused: { eq_: true } } },
  'not paused': { deployments: { ...mine, paused: { eq_: false } } },
  'all tags': { deployments: { tags: { all_: ['x-<tag>', 'y-<tag>'] } } },
  'any tag': { deployments: { tags: { any_: ['y-<tag>', 'z-<tag>'] } } },
  'no tags': { deployments: { ...mine, tags: { is_null_: true } } },
  'some tags': { deployments: { ...mine, tags: { is_null_: false } } },
  queue: { deployments: { work_queue_name: { any_: ['queue-<tag>'] } } },
  'default queue': { deployments: { ...mine, work_queue_name: { any_: ['default'] } } },
  'limit, which is ignored': { deployments: { ...mine, concurrency_limit: { ge_: 5, is_null_: true } } },
  either: { deployments: { operator: 'or_', name: { any_: ['ab-<tag>'] }, tags: { any_: ['z-<tag>'] } } },
  'of flows': { flows: { name: { any_: ['flow-<tag>'] } } },
  'of flows by tag': { flows: { tags: { all_: ['ft-<tag>'] } } },
  'with runs': { flow_runs: { name: { like_: '<tag>' } } },
  'with runs of a state': { flow_runs: { ...mine, state: { type: { any_: ['RUNNING'] } } } },
  'with task runs': { task_runs: { name: { like_: '<tag>' } } },
  'with both': { flow_runs: { name: { any_: ['run-<tag>'] } }, task_runs: { name: { like_: '<tag>' } } },
  'in pools': { work_pools: { name: { any_: ['pool-<tag>'] } } },
  'in queues': { work_pool_queues: { name: { any_: ['queue-<tag>'] } } },
  'in queues of pools': {
    work_pools: { name: { any_: ['pool-<tag>'] } },
    work_pool_queues: { name: { startswith_: ['def'] } },
  },
  'of all': {
    deployments: mine,
    flows: mine,
    flow_runs: mine,
    work_pools: { type: { any_: ['process'] } },
  },
};

const NAMES = ['CREATED_DESC', 'UPDATED_DESC', 'NAME_ASC', 'NAME_DESC', 'OTHER'];

export const deploymentFilters: Group = {
  name: 'deployment_filters',
  sequences: [
    sequence(
      'filter',
      world,
      Object.values(bodies).map((body) => post('/deployments/filter', body)),
    ),
    sequence(
      'count',
      world,
      Object.values(bodies).map((body) => post('/deployments/count', body)),
    ),
    sequence(
      'sort and page',
      world,
      NAMES.map((sort) => post('/deployments/filter', { deployments: mine, sort })),
      post('/deployments/filter', { deployments: mine, limit: 2, offset: 1 }),
      post('/deployments/filter', { deployments: mine, limit: 0 }),
      post('/deployments/filter', { deployments: mine, limit: 201 }),
      post('/deployments/filter', { deployments: mine, offset: -1 }),
      post('/deployments/paginate', { deployments: mine, limit: 3 }),
      post('/deployments/paginate', { deployments: mine, limit: 3, page: 2 }),
      post('/deployments/paginate', { deployments: mine, limit: 0 }),
      post('/deployments/paginate', { deployments: mine, page: 0 }),
      post('/deployments/filter', { deployments: { nonsense: 1 } }),
      post('/deployments/filter', { deployments: { tags: { any_: 'x' } } }),
    ),
  ],
};
