/**
 * Requests that Prefect answers with 422 and its list of what is wrong; ours must give the same `type` and `loc` in the
 * same order. Bodies are JSON texts, since a number like 1e400 or 5.0 would not survive being a value.
 */
export interface BadInput {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT';
  /** Below /api. */
  path: string;
  /** None for a request without a body. */
  body?: string;
}

const ID = '5f0c6b3e-4a53-4f0e-9a3b-2f1d1a2b3c4d';
const NOT_OBJECTS = ['null', '[]', '5', '"x"', 'true', '[{}]', '1.5'];
const NOT_TEXTS = ['null', '5', '1.0', 'true', '[]', '{}'];
const NOT_UUIDS = [
  '5',
  'true',
  '[]',
  '{}',
  '""',
  '"x"',
  `"${ID}x"`,
  `"${ID.slice(1)}"`,
  '"0123456789abcdef"',
];
const NOT_MOMENTS = [
  'true',
  '[]',
  '{}',
  '""',
  '"x"',
  '"2024-13-01"',
  '"2024-02-30T00:00:00Z"',
  '"P1D"',
  '1e300',
];
const NOT_INTS = ['1.5', '"1.5"', '"x"', '""', '[]', '{}', '"1e2"'];
const NOT_FLAGS = ['2', '"maybe"', '[]', '1.5', '""'];
const NOT_LISTS = ['5', '"x"', '{}', 'true'];
const NOT_MAPS = ['5', '"x"', '[]', 'true', 'null'];

function post(path: string, bodies: string[]): BadInput[] {
  return bodies.map((body) => ({ method: 'POST', path, body }));
}

function patch(path: string, bodies: string[]): BadInput[] {
  return bodies.map((body) => ({ method: 'PATCH', path, body }));
}

/** One body for each value of a field, beside what the model needs. */
function field(name: string, values: string[], rest = ''): string[] {
  return values.map((value) => `{"${name}":${value}${rest && `,${rest}`}}`);
}

/** A filter's criterion with each of the values. */
function criterion(filter: string, name: string, operator: string, values: string[]): string[] {
  return values.map((value) => `{"${filter}":{"${name}":{"${operator}":${value}}}}`);
}

const MALFORMED = ['{', '{bad', '{"a":}', '[1,]', ' ', '{"a":1}}', "{'a':1}", '"unfinished', 'nul'];

const flows = [
  ...post('/flows/', [...NOT_OBJECTS, '{}', ...MALFORMED]),
  ...post('/flows/', field('name', [...NOT_TEXTS, '""', '"a/b"', '"a%b"', '"a&b"', '"<a>"'])),
  ...post('/flows/', field('tags', [...NOT_LISTS, 'null', '[1]', '["a",null,"b",{}]'], '"name":"n"')),
  ...post('/flows/', field('labels', ['5', '[]', '"x"', '{"a":null}', '{"a":[],"b":{"c":1}}'], '"name":"n"')),
  ...post('/flows/', ['{"name":"n","x":1}', '{"b":1,"name":1,"a":2,"tags":[0]}', '{"id":"x"}']),
  ...patch(`/flows/${ID}`, [
    ...NOT_OBJECTS,
    '{"name":"n"}',
    '{"tags":null}',
    '{"tags":[[]]}',
    '{"labels":{}}',
  ]),
  ...post('/flows/filter', [...NOT_OBJECTS.slice(1), ...MALFORMED]),
  ...post('/flows/filter', field('limit', NOT_INTS)),
  ...post('/flows/filter', field('offset', ['-1', '-1.0', '"-5"', ...NOT_INTS])),
  ...post('/flows/filter', field('sort', ['5', '""', '"name_asc"', '[]', '{}'])),
  ...post(
    '/flows/filter',
    field('flows', ['5', '[]', '"x"', '{"x":1}', '{"operator":null}', '{"operator":"and"}']),
  ),
  ...post(
    '/flows/filter',
    criterion('flows', 'id', 'any_', [...NOT_LISTS, '[5]', '["x"]', `["${ID}",null]`]),
  ),
  ...post('/flows/filter', criterion('flows', 'name', 'like_', ['5', '[]', '{}'])),
  ...post('/flows/filter', criterion('flows', 'tags', 'is_null_', NOT_FLAGS)),
  ...post('/flows/filter', [
    '{"flows":{"id":{"none_":[]}},"limit":"x","sort":"x","offset":-1,"task_runs":1}',
  ]),
  ...post('/flows/paginate', field('page', ['0', '-1', ...NOT_INTS])),
  ...post('/flows/bulk_delete', field('limit', ['0', '51', '-1', '"x"'])),
  ...post('/flows/count', ['[]', '{"flows":[]}', '{"deployments":{"id":5}}']),
];

const policy = (text: string): string => `{"flow_id":"${ID}","empirical_policy":${text}}`;

const flowRuns = [
  ...post('/flow_runs/', [...NOT_OBJECTS, '{}', '{"flow_id":null}', '{"x":1,"y":2}']),
  ...post('/flow_runs/', field('flow_id', NOT_UUIDS)),
  ...post('/flow_runs/', field('name', ['5', '[1]', 'true'], `"flow_id":"${ID}"`)),
  ...post('/flow_runs/', field('parameters', NOT_MAPS, `"flow_id":"${ID}"`)),
  ...post('/flow_runs/', field('context', NOT_MAPS, `"flow_id":"${ID}"`)),
  ...post(
    '/flow_runs/',
    field('state', ['5', '[]', '{}', '{"type":"x"}', '{"type":null,"y":1}'], `"flow_id":"${ID}"`),
  ),
  ...post('/flow_runs/', field('parent_task_run_id', NOT_UUIDS, `"flow_id":"${ID}"`)),
  ...post('/flow_runs/', [
    policy('{"retries":"x","max_retries":1.5}'),
    policy('{"max_retries":"x"}'),
    policy('{"retry_delay_seconds":2.5}'),
    policy('{"pause_keys":5,"resuming":"maybe","retry_type":"never"}'),
    policy('{"pause_keys":[1,"a",null]}'),
    policy('{"retry_delay":1.5,"retry_delay_seconds":"x"}'),
  ]),
  ...patch(`/flow_runs/${ID}`, [
    '{"name":5}',
    '{"tags":null}',
    '{"parameters":null}',
    '{"state":{}}',
    '{"flow_id":1}',
  ]),
  ...patch(`/flow_runs/${ID}`, field('job_variables', ['5', '[]', '"x"'])),
  ...post('/flow_runs/filter', criterion('flow_runs', 'start_time', 'before_', NOT_MOMENTS)),
  ...post(
    '/flow_runs/filter',
    criterion('flow_runs', 'id', 'not_any_', [...NOT_LISTS, ...NOT_UUIDS.map((id) => `[${id}]`)]),
  ),
  ...post('/flow_runs/filter', [
    '{"flow_runs":{"state":{"type":{"any_":["RUNNING","x",5]},"name":{"any_":"x"}}}}',
    '{"flow_runs":{"state":{"type":{"all_":[]}}}}',
    '{"flow_runs":{"parent_flow_run_id":{"any_":["x"]},"created_by":{"id_":["x"],"type_":[1]}}}',
    '{"deployments":{"concurrency_limit":{"ge_":"x","le_":1.5}},"work_pools":{"id":{"any_":[1]}}}',
    '{"work_pool_queues":{"name":{"startswith_":"x"}},"sort":"NAME_UP"}',
    '{"sort":null,"limit":true,"flow_runs":{"tags":{"operator":"xor_","all_":[null]}}}',
  ]),
  ...post('/flow_runs/history', [
    '{}',
    '{"history_start":"x","history_end":"y","history_interval_seconds":"PT1H"}',
  ]),
  ...post(
    '/flow_runs/history',
    field('history_interval_seconds', ['[]', '{}', '""', '"x"'], '"history_start":0,"history_end":1'),
  ),
  ...post('/flow_runs/lateness', ['5', '{"flow_runs":5}']),
  ...post('/flow_runs/bulk_delete', ['{"limit":0}', '{"limit":51}', '{"flow_runs":"x"}']),
  ...post('/flow_runs/bulk_set_state', [
    '{}',
    '{"state":{"type":"RUNNING"},"limit":0}',
    '{"state":5,"force":"x"}',
  ]),
  ...post(`/flow_runs/${ID}/set_state`, [...NOT_OBJECTS, '{}', '{"state":null}', '{"type":"RUNNING"}']),
  ...post(
    `/flow_runs/${ID}/set_state`,
    field('state', ['5', '[]', '"RUNNING"', '{}', '{"type":"running"}', '{"type":5,"id":1}']),
  ),
  ...post(`/flow_runs/${ID}/set_state`, field('force', NOT_FLAGS, '"state":{"type":"RUNNING"}')),
  ...post(`/flow_runs/${ID}/set_state`, [
    '{"state":{"type":"RUNNING","name":5,"message":[],"state_details":[]}}',
    '{"state":{"type":"RUNNING","state_details":{"scheduled_time":"x","flow_run_id":"x","deferred":"x"}}}',
    '{"state":{"type":"RUNNING","state_details":{"run_input_keyset":{"a":1},"untrackable_result":null}}}',
    '{"state":{"type":"RUNNING","timestamp":"2024-01-01"}}',
  ]),
  ...post(`/flow_runs/${ID}/resume`, ['[]', '{"run_input":5}', '{"run_input":[]}']),
  ...post(`/flow_runs/${ID}/input`, [
    '{}',
    '{"key":null,"value":1}',
    '{"key":5,"value":"v","sender":1}',
    '[]',
  ]),
  ...post(`/flow_runs/${ID}/input/filter`, [
    '{}',
    '{"prefix":1,"limit":"x","exclude_keys":[1]}',
    '{"prefix":null}',
  ]),
  ...patch(`/flow_runs/${ID}/labels`, NOT_MAPS),
  ...post('/ui/flow_runs/history', ['{"limit":1001}', '{"sort":"x","offset":-1}']),
  ...post('/ui/flow_runs/count-task-runs', ['{}', '{"flow_run_ids":["x"]}', '{"flow_run_ids":null}']),
];

const task = (text: string): string => `{"task_key":"k","dynamic_key":"0",${text}}`;

const taskRuns = [
  ...post('/task_runs/', [...NOT_OBJECTS, '{}', '{"task_key":1,"dynamic_key":null,"flow_run_id":"x"}']),
  ...post('/task_runs/', [
    task('"id":"x"'),
    task('"cache_expiration":"x","cache_key":5'),
    task(`"cache_key":"${'k'.repeat(2001)}"`),
    task('"task_inputs":{"a":5}'),
    task('"task_inputs":[]'),
    task('"task_inputs":{"a":[{"input_type":"x"},5]}'),
    task('"task_inputs":{"a":[{"input_type":"task_run","id":"x"}]}'),
    task('"task_inputs":{"a":[{}],"b":[{"name":"p"},{"input_type":"constant"}]}'),
    task('"empirical_policy":{"retry_delay":"x"}'),
    task('"empirical_policy":{"retry_delay":[1,"x",2.5]}'),
    task(`"empirical_policy":{"retry_delay":[${'1,'.repeat(50)}1]}`),
    task('"empirical_policy":{"retry_jitter_factor":-1,"retries":[]}'),
    task('"empirical_policy":{"retry_jitter_factor":"x","retry_delay_seconds":null}'),
    task('"state":{"type":"RUNNING","run_id":1}'),
  ]),
  ...patch(`/task_runs/${ID}`, ['{"name":5}', '{"state":null}', '[]']),
  ...post('/task_runs/filter', ['{"task_runs":{"subflow_runs":{"exists_":"x"}},"sort":"START_TIME_ASC"}']),
  ...post('/task_runs/filter', criterion('task_runs', 'end_time', 'after_', NOT_MOMENTS)),
  ...post('/task_runs/filter', criterion('task_runs', 'flow_run_id', 'is_null_', NOT_FLAGS)),
  ...post('/task_runs/history', [
    '{}',
    '{"history_start":[],"history_end":1,"history_interval_seconds":null}',
  ]),
  ...post('/task_runs/paginate', ['{"page":0,"limit":"x"}', '{"task_runs":{"id":{"not_any_":[]}}}']),
  ...post('/task_runs/count', ['{"task_runs":{"tags":{"any_":[]}}}']),
  ...post(`/task_runs/${ID}/set_state`, ['{}', '{"state":{"type":"x"},"force":"x"}', '5']),
  ...post('/ui/task_runs/dashboard/counts', ['{}', '{"task_runs":5}', '{"task_runs":null}']),
];

const log = (text: string): string =>
  `[{"name":"n","level":20,"message":"m","timestamp":"2024-01-01T00:00:00Z",${text}}]`;

const logs = [
  ...post('/logs/', ['null', '5', '{}', '"x"', 'true', '[5]', '[{}]', '[null,{"name":1}]']),
  ...post('/logs/', [
    log('"x":1'),
    log('"flow_run_id":"x","task_run_id":5'),
    '[{"level":"x","timestamp":"x"}]',
  ]),
  ...post('/logs/filter', criterion('logs', 'level', 'ge_', NOT_INTS)),
  ...post('/logs/filter', criterion('logs', 'timestamp', 'after_', NOT_MOMENTS)),
  ...post('/logs/filter', [
    '{"logs":{"text":{}}}',
    `{"logs":{"text":{"query":"${'q'.repeat(201)}"}}}`,
    '{"sort":"LEVEL_ASC"}',
  ]),
];

const event = (text: string): string =>
  `[{"occurred":"2024-01-01T00:00:00Z","event":"e","resource":{"prefect.resource.id":"r"},"id":"${ID}",${text}}]`;
const related = (text: string): string => event(`"related":${text}`);

const events = [
  ...post('/events', ['null', '5', '{}', '"x"', '[5]', '[{}]', '[[]]']),
  ...post('/events', [
    event('"payload":[]'),
    event('"payload":null'),
    event('"follows":"x"'),
    event('"resource":{}'),
    event('"resource":{"prefect.resource.id":""}'),
    event('"resource":{"prefect.resource.id":5,"b":null}'),
    event('"resource":[]'),
    event('"occurred":"x","event":5,"id":"x"'),
    event(`"event":"${'e'.repeat(1025)}"`),
    related('5'),
    related('[5,{},{"prefect.resource.id":"a"}]'),
    related('[{"prefect.resource.id":"a","prefect.resource.role":""}]'),
    related(
      `[${'{"prefect.resource.id":"a","prefect.resource.role":"r"},'.repeat(100)}{"prefect.resource.id":"a","prefect.resource.role":"r"}]`,
    ),
  ]),
  ...post('/events/filter', ['{"limit":51}', '{"limit":-1}', '{"filter":5}', '{"filter":{"x":1}}', '[]']),
  ...post('/events/filter', [
    '{"filter":{"occurred":{"since":"x","until":null}}}',
    '{"filter":{"occurred":null,"id":null,"order":null}}',
    '{"filter":{"event":{"prefix":"x","name":[1]},"order":"UP"}}',
    '{"filter":{"resource":{"id":[1],"labels":{"a":1,"b":[2]},"distinct":null}}}',
    '{"filter":{"related":5}}',
    '{"filter":{"related":{"role":"x"}}}',
    '{"filter":{"related":[{"id":[]},{"x":1}]}}',
    '{"filter":{"related":{"resources_in_roles":[["a"],["a","b","c"],"x",[1,2]]}}}',
    '{"filter":{"any_resource":[5],"text":{"query":5}}}',
    '{"filter":{"id":{"id":["x"]},"text":{}}}',
  ]),
  ...post('/events/count-by/day', [
    '{}',
    '{"filter":{},"time_unit":"year"}',
    '{"filter":{},"time_interval":0}',
  ]),
  ...post('/events/count-by/month', ['{"filter":{}}', '{}']),
];

const artifacts = [
  ...post('/artifacts/', [...NOT_OBJECTS, '{"key":"A b"}', '{"key":5,"type":5,"description":5}', '{"x":1}']),
  ...post('/artifacts/', field('metadata_', ['5', '[]', '{"a":1}', '{"a":null,"b":{}}'])),
  ...post('/artifacts/', field('flow_run_id', NOT_UUIDS)),
  ...patch(`/artifacts/${ID}`, ['[]', '{"key":"k"}', '{"metadata_":5}', '{"description":[]}']),
  ...post('/artifacts/filter', [
    '{"artifacts":{"key":{"exists_":"x","any_":[1]}},"sort":"NAME_ASC"}',
    '{"artifacts":[]}',
  ]),
  ...post('/artifacts/latest/filter', ['{"artifacts":{"latest_id":{"any_":["x"]},"id":{}}}']),
  ...post('/artifacts/count', ['{"artifacts":{"type":{"not_any_":"x"}}}']),
  ...post('/artifacts/latest/count', ['{"flows":5,"artifacts":5}']),
];

const deployed = `"name":"d","flow_id":"${ID}"`;
const RUN = `/deployments/${ID}/create_flow_run`;

const deployments = [
  ...post('/deployments/', ['{}', ...MALFORMED, `{${deployed},"x":1,"y":2}`, `{${deployed},"created":"x"}`]),
  ...post('/deployments/', field('name', NOT_TEXTS, `"flow_id":"${ID}"`)),
  ...post('/deployments/', field('flow_id', NOT_UUIDS, '"name":"d"')),
  ...post('/deployments/', field('paused', ['null', ...NOT_FLAGS], deployed)),
  ...post('/deployments/', field('schedules', ['null', ...NOT_LISTS, '[5]', '[{}]'], deployed)),
  ...post('/deployments/', field('concurrency_limit', ['0', '-1', ...NOT_INTS], deployed)),
  ...post(
    '/deployments/',
    field(
      'concurrency_options',
      ['5', '[]', '{}', '{"collision_strategy":"enqueue","grace_period_seconds":59}'],
      deployed,
    ),
  ),
  ...post('/deployments/', field('global_concurrency_limit_id', NOT_UUIDS, deployed)),
  ...post('/deployments/', field('parameters', NOT_MAPS, deployed)),
  ...post('/deployments/', field('parameter_openapi_schema', ['5', '[]', '"x"', 'true'], deployed)),
  ...post('/deployments/', field('tags', [...NOT_LISTS, 'null', '[1]'], deployed)),
  ...post('/deployments/', field('labels', ['5', '[]', '{"a":null}'], deployed)),
  ...post('/deployments/', field('pull_steps', ['5', '{}', '[5,"x"]'], deployed)),
  ...post('/deployments/', field('job_variables', NOT_MAPS, deployed)),
  ...post('/deployments/', field('version_info', ['5', '[]', '{}', '{"type":5}'], deployed)),
  ...post('/deployments/', field('work_pool_name', ['5', '[]'], deployed)),
  ...patch(`/deployments/${ID}`, ['{"name":"x"}', '{"labels":{}}', '{"tags":null,"paused":null}']),
  ...patch(`/deployments/${ID}`, field('schedules', ['null', '5', '[{"x":1}]', '[{"active":5}]'])),
  ...patch(`/deployments/${ID}`, ['{"concurrency_limit":1,"global_concurrency_limit_id":5}']),
  ...post('/deployments/filter', field('sort', ['5', '"name"'])),
  ...post('/deployments/filter', field('limit', NOT_INTS)),
  ...post('/deployments/filter', criterion('deployments', 'paused', 'eq_', NOT_FLAGS)),
  ...post('/deployments/filter', criterion('deployments', 'id', 'any_', NOT_LISTS)),
  ...post('/deployments/filter', ['{"work_pools":5,"work_pool_queues":[]}', '{"deployments":{"x":1}}']),
  ...post('/deployments/paginate', field('page', ['0', '"x"'])),
  ...post('/deployments/count', ['{"deployments":5,"flows":5}']),
  ...post('/deployments/bulk_delete', field('limit', ['0', '51', '"x"'])),
  ...post(RUN, [...NOT_OBJECTS, ...MALFORMED, '{"flow_id":"x"}', '{"name":5,"tags":null}']),
  ...post(RUN, field('parameters', NOT_MAPS)),
  ...post(RUN, field('job_variables', ['5', '[]'])),
  ...post(RUN, field('enforce_parameter_schema', NOT_FLAGS)),
  ...post(`${RUN}/bulk`, ['{}', '5', 'null', '[5,{},{"x":1}]']),
  ...post('/ui/schemas/validate', ['{}', '{"schema":5,"values":5}', '[]']),
];

const LEASE = '/v2/concurrency_limits';

const rest: BadInput[] = [
  ...post(`${LEASE}/increment-with-lease`, [
    '{}',
    '{"slots":0,"names":"x"}',
    '{"slots":1,"names":[1],"mode":"x"}',
  ]),
  ...post(
    `${LEASE}/increment-with-lease`,
    field('lease_duration', ['59', '86401', '"x"'], '"slots":1,"names":[]'),
  ),
  ...post(
    `${LEASE}/increment-with-lease`,
    field('holder', ['5', '{}', '{"type":"x","id":"x","y":1}'], '"slots":1,"names":[]'),
  ),
  ...post(`${LEASE}/decrement-with-lease`, ['{}', '{"lease_id":"x"}', '[]']),
  ...post(`${LEASE}/leases/${ID}/renew`, ['{"lease_duration":1}', '[]']),
  ...['{}', '[]', '{"default_result_storage_block_id":"x"}', 'null'].map(
    (body): BadInput => ({ method: 'PUT', path: '/admin/storage', body }),
  ),
  { method: 'GET', path: '/flow_run_states/' },
  { method: 'GET', path: '/flow_run_states/?flow_run_id=x' },
  { method: 'GET', path: '/task_run_states/' },
  { method: 'GET', path: '/task_run_states/?task_run_id=' },
  { method: 'GET', path: '/csrf-token' },
  { method: 'GET', path: '/events/filter/next' },
  { method: 'GET', path: `/flow_runs/${ID}/graph-v2?since=x` },
  { method: 'POST', path: '/flows/' },
  { method: 'POST', path: '/logs/' },
  { method: 'POST', path: `/flow_runs/${ID}/set_state` },
  { method: 'PATCH', path: `/flow_runs/${ID}/labels` },
];

export const badInputs: BadInput[] = [
  ...flows,
  ...flowRuns,
  ...taskRuns,
  ...logs,
  ...events,
  ...artifacts,
  ...deployments,
  ...rest,
];

/**
 * What ours alone refuses with 422: Prefect stores it on SQLite, fails with 500 or 503, or answers with what its own
 * client can't read. `loc` is where ours says that it lies.
 */
export const refusedByOursAlone: (BadInput & { loc: (string | number)[] })[] = [
  { ...post('/flows/', ['{"name":"a\\u0000b"}'])[0]!, loc: ['body', 'name'] },
  { ...post('/flows/', ['{"name":"a\\ud800b"}'])[0]!, loc: ['body', 'name'] },
  { ...post('/flows/', ['{"name":"n","tags":["a\\u0000"]}'])[0]!, loc: ['body', 'tags', 0] },
  {
    ...post('/flow_runs/', [`{"flow_id":"${ID}","parameters":{"a":["\\u0000"]}}`])[0]!,
    loc: ['body', 'parameters'],
  },
  { ...post('/flow_runs/', [policy('5')])[0]!, loc: ['body', 'empirical_policy'] },
  { ...post('/flow_runs/', [policy('[]')])[0]!, loc: ['body', 'empirical_policy'] },
  { ...post('/flows/filter', ['{"limit":1e400}'])[0]!, loc: ['body', 'limit'] },
  { ...post('/flows/filter', ['{"offset":123456789012345678901234567890}'])[0]!, loc: ['body', 'offset'] },
  {
    ...post('/logs/', ['[{"name":"n","level":2147483648,"message":"m","timestamp":0}]'])[0]!,
    loc: ['body', 0, 'level'],
  },
  {
    ...post('/flow_runs/filter', ['{"flow_runs":{"start_time":{"after_":"2024-01-01T00:00:00+24:00"}}}'])[0]!,
    loc: ['body', 'flow_runs', 'start_time', 'after_'],
  },
  {
    ...post(`/flow_runs/${ID}/input/filter`, ['{"prefix":"a","limit":-1}'])[0]!,
    loc: ['body', 'limit'],
  },
  {
    ...patch(`/flow_runs/${ID}/labels`, ['{"a":[]}'])[0]!,
    loc: ['body', 'a', 'bool'],
  },
];
