/** The requests that the servers are measured with. Bodies are what the Python client sends, shortened where it doesn't matter. */

export interface Seed {
  flowId: string;
  /** Runs that exist and aren't changed. */
  runIds: string[];
  /** Of a deployment whose parameters are checked, in a work pool of processes. */
  deploymentId: string;
  /** Of a pool whose queue has runs that are due. */
  poolName: string;
  /** Of a concurrency limit that is never reached. */
  limitName: string;
  /** A run with a thousand task runs, each but the first with one that it waited for. */
  graphId: string;
}

export interface Operation {
  name: string;
  method: 'GET' | 'POST';
  path: (seed: Seed) => string;
  body?: (seed: Seed) => unknown;
  /** Requests go to one run after another, so that no run has a queue of its own. */
  spread?: boolean;
  /** What takes turns with it, given what it was answered. */
  next?: { path: string; body: (answer: { lease_id: string }) => unknown };
  /** The limit has it, too. */
  limited?: boolean;
}

const anyRun = ({ runIds }: Seed): string => runIds[Math.floor(Math.random() * runIds.length)]!;
const post = (name: string, path: Operation['path'], body: Operation['body']): Operation => ({
  name,
  method: 'POST',
  path,
  body,
});

const live = { state: { type: { any_: ['PENDING', 'RUNNING'] } } };
const newRun = { name: 'bench-run', tags: ['bench'] };

const SPINE: Operation[] = [
  { name: 'get by id', method: 'GET', path: (seed) => `/flow_runs/${anyRun(seed)}`, spread: true },
  post(
    'create',
    () => '/flow_runs/',
    ({ flowId }) => ({
      ...{ flow_id: flowId, ...newRun, state: { type: 'PENDING', name: 'Pending' } },
      ...{ parameters: { x: 1, y: 'two' }, context: {} },
    }),
  ),
  {
    ...post(
      'set_state',
      (seed) => `/flow_runs/${anyRun(seed)}/set_state`,
      () => ({ state: { type: 'RUNNING', name: 'Running' }, force: true }),
    ),
    spread: true,
  },
  post(
    'filter of 50',
    () => '/flow_runs/filter',
    () => ({ limit: 50, sort: 'EXPECTED_START_TIME_DESC', flow_runs: live }),
  ),
  post(
    'count',
    () => '/flow_runs/count',
    () => ({ flow_runs: live }),
  ),
  post(
    '100 logs',
    () => '/logs/',
    ({ runIds }) =>
      Array.from({ length: 100 }, (_, i) => ({
        ...{ name: 'prefect.flow_runs', level: 20, timestamp: new Date().toISOString() },
        message: `line ${i} of a log that says as much as such lines say`,
        ...{ flow_run_id: runIds[0], task_run_id: null },
      })),
  ),
];

const LEASES = '/v2/concurrency_limits';

export const OPERATIONS: Operation[] = [
  ...SPINE.map((operation) => ({ ...operation, limited: true })),
  { name: 'get a deployment', method: 'GET', path: ({ deploymentId }) => `/deployments/${deploymentId}` },
  post(
    'run a deployment',
    ({ deploymentId }) => `/deployments/${deploymentId}/create_flow_run`,
    () => ({ ...newRun, parameters: { x: 1 }, job_variables: { env: { A: '1' } } }),
  ),
  post(
    "a worker's poll",
    ({ poolName }) => `/work_pools/${poolName}/get_scheduled_flow_runs`,
    () => ({ work_queue_names: [], scheduled_before: new Date(Date.now() + 10_000).toISOString() }),
  ),
  {
    ...post(
      'take and give back a slot',
      () => `${LEASES}/increment-with-lease`,
      ({ limitName }) => ({ names: [limitName], slots: 1, lease_duration: 300 }),
    ),
    next: { path: `${LEASES}/decrement-with-lease`, body: ({ lease_id }) => ({ lease_id }) },
  },
  { name: 'graph of 1,000 tasks', method: 'GET', path: ({ graphId }) => `/flow_runs/${graphId}/graph-v2` },
];
