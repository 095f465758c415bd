/** The requests that both servers are measured with. Bodies are what the Python client sends, shortened where it doesn't matter. */

export interface Seed {
  flowId: string;
  /** Runs that exist and aren't changed. */
  runIds: string[];
  /** Of a deployment whose parameters are checked, in a work pool of processes. */
  deploymentId: string;
  /** Of a concurrency limit that is never reached. */
  limitName: string;
}

export interface Operation {
  name: string;
  method: 'GET' | 'POST';
  path: (seed: Seed) => string;
  body?: (seed: Seed) => unknown;
  /** Requests go to one run after another, so that no run has a queue of its own. */
  spread?: boolean;
}

const anyRun = ({ runIds }: Seed): string => runIds[Math.floor(Math.random() * runIds.length)]!;

export const OPERATIONS: Operation[] = [
  { name: 'get by id', method: 'GET', path: (seed) => `/flow_runs/${anyRun(seed)}`, spread: true },
  {
    name: 'create',
    method: 'POST',
    path: () => '/flow_runs/',
    body: ({ flowId }) => ({
      flow_id: flowId,
      name: 'bench-run',
      state: { type: 'PENDING', name: 'Pending' },
      parameters: { x: 1, y: 'two' },
      context: {},
      tags: ['bench'],
    }),
  },
  {
    name: 'get a deployment',
    method: 'GET',
    path: ({ deploymentId }) => `/deployments/${deploymentId}`,
  },
  {
    name: 'run a deployment',
    method: 'POST',
    path: ({ deploymentId }) => `/deployments/${deploymentId}/create_flow_run`,
    body: () => ({
      name: 'bench-run',
      parameters: { x: 1 },
      tags: ['bench'],
      job_variables: { env: { A: '1' } },
    }),
  },
  {
    name: 'take a slot',
    method: 'POST',
    path: () => '/v2/concurrency_limits/increment-with-lease',
    body: ({ limitName }) => ({ names: [limitName], slots: 1, lease_duration: 300 }),
  },
  {
    name: 'set_state',
    method: 'POST',
    path: (seed) => `/flow_runs/${anyRun(seed)}/set_state`,
    body: () => ({ state: { type: 'RUNNING', name: 'Running' }, force: true }),
    spread: true,
  },
  {
    name: 'filter of 50',
    method: 'POST',
    path: () => '/flow_runs/filter',
    body: () => ({
      limit: 50,
      sort: 'EXPECTED_START_TIME_DESC',
      flow_runs: { state: { type: { any_: ['PENDING', 'RUNNING'] } } },
    }),
  },
  {
    name: 'count',
    method: 'POST',
    path: () => '/flow_runs/count',
    body: () => ({ flow_runs: { state: { type: { any_: ['PENDING', 'RUNNING'] } } } }),
  },
  {
    name: '100 logs',
    method: 'POST',
    path: () => '/logs/',
    body: (seed) =>
      Array.from({ length: 100 }, (_, i) => ({
        name: 'prefect.flow_runs',
        level: 20,
        message: `line ${i} of a log that says as much as such lines say`,
        timestamp: new Date().toISOString(),
        flow_run_id: seed.runIds[0],
        task_run_id: null,
      })),
  },
];
