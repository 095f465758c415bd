/** A request for every filter and every sort of every list, count and history that the document has. */
import { openApiDocument } from '../../src/api/openapi.ts';
import { allRoutes } from '../../src/api/routers.ts';
import { type Json, referencesIn } from '../openapi/facts.ts';
import { at, ROWS, the } from './world.ts';

export interface Request {
  /** `POST /flow_runs/filter flow_runs.name.like_ = "x"`. */
  name: string;
  path: string;
  body: Record<string, unknown>;
  /** POST unless it is said. */
  method?: 'GET' | 'POST';
}

type Schema = { [key: string]: Json };

const document = JSON.parse(JSON.stringify(openApiDocument(allRoutes))) as {
  paths: Record<string, Record<string, { requestBody?: { content: Record<string, { schema: Schema }> } }>>;
  components: { schemas: Record<string, Schema> };
};

/** The model that a schema names, through its `anyOf` with null. */
function modelOf(schema: Schema): Schema | undefined {
  const [name] = referencesIn(schema);
  return name === undefined ? undefined : document.components.schemas[name];
}

const propertiesOf = (schema: Schema): [string, Schema][] =>
  Object.entries((schema['properties'] ?? {}) as Record<string, Schema>);

/** Those that change what they find choose it as the lists do; a page is a list and a count. The rest make things. */
const ALIKE = /bulk_|set_state|paginate|\/$/;

export function filterRequests(): Request[] {
  const requests: Request[] = [];
  for (const [path, { post }] of Object.entries(document.paths)) {
    const body = post?.requestBody && modelOf(post.requestBody.content['application/json']!.schema);
    const filters = body ? propertiesOf(body).filter(([, schema]) => isFilter(schema)) : [];
    const sorts = body ? sortsOf(body) : [];
    if (filters.length + sorts.length === 0 || ALIKE.test(path) || path.includes('{')) continue;
    const needed = REST[path] ?? {};
    const add = (name: string, rest: Record<string, unknown>) => {
      if (!`${path} ${name}`.startsWith(NOTHING)) {
        requests.push({ name: `${path} ${name}`, path, body: { ...needed, ...rest } });
      }
    };
    add('without a filter', {});
    for (const sort of sorts) add(`by ${sort}`, { sort });
    for (const [filter, schema] of filters) {
      // A chart's conditions on what is around its runs are those of their list.
      if (!/(filter|count)$/.test(path) && !path.includes(`/${filter}/`)) continue;
      for (const [name, value] of criteriaOf(modelOf(schema)!)) {
        add(`${filter}.${name}`, { [filter]: merged(needed[filter], value) });
      }
    }
  }
  return requests;
}

/** A span that ends before it begins asks for nothing. */
const NOTHING = '/ui/task_runs/dashboard/counts task_runs.start_time.before_';

/** What a body must have beside its filters. */
const REST: Record<string, Record<string, unknown>> = {
  '/flow_runs/history': {
    history_start: at(ROWS * 60 - 3600),
    history_end: at(ROWS * 60),
    history_interval_seconds: 60,
  },
  '/task_runs/history': {
    history_start: at(ROWS * 60 - 3600),
    history_end: at(ROWS * 60),
    history_interval_seconds: 60,
  },
  '/ui/task_runs/dashboard/counts': { task_runs: { start_time: { after_: at(ROWS * 60 - 3600) } } },
};

const get = (path: string): Request => ({ name: path, path, body: {}, method: 'GET' });
const post = (path: string, body: Record<string, unknown>): Request => ({ name: path, path, body });
const ids = (kind: Parameters<typeof the>[0]): string[] => [the(kind, 1), the(kind, 2)];

/** Those that have no filters, or no body at all. */
export const otherRequests: Request[] = [
  ...(['flow', 'flow_run', 'task_run'] as const).map((kind) => get(`/${kind}s/${the(kind, 1)}`)),
  get('/flows/name/flow%201'),
  get(`/flow_runs/${the('flow_run', 1)}/graph`),
  get(`/flow_runs/${the('flow_run', 1)}/graph-v2`),
  get(`/flow_runs/${the('flow_run', 1)}/logs/download`),
  get(`/flow_runs/${the('flow_run', 1)}/input/key-1`),
  post(`/flow_runs/${the('flow_run', 1)}/input/filter`, { prefix: 'key', limit: 5 }),
  get(`/flow_run_states/?flow_run_id=${the('flow_run', 1)}`),
  get(`/flow_run_states/${the('state', 1)}`),
  get(`/task_run_states/?task_run_id=${the('task_run', 1)}`),
  get(`/artifacts/${the('artifact', 1)}`),
  get('/artifacts/key-4/latest'),
  get('/variables/name/variable-1'),
  get(`/ui/task_runs/${the('task_run', 1)}`),
  post('/ui/flows/count-deployments', { flow_ids: ids('flow') }),
  post('/ui/flows/next-runs', { flow_ids: ids('flow') }),
  post('/ui/flow_runs/count-task-runs', { flow_run_ids: ids('flow_run') }),
  post('/deployments/get_scheduled_flow_runs', {
    deployment_ids: ids('deployment'),
    scheduled_before: at(ROWS * 60),
  }),
  get(`/deployments/${the('deployment', 1)}`),
  get('/deployments/name/flow%201/deployment%201'),
  get('/work_pools/pool-1'),
  post('/work_pools/pool-1/get_scheduled_flow_runs', { scheduled_before: at(ROWS * 60) }),
  post('/work_pools/pool-1/queues/filter', {}),
  post('/work_pools/pool-1/workers/heartbeat', { name: 'worker' }),
];

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function merged(base: unknown, value: unknown): unknown {
  if (!isPlain(base) || !isPlain(value)) return value;
  const both = Object.entries(value).map(([key, one]) => [key, merged(base[key], one)]);
  return { ...base, ...Object.fromEntries(both) };
}

const isFilter = (schema: Schema): boolean => referencesIn(schema).some((name) => name.endsWith('Filter'));

function sortsOf(body: Schema): string[] {
  const sort = propertiesOf(body).find(([name]) => name === 'sort')?.[1];
  return sort ? ((modelOf(sort)?.['enum'] ?? []) as string[]) : [];
}

/** Each operator of each field with a value, as `name.any_ = ...`. */
function criteriaOf(filter: Schema, path: string[] = []): [string, object][] {
  return propertiesOf(filter).flatMap(([name, schema]) => {
    if (name === 'operator') return [];
    const below = referencesIn(schema).length > 0 ? modelOf(schema) : undefined;
    const place = [...path, name];
    if (below?.['properties']) return criteriaOf(below, place);
    return samplesOf(schema, place).map((value): [string, object] => [
      `${place.join('.')} = ${JSON.stringify(value)}`,
      place.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as object,
    ]);
  });
}

/** As a client would ask: of the last hour, of few things, of what few have. */
function samplesOf(schema: Schema, place: string[]): unknown[] {
  const kinds = (schema['anyOf'] as Schema[] | undefined) ?? [schema];
  const kind = kinds.find(({ type }) => type !== 'null') ?? {};
  const model = kind['$ref'] === undefined ? undefined : modelOf(kind);
  if (Array.isArray(model?.['enum'])) return model['enum'];
  if (model?.['type'] === 'object') return [{ 'prefect.resource.name': 'x' }];
  if (kind['type'] === 'boolean') return [true, false];
  if (kind['format'] === 'date-time') return [at(place.at(-1) === 'before_' ? 3600 : ROWS * 60 - 3600)];
  if (kind['type'] === 'integer') return [place.at(-1) === 'le_' ? 10 : 50];
  if (kind['type'] === 'object') return [{ 'prefect.resource.name': 'x' }];
  if (kind['type'] === 'array') return [elementsOf(kind['items'] as Schema, place)];
  return [textFor(place)];
}

function elementsOf(items: Schema, place: string[]): unknown[] {
  const reference = referencesIn(items)[0];
  if (reference === 'StateType') return [place.at(-1) === 'not_any_' ? 'COMPLETED' : 'RUNNING'];
  if (items['prefixItems']) return [['prefect.flow.x', 'flow']];
  if (items['format'] === 'uuid') return [the('flow_run', 1), the('flow_run', 2)];
  return [textFor(place)];
}

const TEXTS: Record<string, string> = {
  tags: 'tag-3',
  state: 'State 3',
  work_queue_name: 'queue-3',
  flow_version: 'version-3',
  idempotency_key: 'key-7',
  name: 'run-77',
  key: 'key-8',
  type: 'markdown',
};

const textFor = (place: string[]): string =>
  place.map((part) => TEXTS[part]).find((text) => text !== undefined) ?? 'x';
