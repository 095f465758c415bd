import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import type { Engine, Statement } from '../../src/db/engine.ts';
import { deleteOldEventResources, deleteOldEvents } from '../../src/entities/old-rows/events.ts';
import { deleteOldFlowRuns } from '../../src/entities/old-rows/flow-runs.ts';
import { deleteLeftovers, orphanedFlowRuns } from '../../src/entities/old-rows/leftovers.ts';
import * as runs from '../../src/entities/run/unattended-runs.ts';
import { JsonText } from '../../src/json/json.ts';
import { addSeconds } from '../../src/time/timestamp.ts';
import { createMigratedTarget, dialect } from '../support/database.ts';
import type { EmptyTarget } from '../support/engine.ts';
import { openNoting } from '../support/noting.ts';

const ROWS = 20_000;
const BEGAN = '2026-01-01T00:00:00.000000Z';
const uuid = (kind: number, i: number) => `${kind}0000000-0000-4000-8000-${i.toString(16).padStart(12, '0')}`;

let own: EmptyTarget;
let engine: Engine;
let db: Database;
let sent: Statement[];

beforeAll(async () => {
  own = await createMigratedTarget();
  ({ db, engine, sent } = await openNoting(own.target));
  await fill();
});
afterAll(async () => {
  await db.close();
  await own.dispose();
});

/** A server's year: nearly all runs are over; some wait for their time, which has come for few. */
async function fill(): Promise<void> {
  const { flow, flow_run, flow_run_state, task_run, log, events, event_resources } = db.tables;
  const all = Array.from({ length: ROWS }, (_, i) => i);
  await db.insertMany(flow, [{ id: uuid(1, 0), name: 'flow' }]);
  await db.insertMany(flow_run, all.map(flowRun));
  await db.insertMany(
    flow_run_state,
    all.map((i) => ({
      id: uuid(4, i),
      flow_run_id: uuid(2, i),
      type: 'COMPLETED' as const,
      name: 'Completed',
    })),
  );
  const stateId = sql.raw(
    dialect === 'sqlite' ? "'4' || substr(id, 2)" : "('4' || substr(id::text, 2))::uuid",
  );
  await db.execute(sql`update flow_run set state_id = ${stateId}`);
  const tasks = all.map((i) => ({
    id: uuid(3, i),
    name: 't',
    flow_run_id: uuid(2, i),
    task_key: 'k',
    dynamic_key: String(i),
    state_type: i % 500 === 0 ? ('RUNNING' as const) : ('COMPLETED' as const),
  }));
  await db.insertMany(task_run, tasks);
  const line = { name: 'n', level: 20, message: 'm', timestamp: BEGAN };
  await db.insertMany(
    log,
    all.map((i) => ({ ...line, id: uuid(6, i), flow_run_id: uuid(2, i) })),
  );
  await db.insertMany(events, all.map(event) as never[]);
  const resource = { resource_id: 'r', resource_role: '', resource: {} };
  const resources = all.map((i) => ({
    ...resource,
    id: uuid(8, i),
    event_id: uuid(7, i),
    occurred: addSeconds(BEGAN, i),
  }));
  await db.insertMany(event_resources, resources as never[]);
  if (dialect === 'postgres') await db.execute(sql`analyze`);
}

function flowRun(i: number) {
  const rare = i % 1000 === 0;
  const waits = i % 5 === 0;
  const type = rare
    ? (['PAUSED', 'CANCELLING', 'CANCELLED'] as const)[i % 3]!
    : waits
      ? 'SCHEDULED'
      : 'COMPLETED';
  const time = addSeconds(BEGAN, i * 60);
  return {
    id: uuid(2, i),
    flow_id: uuid(1, 0),
    name: 'run',
    state_type: type as 'SCHEDULED',
    state_name: waits ? 'Scheduled' : 'Completed',
    state_timestamp: time,
    next_scheduled_start_time: waits && !rare ? time : null,
    end_time: waits ? null : time,
    parent_task_run_id: null,
  };
}

function event(i: number) {
  const moment = addSeconds(BEGAN, i);
  const name = i % 10 === 0 ? 'beat' : 'thing';
  const empty = { resource: {}, related: [], related_resource_ids: [], payload: JsonText.of(null) };
  return {
    ...empty,
    id: uuid(7, i),
    event: name,
    resource_id: 'r',
    occurred: moment,
    received: moment,
    recorded: moment,
  };
}

async function drain(pages: AsyncIterable<unknown[]>): Promise<void> {
  for await (const _ of pages);
}

async function planOf(work: () => Promise<unknown>): Promise<string> {
  sent.length = 0;
  await work();
  const plans: string[] = [];
  for (const { sql: text, params } of [...sent]) {
    const explain = { sql: `${dialect === 'sqlite' ? 'explain query plan' : 'explain'} ${text}`, params };
    const lines = await engine.run(explain, 'object', false);
    plans.push([text, ...lines.map((line) => Object.values(line as object).at(-1))].join('\n'));
  }
  return plans.join('\n\n');
}

const SCAN = dialect === 'sqlite' ? /^SCAN (?!json_each)(?!.* USING)/m : /Seq Scan on (?!flow\b)/;
const SORT = dialect === 'sqlite' ? /USE TEMP B-TREE FOR ORDER BY/ : /Sort .*rows=\d{4,}/;

/** Found by their state, which no index has together with the id: what is sorted are the few that have not ended. */
const SORTS_FEW = ['paused', 'stuck', 'task runs of cancelled', 'subflow runs'];

test.each<[string, () => Promise<unknown>]>([
  ['overdue flow runs', () => drain(runs.overdueFlowRuns(db, addSeconds(BEGAN, 60 * 100)))],
  ['paused flow runs', () => drain(runs.pausedFlowRuns(db))],
  ['flow runs that are stuck cancelling', () => drain(runs.stuckCancellingFlowRuns(db, BEGAN))],
  ['task runs of cancelled flow runs', () => drain(runs.taskRunsOfCancelledFlowRuns(db, BEGAN))],
  ['subflow runs of cancelled flow runs', () => drain(runs.subflowRunsOfCancelledFlowRuns(db))],
  ['old events', () => deleteOldEvents(db, { before: addSeconds(BEGAN, 5), limit: 3 })],
  [
    'old events of one name',
    () => deleteOldEvents(db, { event: 'beat', before: addSeconds(BEGAN, 60), limit: 3 }),
  ],
  ['old resources of events', () => deleteOldEventResources(db, addSeconds(BEGAN, 9), 3)],
  ['old flow runs', () => deleteOldFlowRuns(db, addSeconds(BEGAN, 60 * 50), 20)],
  ['logs of deleted flow runs', () => deleteLeftovers(db, 'log', [uuid(2, 7), uuid(2, 9)], 200)],
  ['a page of flow runs that logs are of', () => orphanedFlowRuns(db, 'log', uuid(2, 100), 200)],
])('%s are found by an index', async (what, work) => {
  const plan = await planOf(work);
  expect(plan).toContain('\n');
  expect(plan).not.toMatch(SCAN);
  const sortsFew = dialect === 'sqlite' && SORTS_FEW.some((words) => what.includes(words));
  if (!sortsFew) expect(plan).not.toMatch(SORT);
});
