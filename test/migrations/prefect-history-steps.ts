/**
 * Changes that Prefect's own two chains have made from 2022 to 2026, by date and subject, on tables cut down to the
 * columns that the changes are about.
 */

import type { Rename } from '../../src/migrations/generate/dialect.ts';
import type { Model, ModelColumn, ModelForeignKey, ModelIndex, ModelTable } from './model/model.ts';

type Kind = 'table' | 'enum' | 'batch' | 'index';
export interface Step {
  readonly what: string;
  readonly kind: Kind;
  readonly change: (model: Model) => Model;
  readonly renames?: readonly Rename[];
  /** Rows that are there from then on. */
  readonly rows?: readonly string[];
}

/** `name varchar!` may not be empty, `run_count integer! = 0` has a default. */
export function columns(...specs: string[]): Record<string, ModelColumn> {
  const entries = specs.map((spec): [string, ModelColumn] => {
    const [, name, type, notNull, value] = /^(\w+) (\w+)(!?)(?: = (.*))?$/.exec(spec)!;
    const constant = value === undefined ? {} : { default: defaultOf(value) };
    return [name!, { type: type!, notNull: notNull === '!', ...constant }];
  });
  return Object.fromEntries(entries);
}

const defaultOf = (value: string): Exclude<ModelColumn['default'], undefined> =>
  value === '{}' ? { sql: "'{}'" } : (JSON.parse(value) as string | number | boolean);

export const table = (...specs: string[]): ModelTable => ({
  columns: columns('id uuid!', ...specs),
  key: ['id'],
});
export const refers = (
  column: string,
  to: string,
  onDelete?: ModelForeignKey['onDelete'],
): ModelForeignKey => ({ columns: [column], table: to, refers: ['id'], ...(onDelete && { onDelete }) });

interface Change {
  readonly add?: readonly string[];
  readonly drop?: readonly string[];
  readonly keys?: Record<string, ModelForeignKey | undefined>;
  readonly indexes?: Record<string, ModelIndex | undefined>;
  readonly uniques?: Record<string, readonly string[] | undefined>;
  readonly checks?: Record<string, string | undefined>;
  /** Under the name that it has from then on. */
  readonly as?: string;
}

const merged = <Thing>(
  old: Record<string, Thing> = {},
  changes: Record<string, Thing | undefined> = {},
): Record<string, Thing> =>
  Object.fromEntries(
    Object.entries({ ...old, ...changes }).filter(
      (entry): entry is [string, Thing] => entry[1] !== undefined,
    ),
  );

export function alter(model: Model, name: string, change: Change): Model {
  const old = model.tables[name]!;
  const kept = Object.entries({ ...old.columns, ...columns(...(change.add ?? [])) });
  const now: ModelTable = {
    columns: Object.fromEntries(kept.filter(([column]) => !change.drop?.includes(column))),
    key: old.key,
    keyName: old.keyName ?? `pk_${name}`,
    keys: merged(old.keys, change.keys),
    indexes: merged(old.indexes, change.indexes),
    uniques: merged(old.uniques, change.uniques),
    checks: merged(old.checks, change.checks),
  };
  const target = change.as ?? name;
  const tables = Object.entries(model.tables).map(([one, other]) => [
    one === name ? target : one,
    one === name ? now : following(other, name, target),
  ]);
  return { ...model, tables: Object.fromEntries(tables) };
}

function following(other: ModelTable, name: string, target: string): ModelTable {
  const keys = Object.entries(other.keys ?? {}).map(([key, one]) => [
    key,
    one.table === name ? { ...one, table: target } : one,
  ]);
  return { ...other, keys: Object.fromEntries(keys) };
}

const create = (what: string, name: string, made: ModelTable, rows: string[] = []): Step => ({
  what,
  kind: 'table',
  rows,
  change: (model) => ({ ...model, tables: { ...model.tables, [name]: made } }),
});
const batch = (what: string, name: string, change: Change, renames?: Rename[]): Step => ({
  what,
  kind: 'batch',
  change: (model) => alter(model, name, change),
  ...(renames && { renames }),
});
const index = (what: string, name: string, indexes: Record<string, ModelIndex>): Step => ({
  what,
  kind: 'index',
  change: (model) => alter(model, name, { indexes }),
});
const enumerate = (what: string, name: string, labels: string[], on?: string): Step => ({
  what,
  kind: 'enum',
  change: (model) => {
    const next = { ...model, enums: { ...model.enums, [name]: labels } };
    return on ? alter(next, on, { add: [`status ${name}`] }) : next;
  },
});
const trigrams = (name: string): Record<string, ModelIndex> => ({
  [`trgm_ix_${name}_name`]: { keys: ['name'], only: 'pg', using: 'gin', opclass: 'gin_trgm_ops' },
});

const id = (n: number) => `'00000000-0000-4000-8000-${String(n).padStart(12, '0')}'`;
const STATES = ['SCHEDULED', 'PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED'];

export const start: Model = {
  enums: { state_type: STATES },
  tables: {
    flow: table('name varchar!'),
    deployment: {
      ...table(
        'name varchar!',
        'flow_id uuid!',
        'schedule json',
        'flow_data json',
        'is_schedule_active boolean! = true',
      ),
      keys: { fk_deployment__flow: refers('flow_id', 'flow', 'cascade') },
    },
    flow_run: {
      ...table(
        'name varchar!',
        'flow_id uuid!',
        'deployment_id uuid',
        'state_type state_type',
        'flow_runner_type varchar',
        'flow_runner_config json',
        'start_time timestamp',
        'expected_start_time timestamp',
        'next_scheduled_start_time timestamp',
        'auto_scheduled boolean! = false',
      ),
      keys: {
        fk_flow_run__flow: refers('flow_id', 'flow', 'cascade'),
        fk_flow_run__deployment: refers('deployment_id', 'deployment', 'set null'),
      },
      indexes: { ix_flow_run__flow_runner_type: { keys: ['flow_runner_type'] } },
    },
    task_run: {
      ...table(
        'name varchar!',
        'flow_run_id uuid!',
        'state_type state_type',
        'state_id uuid',
        'start_time timestamp',
      ),
      keys: { fk_task_run__flow_run: refers('flow_run_id', 'flow_run', 'cascade') },
    },
  },
};

export const startRows = [
  `insert into flow (id, name) values (${id(1)}, 'one'), (${id(2)}, 'two')`,
  `insert into deployment (id, name, flow_id) values (${id(3)}, 'daily', ${id(1)})`,
  `insert into flow_run (id, name, flow_id, deployment_id, state_type, flow_runner_type) values
    (${id(4)}, 'a', ${id(1)}, ${id(3)}, 'RUNNING', 'subprocess'), (${id(5)}, 'b', ${id(2)}, null, 'SCHEDULED', null)`,
  `insert into task_run (id, name, flow_run_id, state_type) values
    (${id(6)}, 't1', ${id(4)}, 'COMPLETED'), (${id(7)}, 't2', ${id(4)}, null), (${id(8)}, 't3', ${id(5)}, 'PENDING')`,
];

export const steps: Step[] = [
  create('2022-02-04 block data', 'block_data', table('name varchar!', 'blockref varchar', 'data json'), [
    `insert into block_data (id, name, blockref) values (${id(10)}, 'secret', 'x')`,
  ]),
  create('2022-02-15 configuration', 'configuration', {
    ...table('key varchar!', 'value json!'),
    uniques: { uq_configuration__key: ['key'] },
  }),
  create(
    '2022-02-17 work queue',
    'work_queue',
    {
      ...table('name varchar!', 'is_paused boolean! = false', 'filter json'),
      uniques: { uq_work_queue__name: ['name'] },
    },
    [`insert into work_queue (id, name) values (${id(11)}, 'default')`],
  ),
  create('2022-02-17 agent', 'agent', {
    ...table('name varchar!', 'work_queue_id uuid!'),
    keys: { fk_agent__work_queue: refers('work_queue_id', 'work_queue') },
  }),
  batch('2022-02-19 block_data becomes block', 'block_data', { as: 'block' }, [
    { kind: 'table', from: 'block_data', to: 'block' },
  ]),
  create('2022-02-20 block spec', 'block_spec', {
    ...table('name varchar!', 'version varchar', 'type varchar', 'fields json'),
    indexes: { uq_block_spec__name_version: { keys: ['name', 'version'], unique: true } },
  }),
  batch('2022-02-21 block_spec_id on blocks', 'block', {
    add: ['block_spec_id uuid'],
    drop: ['blockref'],
    keys: { fk_block__block_spec: refers('block_spec_id', 'block_spec', 'cascade') },
    indexes: { uq_block__spec_id_name: { keys: ['block_spec_id', 'name'], unique: true } },
  }),
  batch('2022-04-23 block_spec becomes block_schema', 'block_spec', { as: 'block_schema' }, [
    { kind: 'table', from: 'block_spec', to: 'block_schema' },
  ]),
  batch('2022-04-25 version is replaced by checksum', 'block_schema', {
    drop: ['version'],
    add: ['checksum varchar! = ""'],
    indexes: { uq_block_spec__name_version: undefined, ix_block_schema__checksum: { keys: ['checksum'] } },
  }),
  batch('2022-05-19 capabilities of block schemas', 'block_schema', { add: ['capabilities json! = {}'] }),
  index('2022-06-17 index on capabilities', 'block_schema', {
    ix_block_schema__capabilities: { keys: ['capabilities'], only: 'pg', using: 'gin' },
  }),
  batch('2022-04-19 state_name on flow runs', 'flow_run', { add: ['state_name varchar'] }),
  index('2022-04-21 index on state_name', 'flow_run', { ix_flow_run__state_name: { keys: ['state_name'] } }),
  create(
    '2022-05-12 flow run alert policy',
    'flow_run_alert_policy',
    table('name varchar', 'is_active boolean! = true', 'state_names json'),
  ),
  batch(
    '2022-05-30 alerts become notifications',
    'flow_run_alert_policy',
    { as: 'flow_run_notification_policy' },
    [{ kind: 'table', from: 'flow_run_alert_policy', to: 'flow_run_notification_policy' }],
  ),
  ...['flow', 'flow_run', 'task_run', 'deployment'].map((name) =>
    index(`2022-06-04 trigrams of ${name}`, name, trigrams(name)),
  ),
  batch('2022-06-29 notification policies lose their name', 'flow_run_notification_policy', {
    drop: ['name'],
  }),
  batch('2022-07-20 flow runners go', 'flow_run', {
    drop: ['flow_runner_type', 'flow_runner_config'],
    indexes: { ix_flow_run__flow_runner_type: undefined },
  }),
  enumerate('2022-07-21 CRASHED', 'state_type', [...STATES, 'CRASHED']),
  batch('2022-08-06 deployments get parameters and lose flow_data', 'deployment', {
    add: ['parameters json! = {}', 'path varchar', 'entrypoint varchar'],
    drop: ['flow_data'],
  }),
  batch('2022-10-19 who made a flow run', 'flow_run', { add: ['created_by json'] }),
  index('2022-11-05 scheduled flow runs of a deployment', 'flow_run', {
    ix_flow_run__scheduler: {
      keys: ['deployment_id', 'auto_scheduled', 'next_scheduled_start_time'],
      where: "state_type = 'SCHEDULED'",
    },
  }),
  index('2022-11-10 coalesced start time, ascending', 'flow_run', {
    ix_flow_run__coalesce_asc: { keys: ['coalesce(start_time, expected_start_time)'] },
  }),
  index('2022-11-10 coalesced start time, descending', 'flow_run', {
    ix_flow_run__coalesce_desc: { keys: ['coalesce(start_time, expected_start_time) DESC'] },
  }),
  enumerate('2022-11-23 PAUSED', 'state_type', [...STATES, 'CRASHED', 'PAUSED']),
  create(
    '2022-11-24 worker pool',
    'worker_pool',
    { ...table('name varchar!', 'type varchar'), uniques: { uq_worker_pool__name: ['name'] } },
    [`insert into worker_pool (id, name) values (${id(12)}, 'pool')`],
  ),
  create(
    '2022-11-24 worker',
    'worker',
    {
      ...table('name varchar!', 'worker_pool_id uuid!', 'last_heartbeat_time timestamp'),
      keys: { fk_worker__worker_pool: refers('worker_pool_id', 'worker_pool', 'cascade') },
      indexes: { ix_worker__worker_pool_id: { keys: ['worker_pool_id', 'last_heartbeat_time DESC'] } },
    },
    [`insert into worker (id, name, worker_pool_id) values (${id(13)}, 'w', ${id(12)})`],
  ),
  batch('2023-01-08 worker pools become work pools', 'worker_pool', { as: 'work_pool' }, [
    { kind: 'table', from: 'worker_pool', to: 'work_pool' },
  ]),
  batch(
    '2023-01-08 and workers follow',
    'worker',
    {
      add: ['work_pool_id uuid!'],
      drop: ['worker_pool_id'],
      keys: { fk_worker__worker_pool: refers('work_pool_id', 'work_pool', 'cascade') },
      indexes: { ix_worker__worker_pool_id: { keys: ['work_pool_id', 'last_heartbeat_time DESC'] } },
    },
    [{ kind: 'column', table: 'worker', from: 'worker_pool_id', to: 'work_pool_id' }],
  ),
  create(
    '2023-01-12 artifact',
    'artifact',
    {
      ...table('key varchar', 'created timestamp', 'flow_run_id uuid', 'task_run_id uuid', 'data json'),
      keys: { fk_artifact__flow_run: refers('flow_run_id', 'flow_run', 'cascade') },
      uniques: { uq_artifact__key: ['key'] },
    },
    [`insert into artifact (id, key, flow_run_id) values (${id(14)}, 'k', ${id(4)})`],
  ),
  enumerate('2023-01-25 CANCELLING', 'state_type', [...STATES, 'CRASHED', 'PAUSED', 'CANCELLING']),
  batch('2023-01-25 work queues belong to pools', 'work_queue', {
    add: ['work_pool_id uuid', 'priority integer! = 1', 'concurrency_limit integer'],
    uniques: { uq_work_queue__name: undefined, uq_work_queue__pool_name: ['work_pool_id', 'name'] },
    keys: { fk_work_queue__work_pool: refers('work_pool_id', 'work_pool', 'cascade') },
  }),
  batch('2023-02-08 artifacts lose their foreign key', 'artifact', {
    keys: { fk_artifact__flow_run: undefined },
  }),
  batch('2023-03-01 flow runs outlive their deployment', 'flow_run', {
    keys: { fk_flow_run__deployment: undefined },
  }),
  batch('2023-03-20 artifacts are not unique', 'artifact', { uniques: { uq_artifact__key: undefined } }),
  create('2023-03-20 artifact collection', 'artifact_collection', {
    ...table('key varchar!', 'latest_id uuid'),
    uniques: { uq_artifact_collection__key: ['key'] },
  }),
  index('2023-03-20 newest artifact of a key', 'artifact', {
    ix_artifact__key_created_desc: { keys: ['key', 'created DESC'] },
  }),
  create(
    '2023-04-05 variable',
    'variable',
    { ...table('name varchar!', 'value varchar!'), uniques: { uq_variable__name: ['name'] } },
    [`insert into variable (id, name, value) values (${id(15)}, 'v', '"text"')`],
  ),
  create(
    '2023-08-02 concurrency limit v2',
    'concurrency_limit_v2',
    {
      ...table('name varchar!', 'limit integer!', 'slot_decay_per_second float'),
      uniques: { uq_concurrency_limit_v2__name: ['name'] },
    },
    [`insert into concurrency_limit_v2 (id, name, "limit") values (${id(16)}, 'c', 5)`],
  ),
  batch('2023-09-21 slot_decay_per_second may not be empty', 'concurrency_limit_v2', {
    add: ['slot_decay_per_second float! = 0'],
  }),
  batch('2023-09-25 task runs without a flow run', 'task_run', { add: ['flow_run_id uuid'] }),
  create(
    '2023-12-07 flow run input',
    'flow_run_input',
    {
      ...table('key varchar!', 'value text!', 'flow_run_id uuid!'),
      uniques: { uq_flow_run_input__flow_run_id_key: ['flow_run_id', 'key'] },
    },
    [`insert into flow_run_input (id, key, value, flow_run_id) values (${id(17)}, 'k', 'v', ${id(4)})`],
  ),
  batch('2023-12-07 its flow run is a foreign key', 'flow_run_input', {
    keys: { fk_flow_run_input__flow_run: refers('flow_run_id', 'flow_run', 'cascade') },
  }),
  create(
    '2024-01-22 deployment schedule',
    'deployment_schedule',
    {
      ...table('deployment_id uuid!', 'schedule json', 'active boolean! = true'),
      keys: { fk_deployment_schedule__deployment: refers('deployment_id', 'deployment', 'cascade') },
    },
    [`insert into deployment_schedule (id, deployment_id) values (${id(18)}, ${id(3)})`],
  ),
  create('2024-03-13 csrf token', 'csrf_token', {
    ...table('token varchar!', 'client varchar!', 'expiration timestamp!'),
    uniques: { uq_csrf_token__client: ['client'] },
  }),
  create('2024-04-10 events', 'event', {
    ...table('event text!', 'occurred timestamp!', 'payload json'),
    indexes: { ix_event__occurred_id: { keys: ['occurred', 'id'] } },
  }),
  enumerate('2024-04-23 deployment status', 'deployment_status', ['READY', 'NOT_READY'], 'deployment'),
  enumerate(
    '2024-04-23 work queue status',
    'work_queue_status',
    ['READY', 'NOT_READY', 'PAUSED'],
    'work_queue',
  ),
  enumerate('2024-04-23 work pool status', 'work_pool_status', ['READY', 'NOT_READY', 'PAUSED'], 'work_pool'),
  enumerate('2024-04-25 worker status', 'worker_status', ['ONLINE', 'OFFLINE'], 'worker'),
  batch('2024-05-21 variables hold JSON', 'variable', { add: ['value json!'] }),
  batch('2024-09-16 deployments share a global limit', 'deployment', {
    add: ['concurrency_limit_id uuid'],
    keys: {
      fk_deployment__concurrency_limit: refers('concurrency_limit_id', 'concurrency_limit_v2', 'set null'),
    },
  }),
  batch('2025-02-05 schedules get a slug', 'deployment_schedule', { add: ['slug varchar'] }),
  index('2025-02-05 which is unique in its deployment', 'deployment_schedule', {
    ix_deployment_schedule__deployment_id__slug: {
      keys: ['deployment_id', 'slug'],
      unique: true,
      where: 'slug IS NOT NULL',
    },
  }),
  index('2026-02-19 scheduled flow runs of a schedule', 'flow_run', {
    ix_flow_run__schedule_id_scheduler: {
      keys: ['deployment_id', "(created_by->>'id')", 'next_scheduled_start_time'],
      where: "state_type = 'SCHEDULED' AND auto_scheduled = true",
    },
  }),
  batch('2025-03-19 work pools store results', 'work_pool', { add: ['storage_configuration json! = {}'] }),
  batch('2026-05-05 a work queue is no pool of itself', 'work_queue', {
    checks: { ck_work_queue__no_self_reference: 'id <> work_pool_id' },
  }),
  index('2026-03-03 task runs by state and start', 'task_run', {
    ix_task_run__state_type_start_time: { keys: ['state_type', 'start_time'] },
  }),
  index('2026-08-20 flow runs of a deployment', 'flow_run', {
    ix_flow_run__deployment_id: { keys: ['deployment_id'], where: 'deployment_id IS NOT NULL' },
  }),
  index('2026-09-15 flow runs by state and start', 'flow_run', {
    ix_flow_run__state_type_coalesce: { keys: ['state_type', 'coalesce(start_time, expected_start_time)'] },
  }),
];
