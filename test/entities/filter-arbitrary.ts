import fc from 'fast-check';
import { STATE_TYPES } from '../../src/schema/types.ts';
import type { Entity } from './reference.ts';
import { CREATOR_TYPES, CREATORS, MOMENTS, NAMES, STATE_NAMES, TAGS, type World } from './world.ts';

type Values = Record<string, fc.Arbitrary<unknown>>;

const list = <T>(values: readonly T[]) => fc.subarray([...values], { maxLength: Math.min(4, values.length) });
const flag = fc.boolean();
const moment = fc.constantFrom(...MOMENTS);
const names = list([...NAMES, 'not there']);
const pattern = fc.constantFrom('', 'a', 'B', 'a b', 'a_', '%b', '\\', "'", 'x', '_', 'zzz');
const tags = list([...TAGS, 'not there']);
const period = (field: string): Values => ({ [`${field}.before_`]: moment, [`${field}.after_`]: moment });

/** What the operators of each filter may be given, most of it drawn from what is there. */
export function valuesFor(world: World): Record<Entity, Values> {
  const ids = (rows: { id: string }[]) =>
    list([...rows.slice(0, 20).map(({ id }) => id), '00000000-0000-0000-0000-000000000000']);
  const flowRunIds = ids(world.flowRuns);
  const taskRunIds = ids(world.taskRuns);
  const name = { 'name.any_': names, 'name.like_': pattern };
  const someTags = { 'tags.all_': tags, 'tags.is_null_': flag };
  const artifact = {
    'key.any_': list(['report', 'Report', 'a_b', 'zzz']),
    'key.like_': fc.constantFrom('', 'rep', 'E-', 'a_', '_b', '%'),
    'key.exists_': flag,
    'flow_run_id.any_': flowRunIds,
    'task_run_id.any_': taskRunIds,
    'type.any_': list(['result', 'table', 'zzz']),
    'type.not_any_': list(['result', 'table', 'zzz']),
  };
  return {
    flow: {
      ...name,
      ...someTags,
      'id.any_': ids(world.flows),
      'id.not_any_': ids(world.flows),
      'deployment.is_null_': flag,
    },
    flowRun: {
      ...name,
      ...someTags,
      ...period('start_time'),
      ...period('end_time'),
      ...period('expected_start_time'),
      ...period('next_scheduled_start_time'),
      'id.any_': flowRunIds,
      'id.not_any_': flowRunIds,
      'tags.any_': tags,
      'deployment_id.any_': ids(world.deployments),
      'deployment_id.is_null_': flag,
      'work_queue_name.any_': names,
      'work_queue_name.is_null_': flag,
      'state.type.any_': list(STATE_TYPES),
      'state.type.not_any_': list(STATE_TYPES),
      'state.name.any_': list(STATE_NAMES),
      'state.name.not_any_': list(STATE_NAMES),
      'flow_version.any_': list(['1', '2', '3']),
      'start_time.is_null_': flag,
      'end_time.is_null_': flag,
      'parent_flow_run_id.any_': flowRunIds,
      'parent_task_run_id.any_': taskRunIds,
      'parent_task_run_id.is_null_': flag,
      'idempotency_key.any_': list(['1', '2', '3', '17', 'x']),
      'idempotency_key.not_any_': list(['1', '2', '3', '17', 'x']),
      'created_by.id_': list(CREATORS),
      'created_by.type_': list([...CREATOR_TYPES, 'USER']),
      'created_by.is_null_': flag,
    },
    taskRun: {
      ...name,
      ...someTags,
      ...period('start_time'),
      ...period('end_time'),
      ...period('expected_start_time'),
      'id.any_': taskRunIds,
      'state.type.any_': list(STATE_TYPES),
      'state.name.any_': list(STATE_NAMES),
      'start_time.is_null_': flag,
      'end_time.is_null_': flag,
      'subflow_runs.exists_': flag,
      'flow_run_id.any_': flowRunIds,
      'flow_run_id.is_null_': flag,
    },
    deployment: {
      ...name,
      ...someTags,
      'id.any_': ids(world.deployments),
      'id.not_any_': ids(world.deployments),
      'flow_or_deployment_name.like_': pattern,
      'paused.eq_': flag,
      'tags.any_': tags,
      'work_queue_name.any_': names,
    },
    workPool: {
      'id.any_': ids(world.pools),
      'name.any_': names,
      'type.any_': list(['process', 'docker', 'zzz']),
    },
    workQueue: {
      'id.any_': ids(world.queues),
      'name.any_': names,
      'name.startswith_': list(['a', 'A', 'a_', 'b', 'zzz']),
    },
    artifact: { ...artifact, 'id.any_': ids(world.artifacts) },
    collection: { ...artifact, 'latest_id.any_': ids(world.artifacts) },
    log: {
      ...period('timestamp'),
      'level.ge_': fc.constantFrom(-1, 0, 10, 25, 50, 32_767),
      'level.le_': fc.constantFrom(-1, 0, 10, 25, 50, 32_767),
      'flow_run_id.any_': flowRunIds,
      'task_run_id.any_': taskRunIds,
      'task_run_id.is_null_': flag,
    },
  };
}

/** A filter that says one thing. */
export function single(path: string, value: unknown): object {
  return path
    .split('.')
    .reverse()
    .reduce<unknown>((inner, name) => ({ [name]: inner }), value) as object;
}

const operator = fc.option(fc.constantFrom('and_' as const, 'or_' as const), { nil: undefined });

/** Filters with up to three fields, each with some of its operators, combined either way. */
export function filterOf(values: Values): fc.Arbitrary<object> {
  const fields = new Map<string, Values>();
  for (const [path, value] of Object.entries(values)) {
    const at = path.indexOf('.');
    const field = path.slice(0, at);
    fields.set(field, { ...fields.get(field), [path.slice(at + 1)]: value });
  }
  return fc.subarray([...fields], { maxLength: Math.min(3, fields.size) }).chain((chosen) =>
    fc.record(
      {
        operator,
        ...Object.fromEntries(chosen.map(([field, operators]) => [field, fieldOf(field, operators)])),
      },
      { noNullPrototype: true },
    ),
  );
}

function fieldOf(field: string, operators: Values): fc.Arbitrary<unknown> {
  if (Object.keys(operators).some((name) => name.includes('.'))) return filterOf(operators);
  // These two aren't combined in Prefect: ids overrule what is said of null.
  if (
    field === 'flow_run_id' &&
    'is_null_' in operators &&
    'any_' in operators &&
    !('latest_id' in operators)
  )
    return fc.oneof(...Object.entries(operators).map(([name, value]) => fc.record({ [name]: value })));
  return fc
    .subarray(Object.entries(operators))
    .chain((chosen) => fc.record({ operator, ...Object.fromEntries(chosen) }));
}
