import { randomUUID } from 'node:crypto';
import { count, eq } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/open.ts';
import { createArtifact, readLatestArtifact } from '../../src/entities/artifact.ts';
import { insertEvents } from '../../src/entities/event/event.ts';
import { createFlow } from '../../src/entities/flow.ts';
import { readFlowRun } from '../../src/entities/flow-run/flow-run.ts';
import { createLogs } from '../../src/entities/log.ts';
import { createFlowRun } from '../../src/orchestration/create-flow-run.ts';
import { createTaskRun } from '../../src/orchestration/create-task-run.ts';
import { eventVacuum, flowRunVacuum, orphanVacuum } from '../../src/services/db-vacuum.ts';
import { addSeconds, now } from '../../src/time/timestamp.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { settingsWith, turn } from './stage.ts';

let own: TestDatabase;
let flowId: string;
beforeAll(async () => {
  own = await createTestDatabase();
  flowId = (await createFlow(own.db, { name: 'flow' })).id;
});
afterAll(() => own.dispose());

const DAY = 86_400;
const daysAgo = (days: number) => addSeconds(now(), -days * DAY);
const VACUUM = 'PREFECT_SERVER_SERVICES_DB_VACUUM';
const small = { [`${VACUUM}_BATCH_SIZE`]: '3' };

async function rowsOf(table: PgTable): Promise<number> {
  const [row] = await own.db.orm.select({ count: count() }).from(table);
  return row!.count;
}

async function runEnded(days: number, more: Partial<Parameters<typeof createFlowRun>[1]> = {}) {
  const { flow_run } = own.db.tables;
  const { id } = await createFlowRun(own.db, { flow_id: flowId, state: { type: 'COMPLETED' }, ...more });
  await own.db.orm
    .update(flow_run)
    .set({ end_time: daysAgo(days) })
    .where(eq(flow_run.id, id));
  return id;
}

const task = (flowRunId: string, key: string) =>
  createTaskRun(own.db, {
    flow_run_id: flowRunId,
    task_key: key,
    dynamic_key: '0',
    state: { type: 'COMPLETED' },
  });

const logOf = (flow_run_id: string) => ({
  name: 'l',
  level: 20,
  message: 'm',
  timestamp: now(),
  flow_run_id,
  task_run_id: null,
});

const artifactOf = (flow_run_id: string | null, key: string) => ({
  key,
  type: 'markdown',
  data: null,
  metadata_: null,
  description: key,
  flow_run_id,
  task_run_id: null,
});

test('events: by the general retention, and sooner by name', async () => {
  const { events, event_resources } = own.db.tables;
  await own.db.orm.delete(events);
  await own.db.orm.delete(event_resources);
  const make = (event: string, days: number) => ({
    event,
    occurred: daysAgo(days),
    resource: { 'prefect.resource.id': `r.${days}` },
    related: [{ 'prefect.resource.id': 'other', 'prefect.resource.role': 'x' }],
  });
  const old = Array.from({ length: 8 }, () => make('thing', 11));
  await insertEvents(own.db, [...old, make('thing', 9), make('beat', 3), make('beat', 1)]);
  const env = {
    ...small,
    PREFECT_SERVER_EVENTS_RETENTION_PERIOD: String(10 * DAY),
    [`${VACUUM}_EVENT_RETENTION_OVERRIDES`]: JSON.stringify({ beat: 2 * DAY, thing: 90 * DAY }),
  };
  await turn(eventVacuum, own.db, { env });
  const left = await own.db.orm.select().from(events);
  expect(left.map(({ event, resource_id }) => `${event} ${resource_id}`).sort()).toEqual([
    'beat r.1',
    'thing r.9',
  ]);
  expect(await rowsOf(event_resources)).toBe(4);
});

test('flow runs that ended long ago go, with all that is theirs; others stay', async () => {
  const { flow_run, task_run, log, artifact, task_run_state } = own.db.tables;
  const old = await runEnded(100);
  const called = await runEnded(100, { parent_task_run_id: (await task(old, 'a')).id });
  await task(called, 'b');
  const more = await Promise.all([1, 2, 3, 4].map(() => runEnded(95)));
  const young = await runEnded(80);
  const running = await createFlowRun(own.db, { flow_id: flowId, state: { type: 'RUNNING' } });
  const kept = await task(young, 'c');
  await createLogs(own.db, [...Array.from({ length: 7 }, () => logOf(old)), logOf(more[0]!), logOf(young)]);
  await createArtifact(own.db, artifactOf(old, 'k'));
  await turn(flowRunVacuum, own.db, { env: small });

  const left = (await own.db.orm.select().from(flow_run)).map(({ id }) => id).sort();
  expect(left).toEqual([young, running.id].sort());
  expect((await own.db.orm.select().from(task_run)).map(({ id }) => id)).toEqual([kept.id]);
  expect(await rowsOf(task_run_state)).toBe(1);
  expect((await own.db.orm.select().from(log)).map((row) => row.flow_run_id)).toEqual([young]);
  expect(await rowsOf(artifact)).toBe(0);
});

test('a run with many task runs goes too, some of them at a time', async () => {
  const { task_run } = own.db.tables;
  const id = await runEnded(200);
  const rows = Array.from({ length: 2300 }, (_, i) => ({
    flow_run_id: id,
    name: `t${i}`,
    task_key: 't',
    dynamic_key: String(i),
    task_inputs: {},
  }));
  await own.db.insertMany(task_run, rows as never[]);
  const deletes: string[] = [];
  const db = await openDatabase(own.target, {
    onStatement: (text) => /^delete from "task_run"/.test(text) && deletes.push(text),
  });
  await turn(flowRunVacuum, db).finally(() => db.close());
  expect(deletes).toHaveLength(4);
  expect(await readFlowRun(own.db, id)).toBeUndefined();
  expect(await own.db.orm.select().from(task_run).where(eq(task_run.flow_run_id, id))).toEqual([]);
});

test('orphans: logs, artifacts and collections whose flow run is gone', async () => {
  const { log, artifact } = own.db.tables;
  await own.db.orm.delete(log);
  const here = await runEnded(1);
  const gone = Array.from({ length: 5 }, () => randomUUID());
  await createLogs(own.db, [...gone, ...gone, here].map(logOf));
  await createArtifact(own.db, artifactOf(here, 'both'));
  await createArtifact(own.db, artifactOf(gone[0]!, 'both'));
  await createArtifact(own.db, artifactOf(gone[1]!, 'lost'));
  await createArtifact(own.db, artifactOf(null, 'free'));
  await turn(orphanVacuum, own.db, { env: small });
  expect((await own.db.orm.select().from(log)).map((row) => row.flow_run_id)).toEqual([here]);
  expect((await own.db.orm.select().from(artifact)).map(({ key }) => key).sort()).toEqual(['both', 'free']);
  expect((await readLatestArtifact(own.db, 'both'))?.flow_run_id).toBe(here);
  expect(await readLatestArtifact(own.db, 'lost')).toBeUndefined();
});

test('what is switched on is what the setting names', () => {
  const on = (value?: string) =>
    [eventVacuum, flowRunVacuum, orphanVacuum].map((service) =>
      service.enabled(settingsWith(value === undefined ? {} : { [`${VACUUM}_ENABLED`]: value })),
    );
  expect(on()).toEqual([true, false, false]);
  expect(on('flow_runs')).toEqual([false, true, true]);
  expect(on('true')).toEqual([true, true, true]);
  expect(on('false')).toEqual([true, false, false]);
  const persister = { PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED: 'false' };
  expect(eventVacuum.enabled(settingsWith(persister))).toBe(false);
});
