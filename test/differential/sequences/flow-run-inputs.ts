import { del, type Group, get, post, type Step, sequence } from '../sequence.ts';
import { aFlow, aFlowRun, aRunningFlowRun } from './seeds.ts';

const input = (key: string, value: unknown, rest = {}): Step =>
  post('/flow_runs/<run.id>/input', { key, value, ...rest });
const schema = JSON.stringify({
  title: 'Answer',
  type: 'object',
  properties: { approve: { type: 'boolean' }, n: { type: 'integer', minimum: 1 } },
  required: ['approve'],
});
const keyset = { schema: 'k-schema', response: 'k-response' };
const paused = (details: Record<string, unknown>): Step[] => [
  ...aRunningFlowRun,
  post('/flow_runs/<run.id>/set_state', {
    state: { type: 'PAUSED', state_details: { pause_timeout: '<now+3600>', ...details } },
  }),
];
const after: Step[] = [get('/flow_runs/<run.id>'), get('/flow_run_states/?flow_run_id=<run.id>')];

export const flowRunInputs: Group = {
  name: 'flow_run_inputs',
  sequences: [
    sequence(
      'write, read, delete',
      aFlowRun,
      input('a-1', '{"x": 1.0}'),
      input('a-2', 'plain text ä', { sender: 'prefect.flow-run.<uuid:s>' }),
      input('a-3', ''),
      input('b', 'null'),
      input('a-1', 'again'),
      get('/flow_runs/<run.id>/input/a-1'),
      get('/flow_runs/<run.id>/input/a-2'),
      get('/flow_runs/<run.id>/input/a-3'),
      get('/flow_runs/<run.id>/input/b'),
      get('/flow_runs/<run.id>/input/c'),
      del('/flow_runs/<run.id>/input/a-1'),
      del('/flow_runs/<run.id>/input/a-1'),
      get('/flow_runs/<run.id>/input/a-1'),
    ),
    sequence(
      'filter',
      aFlowRun,
      input('a-1', '1'),
      input('a-2', '2', { sender: 's' }),
      input('b-1', '3'),
      input('a_3', '4'),
      post('/flow_runs/<run.id>/input/filter', { prefix: 'a' }),
      post('/flow_runs/<run.id>/input/filter', { prefix: 'a', limit: 10 }),
      post('/flow_runs/<run.id>/input/filter', { prefix: 'a-', limit: 10 }),
      post('/flow_runs/<run.id>/input/filter', { prefix: 'a-', limit: 10, exclude_keys: ['a-1'] }),
      post('/flow_runs/<run.id>/input/filter', { prefix: '', limit: 10, exclude_keys: [] }),
      post('/flow_runs/<run.id>/input/filter', { prefix: '%', limit: 10 }),
      post('/flow_runs/<run.id>/input/filter', { prefix: 'a', limit: 0 }),
      post('/flow_runs/<run.id>/input/filter', { prefix: 'a', limit: 'x' }),
      post('/flow_runs/<run.id>/input/filter', {}),
      post('/flow_runs/<run.id>/input/filter', { prefix: 5 }),
      post('/flow_runs/<run.id>/input/filter', { prefix: 'a', exclude_keys: 'a' }),
    ),
    sequence(
      'bad input',
      aFlowRun,
      post('/flow_runs/<run.id>/input', {}),
      input('k', 5),
      input('k', { a: 1 }),
      input('k', null),
      post('/flow_runs/<run.id>/input', { key: 5, value: 'x' }),
      input('', 'x'),
      input('with space', 'x'),
      input('with/slash', 'x'),
      input('k', 'x', { sender: 5 }),
      input('ünï', 'x'),
      get('/flow_runs/<run.id>/input/%C3%BCn%C3%AF'),
      post('/flow_runs/<run.id>/input/filter', { prefix: '', limit: 10 }),
    ),
    sequence('resume a paused run', paused({}), post('/flow_runs/<run.id>/resume'), after),
    sequence('resume a paused run, empty body', paused({}), post('/flow_runs/<run.id>/resume', {}), after),
    sequence(
      'resume with input nobody asked for',
      paused({}),
      post('/flow_runs/<run.id>/resume', { run_input: { a: 1 } }),
      after,
    ),
    sequence(
      'resume twice',
      paused({}),
      post('/flow_runs/<run.id>/resume'),
      post('/flow_runs/<run.id>/resume'),
      after,
    ),
    sequence('resume a run that is not paused', aFlowRun, post('/flow_runs/<run.id>/resume'), after),
    sequence(
      'resume a finished run',
      aFlow,
      post(
        '/flow_runs/',
        { flow_id: '<flow.id>', name: 'r-<tag>', state: { type: 'COMPLETED' } },
        { save: 'run' },
      ),
      post('/flow_runs/<run.id>/resume'),
      after,
    ),
    sequence(
      'resume too late',
      paused({ pause_timeout: '<now-5>' }),
      post('/flow_runs/<run.id>/resume'),
      after,
    ),
    sequence(
      'resume with the input that was asked for',
      paused({ run_input_keyset: keyset }),
      input('k-schema', schema),
      post('/flow_runs/<run.id>/resume'),
      post('/flow_runs/<run.id>/resume', { run_input: {} }),
      post('/flow_runs/<run.id>/resume', { run_input: { approve: 'perhaps' } }),
      post('/flow_runs/<run.id>/resume', { run_input: { approve: true, n: 0 } }),
      post('/flow_runs/<run.id>/resume', { run_input: 'x' }),
      get('/flow_runs/<run.id>/input/k-response'),
      post('/flow_runs/<run.id>/resume', { run_input: { approve: true, n: 3 } }),
      get('/flow_runs/<run.id>/input/k-response'),
      after,
    ),
    sequence(
      'resume without the schema',
      paused({ run_input_keyset: keyset }),
      post('/flow_runs/<run.id>/resume', { run_input: { approve: true } }),
      after,
    ),
    sequence(
      'resume with a schema that is none',
      paused({ run_input_keyset: keyset }),
      input('k-schema', 'not json'),
      post('/flow_runs/<run.id>/resume', { run_input: { approve: true } }),
      after,
    ),
    sequence('resume a suspended run of no deployment', aFlow, [
      post(
        '/flow_runs/',
        {
          flow_id: '<flow.id>',
          name: 'r-<tag>',
          state: {
            type: 'PAUSED',
            name: 'Suspended',
            state_details: { pause_reschedule: true, pause_timeout: '<now+60>' },
          },
        },
        { save: 'run' },
      ),
      post('/flow_runs/<run.id>/resume'),
      ...after,
    ]),
  ],
};
