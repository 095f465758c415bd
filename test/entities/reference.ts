import type { Tables } from '../../src/db/database.ts';
import type { RunFilters } from '../../src/entities/filters/related.ts';
import type { World } from './world.ts';

type Row<T extends keyof Tables> = Tables[T]['$inferSelect'];

/** What one operator says of a row; undefined when its value asks for nothing. */
type Check<R> = (row: R, value: never, world: World) => boolean | undefined;
/** Checks by `field.operator`; a field with parts of its own has them as `field.part.operator`. */
type Checks<R> = Record<string, Check<R>>;

type Get<R> = (row: R) => unknown;

const any = <R>(get: Get<R>): Check<R> => {
  return (row, values: unknown[]) => get(row) !== null && values.includes(get(row));
};
const notAny = <R>(get: Get<R>): Check<R> => {
  return (row, values: unknown[]) =>
    values.length === 0 ? undefined : get(row) !== null && !values.includes(get(row));
};
const isNull =
  <R>(get: Get<R>): Check<R> =>
  (row, wanted: boolean) =>
    (get(row) === null) === wanted;
const exists =
  <R>(get: Get<R>): Check<R> =>
  (row, wanted: boolean) =>
    (get(row) !== null) === wanted;
const before =
  <R>(get: Get<R>): Check<R> =>
  (row, value: never) =>
    get(row) !== null && (get(row) as never) <= value;
const after =
  <R>(get: Get<R>): Check<R> =>
  (row, value: never) =>
    get(row) !== null && (get(row) as never) >= value;
const all = <R>(get: Get<R>): Check<R> => {
  return (row, values: string[]) =>
    values.length === 0 ? undefined : values.every((value) => (get(row) as string[]).includes(value));
};
const overlaps = <R>(get: Get<R>): Check<R> => {
  return (row, values: string[]) => values.some((value) => (get(row) as string[]).includes(value));
};
const isEmpty = <R>(get: Get<R>): Check<R> => {
  return (row, wanted: boolean) => ((get(row) as string[]).length === 0) === wanted;
};
const like = <R>(get: Get<R>): Check<R> => {
  return (row, text: string) =>
    text === '' ? undefined : get(row) !== null && isLike(get(row) as string, `%${text}%`);
};

/** SQL's LIKE without an escape character and without regard to case. */
export function isLike(text: string, pattern: string): boolean {
  const source = [...pattern].map((c) =>
    c === '%' ? '[^]*' : c === '_' ? '[^]' : c.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'),
  );
  return new RegExp(`^${source.join('')}$`, 'iu').test(text);
}

const period = <R>(field: string, get: Get<R>): Checks<R> => ({
  [`${field}.before_`]: before(get),
  [`${field}.after_`]: after(get),
});

const flow: Checks<Row<'flow'>> = {
  'id.any_': any((r) => r.id),
  'id.not_any_': notAny((r) => r.id),
  'deployment.is_null_': (r, wanted: boolean, world) =>
    !world.deployments.some((deployment) => deployment.flow_id === r.id) === wanted,
  'name.any_': any((r) => r.name),
  'name.like_': like((r) => r.name),
  'tags.all_': all((r) => r.tags),
  'tags.is_null_': isEmpty((r) => r.tags),
};

const flowRun: Checks<Row<'flow_run'>> = {
  'id.any_': any((r) => r.id),
  'id.not_any_': notAny((r) => r.id),
  'name.any_': any((r) => r.name),
  'name.like_': like((r) => r.name),
  'tags.all_': all((r) => r.tags),
  'tags.any_': overlaps((r) => r.tags),
  'tags.is_null_': isEmpty((r) => r.tags),
  'deployment_id.any_': any((r) => r.deployment_id),
  'deployment_id.is_null_': isNull((r) => r.deployment_id),
  'work_queue_name.any_': any((r) => r.work_queue_name),
  'work_queue_name.is_null_': isNull((r) => r.work_queue_name),
  'state.type.any_': any((r) => r.state_type),
  'state.type.not_any_': notAny((r) => r.state_type),
  'state.name.any_': any((r) => r.state_name),
  'state.name.not_any_': notAny((r) => r.state_name),
  'flow_version.any_': any((r) => r.flow_version),
  ...period('start_time', (r) => r.start_time ?? r.expected_start_time),
  'start_time.is_null_': isNull((r) => r.start_time),
  ...period('end_time', (r) => r.end_time),
  'end_time.is_null_': isNull((r) => r.end_time),
  ...period('expected_start_time', (r) => r.expected_start_time),
  ...period('next_scheduled_start_time', (r) => r.next_scheduled_start_time),
  'parent_flow_run_id.any_': (r, values: string[], world) => {
    const parent = world.taskRuns.find(({ id }) => id === r.parent_task_run_id);
    return parent !== undefined && parent.flow_run_id !== null && values.includes(parent.flow_run_id);
  },
  'parent_task_run_id.any_': any((r) => r.parent_task_run_id),
  'parent_task_run_id.is_null_': isNull((r) => r.parent_task_run_id),
  'idempotency_key.any_': any((r) => r.idempotency_key),
  'idempotency_key.not_any_': notAny((r) => r.idempotency_key),
  'created_by.id_': any((r) => r.created_by?.['id'] ?? null),
  'created_by.type_': any((r) => r.created_by?.['type'] ?? null),
  'created_by.is_null_': isNull((r) => r.created_by),
};

const taskRun: Checks<Row<'task_run'>> = {
  'id.any_': any((r) => r.id),
  'name.any_': any((r) => r.name),
  'name.like_': like((r) => r.name),
  'tags.all_': all((r) => r.tags),
  'tags.is_null_': isEmpty((r) => r.tags),
  'state.type.any_': any((r) => r.state_type),
  'state.name.any_': any((r) => r.state_name),
  ...period('start_time', (r) => r.start_time),
  'start_time.is_null_': isNull((r) => r.start_time),
  ...period('end_time', (r) => r.end_time),
  'end_time.is_null_': isNull((r) => r.end_time),
  ...period('expected_start_time', (r) => r.expected_start_time),
  'subflow_runs.exists_': (r, wanted: boolean, world) =>
    world.flowRuns.some(({ parent_task_run_id }) => parent_task_run_id === r.id) === wanted,
  // Only one of these is sent at a time; `is_null_: false` is what a missing one means, and any_ overrules it.
  'flow_run_id.any_': any((r) => r.flow_run_id),
  'flow_run_id.is_null_': isNull((r) => r.flow_run_id),
};

const deployment: Checks<Row<'deployment'>> = {
  'id.any_': any((r) => r.id),
  'id.not_any_': notAny((r) => r.id),
  'name.any_': any((r) => r.name),
  'name.like_': like((r) => r.name),
  'flow_or_deployment_name.like_': (r, text: string, world) => {
    const { name } = world.flows.find(({ id }) => id === r.flow_id)!;
    return text === '' ? undefined : isLike(r.name, `%${text}%`) || isLike(name, `%${text}%`);
  },
  'paused.eq_': (r, wanted: boolean) => r.paused === wanted,
  'tags.all_': all((r) => r.tags),
  'tags.any_': overlaps((r) => r.tags),
  'tags.is_null_': isEmpty((r) => r.tags),
  'work_queue_name.any_': any((r) => r.work_queue_name),
};

const workPool: Checks<Row<'work_pool'>> = {
  'id.any_': any((r) => r.id),
  'name.any_': any((r) => r.name),
  'type.any_': any((r) => r.type),
};

const workQueue: Checks<Row<'work_queue'>> = {
  'id.any_': any((r) => r.id),
  'name.any_': any((r) => r.name),
  'name.startswith_': (r, texts: string[]) =>
    texts.length === 0 ? undefined : texts.some((text) => isLike(r.name, `${text}%`)),
};

const artifact: Checks<Row<'artifact'>> = {
  'id.any_': any((r) => r.id),
  'key.any_': any((r) => r.key),
  'key.like_': like((r) => r.key),
  'key.exists_': exists((r) => r.key),
  'flow_run_id.any_': any((r) => r.flow_run_id),
  'task_run_id.any_': any((r) => r.task_run_id),
  'type.any_': any((r) => r.type),
  'type.not_any_': notAny((r) => r.type),
};

const collection: Checks<Row<'artifact_collection'>> = {
  'latest_id.any_': any((r) => r.latest_id),
  'key.any_': any((r) => r.key),
  'key.like_': like((r) => r.key),
  'key.exists_': exists((r) => r.key),
  'flow_run_id.any_': any((r) => r.flow_run_id),
  'task_run_id.any_': any((r) => r.task_run_id),
  'type.any_': any((r) => r.type),
  'type.not_any_': notAny((r) => r.type),
};

const log: Checks<Row<'log'>> = {
  'level.ge_': after((r) => r.level),
  'level.le_': before((r) => r.level),
  ...period('timestamp', (r) => r.timestamp),
  'flow_run_id.any_': any((r) => r.flow_run_id),
  'task_run_id.any_': any((r) => r.task_run_id),
  'task_run_id.is_null_': isNull((r) => r.task_run_id),
};

/** Every field and operator of every filter, and what it says of a row. */
export const checks = { flow, flowRun, taskRun, deployment, workPool, workQueue, artifact, collection, log };

export type Entity = keyof typeof checks;
type Criteria = Record<string, unknown>;

/** Whether a row matches a filter, by Prefect's rules: no filter and an empty one match all. */
export function matches(
  entity: Entity,
  row: object,
  filter: object | null | undefined,
  world: World,
): boolean {
  return holds(checks[entity] as Checks<object>, '', row, (filter ?? {}) as Criteria, world) ?? true;
}

function holds(
  table: Checks<object>,
  prefix: string,
  row: object,
  criteria: Criteria,
  world: World,
): boolean | undefined {
  const verdicts: boolean[] = [];
  for (const [name, value] of Object.entries(criteria)) {
    if (name === 'operator' || value === null || value === undefined) continue;
    const path = prefix + name;
    const check = table[path];
    const verdict = check
      ? check(row, value as never, world)
      : (holds(table, `${path}.`, row, value as Criteria, world) ?? (prefix === '' ? true : undefined));
    if (verdict !== undefined) verdicts.push(verdict);
  }
  if (verdicts.length === 0) return undefined;
  return criteria['operator'] === 'or_' ? verdicts.some(Boolean) : verdicts.every(Boolean);
}

/** Each kind of row with all its filters: a related filter, once given, asks for a related row that matches. */
export const expected = {
  flows: (world: World, f: RunFilters) =>
    world.flows.filter(
      (row) =>
        matches('flow', row, f.flows, world) &&
        (!(f.deployments || f.work_pools) ||
          world.deployments.some(
            (d) =>
              d.flow_id === row.id &&
              matches('deployment', d, f.deployments, world) &&
              inPool(world, d, f.work_pools),
          )) &&
        (!(f.flow_runs || f.task_runs) ||
          world.flowRuns.some(
            (run) =>
              run.flow_id === row.id &&
              matches('flowRun', run, f.flow_runs, world) &&
              (!f.task_runs || hasTaskRun(world, run.id, f.task_runs)),
          )),
    ),
  deployments: (world: World, f: RunFilters) =>
    world.deployments.filter(
      (row) =>
        matches('deployment', row, f.deployments, world) &&
        (!f.flows ||
          world.flows.some((flow) => flow.id === row.flow_id && matches('flow', flow, f.flows, world))) &&
        (!(f.flow_runs || f.task_runs) ||
          world.flowRuns.some(
            (run) =>
              run.deployment_id === row.id &&
              matches('flowRun', run, f.flow_runs, world) &&
              (!f.task_runs || hasTaskRun(world, run.id, f.task_runs)),
          )) &&
        (!f.work_pool_queues ||
          world.queues.some(
            (queue) =>
              queue.id === row.work_queue_id && matches('workQueue', queue, f.work_pool_queues, world),
          )) &&
        inPool(world, row, f.work_pools),
    ),
  flowRuns: (world: World, f: RunFilters) => world.flowRuns.filter((run) => flowRunMatches(world, run, f)),
  taskRuns: (world: World, f: RunFilters) => {
    const { task_runs, ...around } = f;
    return world.taskRuns.filter(
      (row) => matches('taskRun', row, task_runs, world) && inFlowRun(world, row.flow_run_id, around),
    );
  },
  artifacts: (world: World, f: RunFilters & { artifacts?: object }) =>
    world.artifacts.filter((row) => matches('artifact', row, f.artifacts, world) && madeIn(world, row, f)),
  collections: (world: World, f: RunFilters & { artifacts?: object }) =>
    world.collections.filter(
      (row) => matches('collection', row, f.artifacts, world) && madeIn(world, row, f),
    ),
  logs: (world: World, filter: object) => world.logs.filter((row) => matches('log', row, filter, world)),
};

function flowRunMatches(world: World, run: Row<'flow_run'>, f: RunFilters): boolean {
  const related = <R extends { id: string }>(rows: R[], id: string | null, entity: Entity, filter: unknown) =>
    !filter || rows.some((row) => row.id === id && matches(entity, row, filter as object, world));
  return (
    matches('flowRun', run, f.flow_runs, world) &&
    related(world.flows, run.flow_id, 'flow', f.flows) &&
    related(world.deployments, run.deployment_id, 'deployment', f.deployments) &&
    related(world.queues, run.work_queue_id, 'workQueue', f.work_pool_queues) &&
    inPool(world, run, f.work_pools) &&
    (!f.task_runs || hasTaskRun(world, run.id, f.task_runs))
  );
}

function inFlowRun(world: World, id: string | null, around: RunFilters): boolean {
  if (!Object.values(around).some(Boolean)) return true;
  const run = world.flowRuns.find((candidate) => candidate.id === id);
  return run !== undefined && flowRunMatches(world, run, around);
}

function inPool(world: World, row: { work_queue_id: string | null }, filter: unknown): boolean {
  if (!filter) return true;
  const queue = world.queues.find(({ id }) => id === row.work_queue_id);
  const pool = world.pools.find(({ id }) => id === queue?.work_pool_id);
  return pool !== undefined && matches('workPool', pool, filter as object, world);
}

function hasTaskRun(world: World, flowRunId: string, filter: object): boolean {
  return world.taskRuns.some(
    (row) => row.flow_run_id === flowRunId && matches('taskRun', row, filter, world),
  );
}

function madeIn(
  world: World,
  row: { flow_run_id: string | null; task_run_id: string | null },
  { flows, flow_runs, deployments, task_runs }: RunFilters,
): boolean {
  const task = world.taskRuns.find(({ id }) => id === row.task_run_id);
  return (
    inFlowRun(world, row.flow_run_id, { flows, flow_runs, deployments }) &&
    (!task_runs || (task !== undefined && matches('taskRun', task, task_runs, world)))
  );
}
