import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { insertEvents, type ReceivedEvent } from '../../src/entities/event/event.ts';
import { JsonText, stringifyJson } from '../../src/json/json.ts';
import { addSeconds, now } from '../../src/time/timestamp.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { makeEvent } from './make.ts';
import { Client, type Stage, serve } from './stage.ts';

let own: TestDatabase;
let db: Database;
let stage: Stage;
beforeAll(async () => {
  own = await createTestDatabase();
  db = own.db;
  stage = await serve(db);
});
afterAll(async () => {
  await stage.close();
  await own.dispose();
});

const write = (events: ReceivedEvent[]) => db.transaction(() => insertEvents(db, events));
const FUTURE = addSeconds(now(), 86_400);

async function listen(filter: Record<string, unknown>, more: object = {}): Promise<Client> {
  const client = await new Client(`${stage.url}/events/out`).enter();
  client.send({
    type: 'filter',
    filter: { occurred: { since: addSeconds(now(), -3600), until: FUTURE }, ...filter },
    ...more,
  });
  return client;
}

const idsOf = (client: Client) =>
  client.received.map((message) => (message as { event: ReceivedEvent }).event.id);

/** Resolves when the listener has told the past and everything written up to now. */
async function settled(client: Client, name: string): Promise<void> {
  const last = makeEvent({ event: name });
  const poll = setInterval(() => void write([{ ...last, id: randomUUID(), occurred: now() }]), 20);
  const before = client.received.length;
  await client.until(before + 1);
  clearInterval(poll);
}

test('the past comes first, oldest first, then what is new, each once', async () => {
  const name = `past.${randomUUID()}`;
  const moment = now();
  const past = Array.from({ length: 620 }, (_, i) =>
    makeEvent({ event: name, occurred: addSeconds(moment, -i / 100) }),
  );
  await write(past);
  const client = await listen({ event: { name: [name] } });
  // Written while the past is being told.
  const during: ReceivedEvent[] = [];
  while (client.received.length < 620) {
    const event = makeEvent({ event: name });
    during.push(event);
    await write([event]);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const after = makeEvent({ event: name });
  await write([after]);
  await client.until(620 + during.length + 1);
  const ids = idsOf(client);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.slice(0, 620)).toEqual(past.toReversed().map(({ id }) => id));
  expect(ids.slice(620)).toEqual([...during, after].map(({ id }) => id));
  expect(client.received[0]).toMatchObject({
    type: 'event',
    event: { event: name, follows: null, payload: {} },
  });
  client.ws.close();
});

test('nothing falls between the past and the new', async () => {
  const name = `between.${randomUUID()}`;
  const between = makeEvent({ event: name });
  // Written after the past was read and before the listener goes on.
  const watched: Database = Object.create(db, {
    longRead: {
      value: async <T>(work: () => Promise<T>): Promise<T> => {
        const result = await db.longRead(work);
        await db.transaction(() => insertEvents(watched, [between]));
        return result;
      },
    },
  });
  const own = await serve(watched);
  const client = await new Client(`${own.url}/events/out`).enter();
  client.send({ type: 'filter', filter: { event: { name: [name] }, occurred: { until: FUTURE } } });
  await client.until(1);
  expect(idsOf(client)).toEqual([between.id]);
  await own.close();
});

test('an event is sent as it was received', async () => {
  const name = `exact.${randomUUID()}`;
  const client = await new Client(`${stage.url}/events/out`).enter();
  const texts: string[] = [];
  client.ws.on('message', (data) => texts.push(String(data)));
  client.send({ type: 'filter', filter: { event: { name: [name] }, occurred: { until: FUTURE } } });
  await new Promise((resolve) => setTimeout(resolve, 100));
  const event = makeEvent({ event: name, payload: new JsonText('{"n":1.0,"big":12345678901234567890}') });
  await write([event]);
  await client.until(1);
  expect(texts).toEqual([`{"type":"event","event":${stringifyJson(event)}}`]);
  expect(Object.keys(JSON.parse(texts[0]!).event)).toEqual([
    'occurred',
    'event',
    'resource',
    'related',
    'payload',
    'id',
    'follows',
    'received',
  ]);
  client.ws.close();
});

test('only what the filter lets through comes, and only from a transaction that commits', async () => {
  const name = `only.${randomUUID()}`;
  const client = await listen(
    { event: { name: [name] }, related: { id: ['r.1'], role: ['owner'] } },
    { backfill: false },
  );
  await new Promise((resolve) => setTimeout(resolve, 100));
  const wanted = makeEvent({
    event: name,
    related: [{ 'prefect.resource.id': 'r.1', 'prefect.resource.role': 'owner' }],
  });
  await expect(
    db.transaction(async () => {
      await insertEvents(db, [{ ...wanted, id: randomUUID() }]);
      throw new Error('rolled back');
    }),
  ).rejects.toThrow('rolled back');
  await write([makeEvent({ event: name }), { ...wanted, id: randomUUID(), event: 'other' }, wanted]);
  await client.until(1);
  expect(idsOf(client)).toEqual([wanted.id]);
  client.ws.close();
});

test.each([false, null])('without the past (%s), there is only what is new', async (backfill) => {
  const name = `new.${randomUUID()}`;
  await write([makeEvent({ event: name })]);
  const client = await listen({ event: { name: [name] } }, { backfill });
  await new Promise((resolve) => setTimeout(resolve, 100));
  const event = makeEvent({ event: name });
  await write([event]);
  await client.until(1);
  expect(idsOf(client)).toEqual([event.id]);
  client.ws.close();
});

test('the past reaches back fifteen minutes, no more', async () => {
  const name = `far.${randomUUID()}`;
  const [far, near] = [-1000, -800].map((seconds) =>
    makeEvent({ event: name, occurred: addSeconds(now(), seconds) }),
  );
  await write([far!, near!]);
  const client = await listen({ event: { name: [name] } });
  await client.until(1);
  await settled(client, name);
  expect(idsOf(client)[0]).toBe(near!.id);
  expect(idsOf(client)).not.toContain(far!.id);
  client.ws.close();
});

test('where streaming is switched off, the past is told and nothing more', async () => {
  const quiet = await serve(db, { PREFECT_SERVER_EVENTS_STREAM_OUT_ENABLED: 'false' });
  try {
    const name = `quiet.${randomUUID()}`;
    const past = makeEvent({ event: name });
    await write([past]);
    const client = await new Client(`${quiet.url}/events/out`).enter();
    client.send({ type: 'filter', filter: { event: { name: [name] }, occurred: { until: FUTURE } } });
    await client.until(1);
    await write([makeEvent({ event: name })]);
    await client.ping();
    expect(idsOf(client)).toEqual([past.id]);
    client.ws.close();
  } finally {
    await quiet.close();
  }
});

describe('a first message that is no filter', () => {
  test.each([
    ['{"type":"x"}', "Expected 'filter' message"],
    ['{}', "Expected 'filter' message"],
    ['null', "Expected 'filter' message"],
    ['{', "Expected a JSON object of the type 'filter'"],
    ['{"type":"filter","filter":{"zzz":1}}', 'Invalid filter: zzz: Extra inputs are not permitted'],
    ['{"type":"filter"}', 'Invalid filter: frame: Field required'],
    [`{"type":"filter","filter":{"order":"${'é'.repeat(300)}"}}`, /^Invalid filter: order: /],
  ])('closes the socket: %s', async (message, reason) => {
    const client = await new Client(`${stage.url}/events/out`).enter();
    client.send(message);
    const closed = await client.closed;
    expect(closed.code).toBe(1002);
    if (typeof reason === 'string') expect(closed.reason).toBe(reason);
    else expect(closed.reason).toMatch(reason);
  });
});

test('a listener who does not read is hung up on, and others are not held up', async () => {
  const name = `slow.${randomUUID()}`;
  const slow = await listen({ event: { name: [name] } }, { backfill: false });
  const quick = await listen({ event: { name: [name] } }, { backfill: false });
  await new Promise((resolve) => setTimeout(resolve, 100));
  (slow.ws as unknown as { _socket: Socket })._socket.pause();
  const payload = JsonText.of({ text: 'x'.repeat(400_000) });
  for (let i = 0; i < 80; i++) {
    await write([makeEvent({ event: name, payload })]);
    await quick.until(i + 1);
  }
  (slow.ws as unknown as { _socket: Socket })._socket.resume();
  expect(await slow.closed).toEqual({ code: 1013, reason: expect.stringContaining('connect again') });
  expect(slow.received.length).toBeLessThan(80);
  quick.ws.close();
}, 60_000);
