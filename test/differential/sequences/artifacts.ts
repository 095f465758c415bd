import { each, type Group, get, post, type Step, send, sequence } from '../sequence.ts';
import { aTaskRun } from './seeds.ts';

const artifact = (rest: Record<string, unknown>, save?: string): Step =>
  post('/artifacts/', { key: 'key-<tag>', type: 'markdown', data: '# hi', ...rest }, { save });

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
    sequence('verbs', get('/artifacts/'), post('/artifacts', { key: 'x' }), send('PUT', '/artifacts/', '{}')),
  ],
};
