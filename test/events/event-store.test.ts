import { randomUUID } from 'node:crypto';
import { eq, inArray, sql } from 'drizzle-orm';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { openDatabase } from '../../src/db/open.ts';
import { insertEvents, onEventsCommitted, type ReceivedEvent } from '../../src/entities/event/event.ts';
import { taskRunOfEvent } from '../../src/entities/task-run/event.ts';
import { EventFanOut } from '../../src/events/event-fan-out.ts';
import { EventStore } from '../../src/events/event-store.ts';
import { LateTaskRuns } from '../../src/events/late-task-runs.ts';
import { JsonText } from '../../src/json/json.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { makeEvent, makeFlowRun, taskRunEvents } from './make.ts';

let own: TestDatabase;
let db: Database;
let store: EventStore;
let logged: Record<string, unknown>[];
const log = pino({}, { write: (line: string) => void logged.push(JSON.parse(line)) });
beforeEach(async () => {
  own = await createTestDatabase();
  db = own.db;
  logged = [];
  store = new EventStore(db, log);
});
afterEach(async () => {
  await store.close();
  await own.dispose();
});

const storedEvents = async (events: ReceivedEvent[]) => {
  const { id } = db.tables.events;
  const rows = await db.orm
    .select({ id })
    .from(db.tables.events)
    .where(
      inArray(
        id,
        events.map((event) => event.id),
      ),
    );
  return rows.length;
};
const runOf = async (id: string) =>
  (await db.orm.select().from(db.tables.task_run).where(eq(db.tables.task_run.id, id)))[0];

test('listeners hear of new events after the commit, once, in order, and of nothing that is rolled back', async () => {
  const heard: string[][] = [];
  const end = onEventsCommitted(db, (events) => heard.push(events.map(({ id }) => id)));
  const [a, b, c] = [makeEvent(), makeEvent(), makeEvent()];
  await db.transaction(async () => {
    await insertEvents(db, [a!, b!, a!]);
    expect(heard).toEqual([]);
  });
  await store.write([b!, c!]);
  await store.write([a!, b!, c!]);
  await db
    .transaction(() => insertEvents(db, [makeEvent()]).then(() => Promise.reject(new Error('no'))))
    .catch(() => {});
  end();
  await store.write([makeEvent()]);
  expect(heard).toEqual([[a!.id, b!.id], [c!.id]]);
});

test('events are written in two statements, however many there are', async () => {
  let statements = 0;
  const counted = await openDatabase(own.target, { onStatement: () => statements++ });
  const related = [{ 'prefect.resource.id': 'r', 'prefect.resource.role': 'x' }];
  for (const many of [1, 300]) {
    statements = 0;
    const events = Array.from({ length: many }, () => makeEvent({ related }));
    await counted.transaction(() => insertEvents(counted, events));
    expect(statements).toBe(2);
  }
  await counted.close();
});

test('one event that the database cannot hold costs no other one, and is told of', async () => {
  const flowRunId = await makeFlowRun(db);
  const id = randomUUID();
  const bad = makeEvent({ follows: 'no uuid' });
  // SQLite would take anything for a uuid: there a trigger plays the part of the refusal.
  if (db.dialect.name === 'sqlite') {
    await db.execute(
      sql.raw(
        `create trigger refuse before insert on events when new.id = '${bad.id}' begin select raise(abort, 'refused'); end`,
      ),
    );
  }
  const good = [...Array.from({ length: 20 }, () => makeEvent()), ...taskRunEvents({ id, flowRunId })];
  await store.write([...good.slice(0, 13), bad, ...good.slice(13)]);
  expect(await storedEvents(good)).toBe(good.length);
  expect(await storedEvents([bad])).toBe(0);
  expect(await runOf(id)).toMatchObject({ state_type: 'COMPLETED' });
  expect(logged).toContainEqual(
    expect.objectContaining({ level: 50, event_id: bad.id, msg: 'an event is dropped' }),
  );
});

test('a task run that the database refuses leaves its event, and the others', async () => {
  const flowRunId = await makeFlowRun(db);
  const [good, bad] = [randomUUID(), randomUUID()];
  const poison = taskRunEvents({ id: bad, flowRunId }).map((event) => {
    const payload = event.payload.parse() as { task_run: Record<string, unknown> };
    payload.task_run['task_key'] = 'poison';
    return { ...event, payload: JsonText.of(payload) };
  });
  await refusePoison(db);
  const goods = taskRunEvents({ id: good, flowRunId });
  await store.write([goods[0]!, ...poison, ...goods.slice(1)]);
  expect(await runOf(good)).toMatchObject({ state_type: 'COMPLETED' });
  expect(await storedEvents([...goods, ...poison])).toBe(8);
  expect(await runOf(bad)).toBeUndefined();
});

async function refusePoison({ dialect, execute }: Database): Promise<void> {
  const statement =
    dialect.name === 'sqlite'
      ? `create trigger refuse before insert on task_run when new.task_key = 'poison' begin select raise(abort, 'refused'); end`
      : `alter table task_run add constraint refuse check (task_key <> 'poison')`;
  await execute(sql.raw(statement));
}

test('servers that write the same events at the same time come to the same', async () => {
  const flowRunId = await makeFlowRun(db);
  const ids = Array.from({ length: 12 }, () => randomUUID());
  const events = ids.flatMap((id) => taskRunEvents({ id, flowRunId }));
  const others = await Promise.all([1, 2, 3].map(() => openDatabase(own.target)));
  const stores = others.map((other) => new EventStore(other, log));
  await Promise.all(
    stores.flatMap((each, i) =>
      [0, 1, 2].map((j) => each.write(events.filter((_, k) => (k * (i + 2)) % 3 !== j))),
    ),
  );
  for (const each of stores) await each.close();
  expect(await storedEvents(events)).toBe(48);
  const { task_run, task_run_state, event_resources } = db.tables;
  const runs = await db.orm.select().from(task_run);
  expect(runs.map(({ id }) => id).sort()).toEqual(ids.toSorted());
  expect(new Set(runs.map((run) => `${run.state_type} ${run.run_count}`))).toEqual(new Set(['COMPLETED 3']));
  expect(await db.orm.select({ id: task_run_state.id }).from(task_run_state)).toHaveLength(48);
  expect(await db.orm.select({ id: event_resources.id }).from(event_resources)).toHaveLength(96);
  for (const other of others) await other.close();
});

test('a task run whose flow run comes later is recorded later', async () => {
  const flowRunId = randomUUID();
  const id = randomUUID();
  await store.write(taskRunEvents({ id, flowRunId }));
  expect(await runOf(id)).toBeUndefined();
  const { flow, flow_run } = db.tables;
  const [row] = await db.orm.insert(flow).values({ name: 'late' }).returning({ id: flow.id });
  await db.orm.insert(flow_run).values({ id: flowRunId, flow_id: row!.id, name: 'late' });
  await expect.poll(() => runOf(id), { timeout: 5000 }).toMatchObject({ state_type: 'COMPLETED' });
});

test('a task run whose flow run never comes is dropped with an error', async () => {
  const late = new LateTaskRuns(db, log, [0.01, 0.02, 0.03]);
  const [event] = taskRunEvents({ id: randomUUID(), flowRunId: randomUUID() });
  late.add([taskRunOfEvent(event!)]);
  await expect.poll(() => logged.length, { timeout: 5000 }).toBe(1);
  expect(logged[0]).toMatchObject({ level: 50, event_id: event!.id });
  expect(logged[0]!['msg']).toMatch(/^a task run is not recorded/);
});

test('a store that closes makes a last attempt at once', async () => {
  const late = new LateTaskRuns(db, log, [60]);
  const [event] = taskRunEvents({ id: randomUUID(), flowRunId: randomUUID() });
  late.add([taskRunOfEvent(event!)]);
  await late.close();
  expect(logged).toHaveLength(1);
});

test('a task run that the database refuses is dropped with what the database said', async () => {
  const late = new LateTaskRuns(db, log, [0.01]);
  const [event] = taskRunEvents({ id: randomUUID(), flowRunId: null });
  const record = taskRunOfEvent(event!);
  late.add([{ ...record, columns: { ...record.columns, name: null as never } }]);
  await expect.poll(() => logged.length, { timeout: 5000 }).toBe(1);
  expect(logged[0]).toMatchObject({ level: 50, err: { message: expect.stringMatching(/not.null/i) } });
});

test('a task run that came late does not wait for one that has waited for long', async () => {
  const late = new LateTaskRuns(db, log, [0.01, 60]);
  const [orphan] = taskRunEvents({ id: randomUUID(), flowRunId: randomUUID() });
  late.add([taskRunOfEvent(orphan!)]);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const id = randomUUID();
  late.add([taskRunOfEvent(taskRunEvents({ id, flowRunId: null })[0]!)]);
  await expect.poll(() => runOf(id), { timeout: 5000 }).toMatchObject({ state_type: 'PENDING' });
  await late.close();
});

test('a listener that fails spoils neither the commit nor what the others hear', async () => {
  const fanOut = new EventFanOut(db, log);
  const heard: string[] = [];
  const event = makeEvent();
  await fanOut.add({
    criteria: [],
    deliver: () => {
      throw new Error('no');
    },
  });
  await fanOut.add({ criteria: [], deliver: ({ id }) => void heard.push(id) });
  await store.write([event]);
  await fanOut.close();
  expect(heard).toEqual([event.id]);
  expect(await storedEvents([event])).toBe(1);
  expect(logged).toMatchObject([{ level: 50, event_id: event.id }]);
});
