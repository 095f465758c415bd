import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { openDatabase } from '../../src/db/open.ts';
import type { ReceivedEvent } from '../../src/entities/event/event.ts';
import { InvalidTaskRunEvent, taskRunOfEvent } from '../../src/entities/task-run/event.ts';
import { recordTaskRuns } from '../../src/entities/task-run/recorder.ts';
import { JsonText } from '../../src/json/json.ts';
import { addSeconds, now } from '../../src/time/timestamp.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { makeEvent, makeFlowRun, taskRunEvents } from './make.ts';

let own: TestDatabase;
let db: Database;
let flowRunId: string;
beforeAll(async () => {
  own = await createTestDatabase();
  db = own.db;
  flowRunId = await makeFlowRun(db);
});
afterAll(() => own.dispose());

const record = (events: ReceivedEvent[], on: Database = db) =>
  on.transaction(() => recordTaskRuns(on, events.map(taskRunOfEvent)));

async function stored(id: string) {
  const { task_run, task_run_state } = db.tables;
  const [run] = await db.orm.select().from(task_run).where(eq(task_run.id, id));
  const states = await db.orm
    .select()
    .from(task_run_state)
    .where(eq(task_run_state.task_run_id, id))
    .orderBy(task_run_state.timestamp);
  const times = { created: '', updated: '' };
  return { run: run && { ...run, ...times }, states: states.map((state) => ({ ...state, ...times })) };
}

describe('a task run', () => {
  test('is what its last state says, with every state beside it', async () => {
    const id = randomUUID();
    const events = taskRunEvents({ id, flowRunId, began: '2026-11-21T10:00:00.000001Z' });
    await record(events);
    const { run, states } = await stored(id);
    expect(run).toMatchObject({
      name: 'add-1',
      flow_run_id: flowRunId,
      state_id: events[3]!.id,
      state_type: 'COMPLETED',
      state_name: 'Completed',
      state_timestamp: '2026-11-21T10:00:00.750001Z',
      run_count: 3,
      flow_run_run_count: 1,
      expected_start_time: '2026-11-21T10:00:00.000001Z',
      start_time: '2026-11-21T10:00:00.250001Z',
      end_time: '2026-11-21T10:00:00.750001Z',
      next_scheduled_start_time: null,
      total_run_time: 0.3,
      tags: ['a', 'ß'],
      labels: { n: 1 },
      task_inputs: { x: [{ input_type: 'task_run', id: '01a1fdc0-be20-7e21-87b2-1d45fbfd49be' }], y: [] },
      empirical_policy: { max_retries: 0, retries: 2, retry_delay: [1, 2], retry_jitter_factor: null },
    });
    expect(states.map(({ id: state, name }) => [state, name])).toEqual(
      events.map((event, i) => [event.id, ['Pending', 'Running', 'Retrying', 'Completed'][i]]),
    );
    const { state_details, data, message } = states[3]!;
    expect(state_details).toMatchObject({
      task_run_id: id,
      flow_run_id: flowRunId,
      retriable: true,
      deferred: false,
    });
    expect(JSON.parse(data!.text)).toEqual({ type: 'reference', expiration: null });
    expect(message).toBe('now Completed');
    expect(states[0]!.data).toBeNull();
  });

  test('comes out the same from any order of its events, any repeats and any batches', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
        fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 10, maxLength: 10 }),
        async (order, repeats, sizes) => {
          const [plain, mixed] = [randomUUID(), randomUUID()];
          const began = now();
          const inOrder = taskRunEvents({ id: plain, flowRunId, began });
          const events = taskRunEvents({ id: mixed, flowRunId, began });
          await record(inOrder);
          const sent = [...order, ...repeats].map((i) => events[i]!);
          for (const size of sizes) await record(sent.splice(0, size));
          const rename = (text: string) =>
            [plain, ...inOrder.map(({ id }) => id)].reduce(
              (renamed, id, i) => renamed.replaceAll(id, [mixed, ...events.map((event) => event.id)][i]!),
              text,
            );
          expect(JSON.stringify(await stored(mixed))).toBe(rename(JSON.stringify(await stored(plain))));
        },
      ),
      { numRuns: 30 },
    );
  });

  test('keeps the id it has, when an event gives its key another one', async () => {
    const [first, second] = [randomUUID(), randomUUID()];
    const began = now();
    await record(taskRunEvents({ id: first, flowRunId, dynamicKey: first, began }).slice(0, 2));
    const later = taskRunEvents({ id: second, flowRunId, dynamicKey: first, began: addSeconds(began, 5) });
    await record(later);
    const { run, states } = await stored(first);
    expect(run!.state_id).toBe(later[3]!.id);
    expect(states.length).toBe(6);
    expect(states.at(-1)!.state_details).toMatchObject({ task_run_id: first });
    expect((await stored(second)).run).toBeUndefined();
  });

  test('has one id in a batch that gives its key two', async () => {
    const [first, second] = [randomUUID(), randomUUID()];
    const began = now();
    const early = taskRunEvents({ id: first, flowRunId, dynamicKey: first, began });
    const late = taskRunEvents({ id: second, flowRunId, dynamicKey: first, began: addSeconds(began, 5) });
    await record([...late, ...early]);
    expect((await stored(first)).states.length).toBe(8);
    expect((await stored(second)).run).toBeUndefined();
  });

  test('needs no flow run', async () => {
    const id = randomUUID();
    await record(taskRunEvents({ id, flowRunId: null }));
    expect((await stored(id)).run).toMatchObject({ flow_run_id: null, state_type: 'COMPLETED' });
  });

  test('keeps what an event does not speak of', async () => {
    const id = randomUUID();
    const [pending, running] = taskRunEvents({ id, flowRunId });
    await record([pending!]);
    const payload = running!.payload.parse() as { task_run: Record<string, unknown> };
    for (const name of ['tags', 'labels', 'task_inputs', 'name']) delete payload.task_run[name];
    await record([{ ...running!, payload: JsonText.of(payload) }]);
    expect((await stored(id)).run).toMatchObject({ name: 'add-1', tags: ['a', 'ß'], state_name: 'Running' });
  });

  test('that REST has made without a state takes that of the first event', async () => {
    const id = randomUUID();
    const { task_run } = db.tables;
    await db.orm
      .insert(task_run)
      .values({ id, name: 'x', task_key: 'add-abc', dynamic_key: id, flow_run_id: flowRunId });
    await record(taskRunEvents({ id, flowRunId }).slice(0, 1));
    expect((await stored(id)).run).toMatchObject({ name: 'add-1', state_type: 'PENDING' });
  });
});

test('numbers in inputs, labels and data stay as they were sent', async () => {
  const id = randomUUID();
  const [event] = taskRunEvents({ id, flowRunId });
  const text = event!.payload.text
    .replace('"labels":{"n":1}', '"labels":{"n":1.0}')
    .replace('"data":null', '"data":{"v":1.0,"big":12345678901234567890123}')
    .replace('"y":[]', '"y":[{"input_type":"constant","type":"float","v":2.50}]');
  await record([{ ...event!, payload: new JsonText(text) }]);
  const { run, states } = await stored(id);
  expect(states[0]!.data!.text.replaceAll(' ', '')).toContain('1.0');
  expect(states[0]!.data!.text).toContain('12345678901234567890123');
  expect(JsonText.of(run!.labels).text.replaceAll(' ', '')).toBe('{"n":1.0}');
  expect(JsonText.of(run!.task_inputs).text).toContain('2.50');
});

test('those without their flow run are given back, and the others recorded', async () => {
  const [id, orphan] = [randomUUID(), randomUUID()];
  const orphans = taskRunEvents({ id: orphan, flowRunId: randomUUID() });
  const refused = await record([...orphans, ...taskRunEvents({ id, flowRunId })]);
  expect(refused.map(({ eventId }) => eventId).sort()).toEqual(orphans.map((event) => event.id).sort());
  expect((await stored(id)).states.length).toBe(4);
  expect((await stored(orphan)).run).toBeUndefined();
});

test('the number of statements does not depend on how many there are', async () => {
  let statements = 0;
  const counted = await openDatabase(own.target, { onStatement: () => statements++ });
  const count = async (runs: number) => {
    statements = 0;
    await record(
      Array.from({ length: runs }, () => taskRunEvents({ id: randomUUID(), flowRunId })).flat(),
      counted,
    );
    return statements;
  };
  try {
    const few = await count(1);
    expect(await count(60)).toBe(few);
    expect(few).toBeLessThanOrEqual(4);
  } finally {
    await counted.close();
  }
});

describe('an event that is no task run', () => {
  const [good] = taskRunEvents({ id: randomUUID(), flowRunId: randomUUID() });
  const payload = () => good!.payload.parse() as Record<string, Record<string, unknown>>;
  const cases: [string, () => ReceivedEvent][] = [
    ['no payload', () => ({ ...good!, payload: new JsonText('{}') })],
    [
      'an unknown state',
      () => withPayload((all) => Object.assign(all['validated_state']!, { type: 'LOST' })),
    ],
    ['no task key', () => withPayload((all) => delete all['task_run']!['task_key'])],
    ['a count that is none', () => withPayload((all) => Object.assign(all['task_run']!, { run_count: 'x' }))],
    [
      'a count out of range',
      () => withPayload((all) => Object.assign(all['task_run']!, { run_count: 2 ** 40 })),
    ],
    [
      'another resource',
      () => makeEvent({ ...good!, resource: { 'prefect.resource.id': 'prefect.task-run.x' } }),
    ],
  ];
  const withPayload = (change: (all: Record<string, Record<string, unknown>>) => unknown): ReceivedEvent => {
    const all = payload();
    change(all);
    return { ...good!, payload: JsonText.of(all) };
  };
  test.each(cases)('%s', (_name, make) => {
    expect(() => taskRunOfEvent(make())).toThrow(InvalidTaskRunEvent);
  });
});
