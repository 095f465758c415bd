import { type Group, get, post, type Sequence, type Step, sequence } from '../sequence.ts';
import { aFlowRun } from './seeds.ts';

const from = (...names: string[]) => names.map((name) => ({ input_type: 'task_run', id: `<${name}.id>` }));

/** A task run of `run`. */
const taskRun = (name: string, task_inputs = {}, state = 'RUNNING', run = 'run'): Step[] => [
  post(
    '/task_runs/',
    {
      flow_run_id: `<${run}.id>`,
      task_key: name,
      dynamic_key: '0',
      name: `${name}-<tag>`,
      task_inputs,
      state: { type: state },
    },
    { save: name },
  ),
];

const graph = (name: string, ...steps: (Step | Step[])[]): Sequence =>
  sequence(name, aFlowRun, ...steps, get('/flow_runs/<run.id>/graph-v2'));

const artifact = (key: string | null, type: string | null, rest: Record<string, unknown> = {}): Step =>
  post('/artifacts/', { key, type, data: { n: 1.5 }, flow_run_id: '<run.id>', ...rest });

export const flowRunGraph: Group = {
  name: 'flow_run_graph',
  sequences: [
    graph('of a run without tasks'),
    graph('one after another', [
      ...taskRun('a'),
      ...taskRun('b', { x: from('a') }),
      ...taskRun('c', { x: from('b') }, 'COMPLETED'),
    ]),
    graph('a fork and a join', [
      ...taskRun('a'),
      ...taskRun('b', { x: from('a') }),
      ...taskRun('c', { x: from('a') }),
      ...taskRun('d', { x: from('b'), y: from('c') }),
    ]),
    graph('what follows a join has it once for each of its inputs', [
      ...taskRun('a'),
      ...taskRun('b'),
      ...taskRun('c', { x: from('a', 'b'), y: [], z: from('a') }),
      ...taskRun('d', { x: from('c') }),
    ]),
    graph('nested tasks', [
      ...taskRun('outer'),
      ...taskRun('inner', { __parents__: from('outer') }),
      ...taskRun('innermost', { __parents__: from('inner'), x: from('outer') }),
      ...taskRun('twice', { __parents__: from('outer', 'outer') }),
    ]),
    graph('a subflow', [
      ...taskRun('a'),
      ...taskRun('stand_in', { x: from('a') }),
      post(
        '/flow_runs/',
        {
          flow_id: '<flow.id>',
          name: 'sub-<tag>',
          parent_task_run_id: '<stand_in.id>',
          state: { type: 'RUNNING' },
        },
        { save: 'sub' },
      ),
      ...taskRun('after', { x: from('stand_in'), y: from('sub') }),
      ...taskRun('inside', {}, 'RUNNING', 'sub'),
      get('/flow_runs/<sub.id>/graph-v2'),
    ]),
    graph('inputs from elsewhere and of other kinds', [
      ...taskRun('a', {
        x: from('flow'),
        y: [{ input_type: 'constant', type: 'int' }],
        z: [{ input_type: 'parameter', name: 'p' }],
        self: [],
      }),
      ...taskRun('b', { x: [...from('a'), { input_type: 'constant', type: 'int' }] }),
      ...taskRun('c', { x: from('b') }),
    ]),
    graph('states of task runs and of the flow run', [
      ...['SCHEDULED', 'PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'CRASHED'].flatMap((state, i) =>
        taskRun(`t${i}`, {}, state),
      ),
      post('/flow_runs/<run.id>/set_state', { state: { type: 'RUNNING' } }),
      post('/flow_runs/<run.id>/set_state', { state: { type: 'FAILED', name: 'Oops', message: 'm' } }),
    ]),
    graph('artifacts', [
      ...taskRun('a'),
      artifact('k-<tag>', 'progress', { task_run_id: '<a.id>' }),
      artifact('k-<tag>', 'markdown', { task_run_id: '<a.id>' }),
      artifact(null, 'progress', { task_run_id: '<a.id>' }),
      artifact(null, 'result', { task_run_id: '<a.id>' }),
      artifact(null, null),
      artifact('of-the-flow-<tag>', 'progress', { data: 5.0 }),
      artifact('of-the-flow-<tag>', 'table'),
      artifact('of-another-<tag>', 'table', { flow_run_id: null }),
    ]),
    sequence('since a moment', aFlowRun, [
      ...taskRun('old', {}, 'COMPLETED'),
      ...taskRun('long', { x: from('old') }),
      ...taskRun('new', { x: from('old', 'long') }, 'COMPLETED'),
      ...['<now-450>', '<now+3600>', '2020-01-01', '0', '4102444800', '2020-01-01T00:00'].map((since) =>
        get(`/flow_runs/<run.id>/graph-v2?since=${since}`),
      ),
    ]),
    sequence('what is not there', aFlowRun, [
      get('/flow_runs/<uuid:nobody>/graph-v2'),
      get('/flow_runs/nobody/graph-v2'),
      ...['x', '', 'now', '2020-13-01'].map((since) => get(`/flow_runs/<run.id>/graph-v2?since=${since}`)),
      post('/flow_runs/<run.id>/graph-v2', {}),
    ]),
  ],
};
