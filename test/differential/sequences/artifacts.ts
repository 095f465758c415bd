import { del, each, type Group, get, patch, post, type Step, send, sequence } from '../sequence.ts';
import { aTaskRun } from './seeds.ts';

const artifact = (rest: Record<string, unknown>, save?: string): Step =>
  post('/artifacts/', { key: 'key-<tag>', type: 'markdown', data: '# hi', ...rest }, { save });

/** Two versions of one key, one of another, and two without. */
const some: Step[] = [
  ...aTaskRun,
  artifact({ flow_run_id: '<run.id>', task_run_id: '<task.id>' }, 'a'),
  artifact({ type: 'table', data: [1], flow_run_id: '<run.id>' }, 'b'),
  artifact({ key: 'other-<tag>', flow_run_id: '<run.id>' }, 'c'),
  artifact({ key: null, type: 'result', task_run_id: '<task.id>' }, 'd'),
  artifact({ key: null, type: null, flow_run_id: '<run.id>' }, 'e'),
];
const ours = { id: { any_: ['<a.id>', '<b.id>', '<c.id>', '<d.id>', '<e.id>'] } };
const filters: Record<string, unknown> = {
  'key any': { key: { any_: ['key-<tag>'] } },
  'key like': { key: { like_: '<tag>' } },
  'key exists': { key: { exists_: true }, ...ours },
  'no key': { key: { exists_: false }, ...ours },
  'flow run': { flow_run_id: { any_: ['<run.id>'] } },
  'task run': { task_run_id: { any_: ['<task.id>'] } },
  'type any': { type: { any_: ['table'] }, ...ours },
  'type not any': { type: { not_any_: ['result'] }, ...ours },
  or: { operator: 'or_', id: { any_: ['<d.id>'] }, key: { any_: ['other-<tag>'] } },
  'an unknown member': { colour: 'red' },
};
const around: Record<string, unknown> = {
  'flow runs': { flow_runs: { id: { any_: ['<run.id>'] } } },
  'task runs': { task_runs: { id: { any_: ['<task.id>'] } } },
  flows: { flows: { name: { any_: ['flow-<tag>'] } } },
  'deployments, of which there are none': {
    deployments: { name: { any_: ['nobody-<tag>'] } },
    artifacts: ours,
  },
};
const byNewest = { sort: 'CREATED_DESC' };

export const artifacts: Group = {
  name: 'artifacts',
  sequences: [
    sequence('create and read', aTaskRun, [
      artifact(
        { description: 'd', metadata_: { a: 'b' }, flow_run_id: '<run.id>', task_run_id: '<task.id>' },
        'one',
      ),
      get('/artifacts/<one.id>'),
      artifact({ data: { x: [1, 2.5, null] }, type: 'table' }, 'two'),
      get('/artifacts/<two.id>'),
      get('/artifacts/key-<tag>/latest'),
      get('/artifacts/<one.id>'),
      post('/artifacts/', {}, { save: 'empty' }),
      get('/artifacts/<empty.id>'),
      post('/artifacts/', { key: null, type: 'result', data: 5 }),
    ]),
    sequence('data comes back as it was sent', [
      send('POST', '/artifacts/', '{"key":"n-<tag>","type":"progress","data":1.0}', { save: 'a' }),
      get('/artifacts/<a.id>'),
      send(
        'POST',
        '/artifacts/',
        '{"key":"n-<tag>","data":{"b":12345678901234567890,"a":[1.50,-0.0,1e100]}}',
        { save: 'b' },
      ),
      get('/artifacts/<b.id>'),
      // The columns are of the type json, which has no objection to a NUL.
      send('POST', '/artifacts/', '{"key":"nul-<tag>","data":["a\\u0000b",{"\\u0000":"\\\\u0000"}]}', {
        save: 'nul',
      }),
      get('/artifacts/<nul.id>'),
      get('/artifacts/nul-<tag>/latest'),
      send('PATCH', '/artifacts/<nul.id>', '{"data":"\\u0000"}'),
      get('/artifacts/<nul.id>'),
      send('POST', '/artifacts/', '{"key":"n-<tag>","data":"[{\\"x\\": 1.0}]","metadata_":{"k":"v"}}', {
        save: 'c',
      }),
      get('/artifacts/n-<tag>/latest'),
    ]),
    sequence('read what is not there', [
      get('/artifacts/<uuid:nobody>'),
      get('/artifacts/x'),
      get('/artifacts/nobody-<tag>/latest'),
      get('/artifacts/<uuid:nobody>/latest'),
    ]),
    ...each(
      'bad create',
      {
        'key with a capital': { key: 'Key' },
        'key with a space': { key: 'a b' },
        'key empty': { key: '' },
        'key a number': { key: 5 },
        'key underscored': { key: 'a_b-<tag>' },
        'type a number': { type: 5 },
        'metadata a list': { metadata_: [] },
        'metadata of numbers': { metadata_: { a: 1 } },
        'metadata long': { metadata_: { a: 'x'.repeat(2000) } },
        'unknown member': { key: 'k', colour: 'red' },
        'run no uuid': { flow_run_id: 'x' },
        'runs that are not there': { flow_run_id: '<uuid:a>', task_run_id: '<uuid:b>' },
        'a list': [],
        'a text': 'x',
      },
      (body) => [post('/artifacts/', body)],
    ),
    ...Object.entries(filters).map(([name, artifacts]) =>
      sequence(
        `filter and count by ${name}`,
        some,
        post('/artifacts/filter', { artifacts, ...byNewest }),
        post('/artifacts/count', { artifacts }),
      ),
    ),
    ...Object.entries(around).map(([name, body]) =>
      sequence(
        `of ${name}`,
        some,
        post('/artifacts/filter', { ...(body as object), ...byNewest }),
        post('/artifacts/count', body),
      ),
    ),
    sequence('the latest of each key', some, [
      post('/artifacts/latest/filter', { artifacts: { key: { like_: '<tag>' } }, sort: 'KEY_ASC' }),
      post('/artifacts/latest/filter', {
        artifacts: { key: { like_: '<tag>' } },
        sort: 'KEY_DESC',
        limit: 1,
      }),
      post('/artifacts/latest/filter', { artifacts: { latest_id: { any_: ['<b.id>', '<a.id>'] } } }),
      post('/artifacts/latest/filter', {
        artifacts: { type: { any_: ['table'] }, key: { any_: ['key-<tag>'] } },
      }),
      post('/artifacts/latest/filter', { flow_runs: { id: { any_: ['<run.id>'] } }, sort: 'UPDATED_DESC' }),
      post('/artifacts/latest/count', { artifacts: { key: { like_: '<tag>' } } }),
      post('/artifacts/latest/count', { task_runs: { id: { any_: ['<task.id>'] } } }),
    ]),
    sequence('sorts and limits', some, [
      ...['CREATED_DESC', 'UPDATED_DESC', 'KEY_ASC', 'KEY_DESC'].map((sort) =>
        post(
          '/artifacts/filter',
          { artifacts: { key: { like_: '<tag>' }, type: { any_: ['table', 'markdown'] } }, sort },
          sort.startsWith('KEY') ? { unordered: true } : {},
        ),
      ),
      ...[0, 1, 201, -1].map((limit) => post('/artifacts/filter', { artifacts: ours, limit, ...byNewest })),
      post('/artifacts/filter', { artifacts: ours, offset: 2, ...byNewest }),
      post('/artifacts/filter', { sort: 'NOTHING' }),
    ]),
    sequence('update', some, [
      patch('/artifacts/<a.id>', { data: 'old' }),
      patch('/artifacts/<b.id>', { data: { new: 1 }, description: 'd', metadata_: { k: 'v' } }),
      get('/artifacts/<a.id>'),
      get('/artifacts/key-<tag>/latest'),
      patch('/artifacts/<b.id>', { description: null }),
      patch('/artifacts/<b.id>', {}),
      get('/artifacts/<b.id>'),
      patch('/artifacts/<b.id>', { key: 'x' }),
      patch('/artifacts/<b.id>', { metadata_: { k: 1 } }),
      patch('/artifacts/<uuid:nobody>', { data: 1 }),
    ]),
    sequence('delete', some, [
      del('/artifacts/<b.id>'),
      get('/artifacts/key-<tag>/latest'),
      post('/artifacts/latest/filter', { artifacts: { key: { any_: ['key-<tag>'] } } }),
      del('/artifacts/<a.id>'),
      get('/artifacts/key-<tag>/latest'),
      del('/artifacts/<a.id>'),
      del('/artifacts/<d.id>'),
      post('/artifacts/count', { artifacts: ours }),
    ]),
    sequence('verbs', get('/artifacts/'), post('/artifacts', { key: 'x' }), send('PUT', '/artifacts/', '{}')),
  ],
};
