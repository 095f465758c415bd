/** A database as a year of one server leaves it, in small: most runs are over, few are about to start. */
import { sql } from 'drizzle-orm';
import type { Database } from '../../src/db/database.ts';
import { JsonText } from '../../src/json/json.ts';
import { STATE_TYPES } from '../../src/schema/types.ts';
import { addSeconds } from '../../src/time/timestamp.ts';

export const BEGAN = '2026-01-01T00:00:00.000000Z';
export const ROWS = 4000;

/** Its number in the last group of an id of its kind. */
export const idOf = (kind: number, i: number): string =>
  `${kind.toString(16)}0000000-0000-4000-8000-${i.toString(16).padStart(12, '0')}`;

const rows = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

const KINDS = {
  flow: 1,
  flow_run: 2,
  task_run: 3,
  deployment: 5,
  log: 6,
  artifact: 7,
  state: 8,
  event: 9,
} as const;
export const the = (kind: keyof typeof KINDS, i: number): string => idOf(KINDS[kind], i);

export const at = (seconds: number): string => addSeconds(BEGAN, seconds);

const tagsOf = (i: number): string[] => (i % 2 === 0 ? [] : [`tag-${i % 30}`]);

function run(i: number) {
  const isOpen = i % 50 === 0;
  return {
    name: `run-${(i * 7919) % ROWS}`,
    state_type: isOpen ? STATE_TYPES[(i / 50) % 9]! : ('COMPLETED' as const),
    state_name: isOpen ? `State ${(i / 50) % 9}` : 'Completed',
    expected_start_time: at(i * 60),
    start_time: isOpen ? null : at(i * 60 + 1),
    end_time: isOpen ? null : at(i * 60 + 2),
    next_scheduled_start_time: isOpen ? at(i * 60) : null,
    created: at(i * 60),
    updated: at(i * 60),
  };
}

export async function fillWorld(db: Database): Promise<void> {
  await fillSmallTables(db);
  await fillRuns(db);
  await fillStates(db);
  await fillEvents(db);
  const { log, artifact, artifact_collection, flow_run_input } = db.tables;
  await db.insertMany(
    log,
    rows(ROWS, (i) => ({
      id: the('log', i),
      name: 'n',
      level: 10 * (1 + (i % 5)),
      message: `message ${i}`,
      timestamp: at(i),
      flow_run_id: the('flow_run', Math.floor(i / 4)),
      task_run_id: the('task_run', Math.floor(i / 2)),
    })),
  );
  const made = (i: number) => ({
    type: i % 4 === 0 ? 'markdown' : 'result',
    created: at(i),
    updated: at(i),
    flow_run_id: the('flow_run', Math.floor(i / 4)),
    task_run_id: the('task_run', i),
  });
  await db.insertMany(
    artifact,
    rows(ROWS, (i) => ({ id: the('artifact', i), key: i % 4 === 0 ? `key-${i % 2000}` : null, ...made(i) })),
  );
  await db.insertMany(
    artifact_collection,
    rows(500, (i) => ({ key: `key-${i * 4}`, latest_id: the('artifact', i * 4), ...made(i * 4) })),
  );
  await db.insertMany(
    flow_run_input,
    rows(ROWS, (i) => ({
      key: `key-${i % 4}`,
      value: 'v',
      flow_run_id: the('flow_run', Math.floor(i / 4)),
    })),
  );
}

async function fillSmallTables(db: Database): Promise<void> {
  const { flow, deployment, work_pool, work_queue, variable, saved_search } = db.tables;
  const pools = rows(5, (i) => ({ id: idOf(0xa, i), name: `pool-${i}`, type: 'process' }));
  await db.insertMany(work_pool, pools);
  const queues = rows(20, (i) => ({
    id: idOf(0xb, i),
    name: `queue-${i}`,
    work_pool_id: pools[i % 5]!.id,
    priority: 1 + Math.floor(i / 5),
  }));
  await db.insertMany(work_queue, queues);
  await db.insertMany(
    flow,
    rows(200, (i) => ({ id: the('flow', i), name: `flow ${i}`, tags: tagsOf(i) })),
  );
  await db.insertMany(
    deployment,
    rows(400, (i) => ({
      id: the('deployment', i),
      name: `deployment ${i}`,
      flow_id: the('flow', i % 200),
      work_queue_id: queues[i % 20]!.id,
      work_queue_name: queues[i % 20]!.name,
      tags: tagsOf(i),
    })),
  );
  await db.insertMany(
    variable,
    rows(100, (i) => ({ name: `variable-${i}`, value: new JsonText('1'), tags: tagsOf(i) })),
  );
  await db.insertMany(
    saved_search,
    rows(50, (i) => ({ name: `search ${i}` })),
  );
}

async function fillRuns(db: Database): Promise<void> {
  const { flow_run, task_run } = db.tables;
  await db.insertMany(
    flow_run,
    rows(ROWS, (i) => ({
      ...run(i),
      id: the('flow_run', i),
      flow_id: the('flow', i % 200),
      deployment_id: the('deployment', i % 400),
      work_queue_id: idOf(0xb, i % 20),
      work_queue_name: `queue-${i % 20}`,
      idempotency_key: `key-${i}`,
      auto_scheduled: i % 2 === 0,
      flow_version: `version-${i % 300}`,
      tags: tagsOf(i),
      created_by: i % 3 === 0 ? { id: the('deployment', i % 400), type: 'SCHEDULE' } : null,
    })),
  );
  await db.insertMany(
    task_run,
    rows(ROWS, (i) => ({
      ...run(i),
      id: the('task_run', i),
      flow_run_id: the('flow_run', Math.floor(i / 4)),
      task_key: 'key',
      dynamic_key: String(i),
      tags: tagsOf(i),
    })),
  );
  // Every tenth run is a subflow.
  await db.execute(
    sql`update flow_run set parent_task_run_id = (select task_run.id from task_run where task_run.name = flow_run.name) where name like '%7'`,
  );
}

async function fillStates(db: Database): Promise<void> {
  const { flow_run_state, task_run_state } = db.tables;
  const state = (i: number) => ({
    type: STATE_TYPES[i % 9]!,
    name: `State ${i % 9}`,
    timestamp: at(i * 30),
  });
  await db.insertMany(
    flow_run_state,
    rows(ROWS, (i) => ({ ...state(i), id: the('state', i), flow_run_id: the('flow_run', i) })),
  );
  await db.insertMany(
    task_run_state,
    rows(ROWS, (i) => ({ ...state(i), task_run_id: the('task_run', i) })),
  );
  for (const run of ['flow_run', 'task_run'].map(sql.raw)) {
    await db.execute(
      sql`update ${run} set state_id = (select id from ${run}_state where ${run}_state.${run}_id = ${run}.id)`,
    );
  }
}

async function fillEvents(db: Database): Promise<void> {
  const { events, event_resources } = db.tables;
  const resource = (i: number) => ({ 'prefect.resource.id': `prefect.flow-run.${the('flow_run', i)}` });
  await db.insertMany(
    events,
    rows(ROWS, (i) => ({
      id: the('event', i),
      occurred: at(i * 60),
      received: at(i * 60),
      recorded: at(i * 60),
      updated: at(i * 60),
      event: `prefect.flow-run.${STATE_TYPES[i % 9]}`,
      resource_id: resource(Math.floor(i / 4))['prefect.resource.id'],
      resource: resource(Math.floor(i / 4)),
      related: [],
      related_resource_ids: [],
      payload: new JsonText('{}'),
      follows: null,
    })),
  );
  await db.insertMany(
    event_resources,
    rows(ROWS, (i) => ({
      occurred: at(i * 60),
      resource_id: resource(Math.floor(i / 4))['prefect.resource.id'],
      resource_role: '',
      resource: resource(Math.floor(i / 4)),
      event_id: the('event', i),
    })),
  );
}
