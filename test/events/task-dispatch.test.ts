import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openDatabase } from '../../src/db/open.ts';
import { createTaskRun } from '../../src/orchestration/create-task-run.ts';
import { setTaskRunState } from '../../src/orchestration/set-task-run-state.ts';
import { until } from '../services/stage.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { Client, type Stage, serve } from './stage.ts';

let own: TestDatabase;
let stage: Stage;
beforeAll(async () => {
  own = await createTestDatabase();
  stage = await serve(own.db);
});
afterAll(async () => {
  await stage.close();
  await own.dispose();
});

let made = 0;
/** A background task run that waits; its id. */
async function delay(task_key: string, db = own.db): Promise<string> {
  const { id } = await createTaskRun(db, {
    task_key,
    dynamic_key: `run-${++made}`,
    state: { type: 'SCHEDULED', state_details: { deferred: true } },
  });
  return id;
}

async function subscribe(keys: string[], client_id = 'worker', url = stage.url): Promise<Client> {
  const client = await new Client(`${url}/task_runs/subscriptions/scheduled`).enter();
  client.send({ type: 'subscribe', keys, client_id });
  return client;
}

const idsOf = (client: Client): string[] => client.received.map((run) => (run as { id: string }).id);

/** Acknowledges everything as it comes. */
function work(client: Client): void {
  client.ws.on('message', () => client.send({ type: 'ack' }));
}

const queued = () => own.db.orm.select().from(own.db.tables._task_queue);
const workers = async (task_keys?: string[]): Promise<{ identifier: string; task_keys: string[] }[]> => {
  const response = await fetch(`${stage.url}/task_workers/filter`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(task_keys ? { task_worker_filter: { task_keys } } : {}),
  });
  return (await response.json()) as never;
};

test('a worker gets what waits and what comes, one after its word for the other', async () => {
  const waiting = await delay('one');
  await delay('another');
  const client = await subscribe(['one']);
  await client.until(1);
  const second = await delay('one');
  await client.ping();
  expect(idsOf(client)).toEqual([waiting]);
  expect(client.received[0]).toMatchObject({
    task_key: 'one',
    state: { type: 'SCHEDULED', state_details: { deferred: true } },
  });
  client.send({ type: 'ack' });
  await client.until(2);
  client.send({ type: 'ack' });
  await until(async () => (await queued()).every((row) => row.task_key !== 'one'));
  expect(idsOf(client)).toEqual([waiting, second]);
  client.ws.close();
});

test('what a worker took no notice of goes to the next one, before all others', async () => {
  const first = await delay('left');
  await delay('left');
  const gone = await subscribe(['left']);
  await gone.until(1);
  gone.ws.terminate();
  await until(async () => (await queued()).some((row) => row.task_run_id === first && row.is_retry));
  const next = await subscribe(['left']);
  work(next);
  await next.until(2);
  expect(idsOf(next)[0]).toBe(first);
  next.ws.close();
});

test('task runs to be tried again go first', async () => {
  const scheduled = await delay('again');
  const retried = await delay('again');
  await setTaskRunState(own.db, retried, {
    type: 'SCHEDULED',
    name: 'AwaitingRetry',
    state_details: { deferred: true },
  });
  const client = await subscribe(['again']);
  work(client);
  await client.until(2);
  expect(idsOf(client)).toEqual([retried, scheduled]);
  client.ws.close();
});

test('a task run that was cancelled meanwhile is not handed out, and one that waits for no worker not queued', async () => {
  const cancelled = await delay('cancelled');
  await setTaskRunState(own.db, cancelled, { type: 'CANCELLED' });
  const { id } = await createTaskRun(own.db, {
    task_key: 'cancelled',
    dynamic_key: 'plain',
    state: { type: 'SCHEDULED' },
  });
  const last = await delay('cancelled');
  const client = await subscribe(['cancelled']);
  await client.until(1);
  expect(idsOf(client)).toEqual([last]);
  expect((await queued()).some((row) => row.task_run_id === id)).toBe(false);
  client.ws.close();
});

test('many workers at two servers get each task run once', async () => {
  const otherDb = own.db.dialect.servesMany ? await openDatabase(own.target) : own.db;
  const other = await serve(otherDb);
  const urls = [stage.url, other.url, stage.url, other.url];
  const clients = await Promise.all(urls.map((url, i) => subscribe(['many'], `worker-${i}`, url)));
  for (const client of clients) work(client);
  const ids = await Promise.all(
    Array.from({ length: 40 }, (_, i) => delay('many', i % 2 ? otherDb : own.db)),
  );
  const got = () => clients.flatMap(idsOf);
  await until(() => got().length >= ids.length);
  await until(async () => (await queued()).every((row) => row.task_key !== 'many'));
  expect(got().toSorted()).toEqual(ids.toSorted());
  expect((await workers(['many'])).map(({ identifier }) => identifier)).toEqual([
    'worker-0',
    'worker-1',
    'worker-2',
    'worker-3',
  ]);
  for (const client of clients) client.ws.close();
  await until(async () => (await workers(['many'])).length === 0);
  await other.close();
  if (otherDb !== own.db) await otherDb.close();
});

test('what waits outlives the server', async () => {
  const before = await serve(own.db);
  const client = await subscribe(['outlives'], 'worker', before.url);
  const id = await delay('outlives');
  await client.until(1);
  // It isn't acknowledged.
  await before.close();
  const next = await subscribe(['outlives']);
  await next.until(1);
  expect(idsOf(next)).toEqual([id]);
  next.ws.close();
});

test.each([
  [{ type: 'hello' }, "Protocol violation: expected 'subscribe' message"],
  ['no json', "Protocol violation: expected 'subscribe' message"],
  [{ type: 'subscribe', client_id: 'x' }, "Protocol violation: expected 'keys' in subscribe message"],
  [{ type: 'subscribe', keys: ['a'] }, "Protocol violation: expected 'client_id' in subscribe message"],
  [
    { type: 'subscribe', keys: ['a'], client_id: 'a\0' },
    "Protocol violation: expected 'client_id' in subscribe message",
  ],
  [
    { type: 'subscribe', keys: ['\ud800'], client_id: 'a' },
    "Protocol violation: expected 'keys' in subscribe message",
  ],
  // Neither has a text: asked for one, it would end the server.
  [
    { type: 'subscribe', keys: [{ toString: 1 }], client_id: 'a' },
    "Protocol violation: expected 'keys' in subscribe message",
  ],
  [
    `{"type":"subscribe","keys":${'['.repeat(100_000)}${']'.repeat(100_000)},"client_id":"a"}`,
    "Protocol violation: expected 'keys' in subscribe message",
  ],
])('a first frame that is none is refused: %#', async (frame, reason) => {
  const client = await new Client(`${stage.url}/task_runs/subscriptions/scheduled`).enter();
  client.send(frame);
  expect(await client.closed).toEqual({ code: 4001, reason });
});

test('a worker whose name no index takes keeps nobody from being noted', async () => {
  // Of such a length that it can't be made short enough for an index of PostgreSQL.
  const name = Array.from({ length: 2000 }, () => randomUUID()).join('');
  const endless = await subscribe(['endless'], name);
  if (own.db.dialect.servesMany) {
    expect(await endless.closed).toEqual({
      code: 1011,
      reason: 'The task runs could not be read: connect again.',
    });
  }
  const other = await subscribe(['endless'], name.slice(0, 36));
  await until(async () => (await workers(['endless'])).some(({ identifier }) => identifier.length === 36));
  endless.ws.close();
  other.ws.close();
});

test('words that come early are for what comes next, which has no time to run out of then', async () => {
  const timers = vi.spyOn(globalThis, 'setTimeout');
  const deadlines = () =>
    timers.mock.calls.filter(([run]) => String(run).includes('is not acknowledged')).length;
  try {
    const ids = [await delay('twice')];
    const client = await subscribe(['twice']);
    await client.until(1);
    expect(deadlines()).toBe(1);
    ids.push(await delay('twice'), await delay('twice'));
    for (let word = 0; word < 4; word++) client.send({ type: 'ack' });
    await client.until(3);
    await client.ping();
    ids.push(await delay('twice'));
    await client.until(4);
    await until(async () => (await queued()).every(({ task_run_id }) => !ids.includes(task_run_id)));
    expect([client.ws.readyState, idsOf(client)]).toEqual([client.ws.OPEN, ids]);
    expect(deadlines()).toBe(1);
    client.ws.close();
  } finally {
    timers.mockRestore();
  }
});

test('a worker may leave, and must not say something else', async () => {
  const leaving = await subscribe(['leaving']);
  leaving.send({ type: 'quit' });
  expect((await leaving.closed).code).toBe(1000);
  const strange = await subscribe(['leaving']);
  strange.send({ type: 'nonsense' });
  expect((await strange.closed).code).toBe(4001);
});

test('a worker that leaves with its last task run has it, and is listed for a moment longer', async () => {
  const both = [await delay('last'), await delay('last')];
  const leaving = await subscribe(['last', 'another-last'], 'leaver');
  await leaving.until(1);
  const namesake = await subscribe(['another-last'], 'leaver');
  await namesake.ping();
  expect(await workers(['last'])).toMatchObject([{ identifier: 'leaver' }]);
  namesake.ws.close();
  leaving.send({ type: 'quit' });
  await leaving.closed;
  expect(await workers(['last'])).toHaveLength(1);
  const next = await subscribe(['last']);
  await next.until(1);
  expect(idsOf(next)).toEqual(both.slice(1));
  next.ws.close();
  await until(async () => (await workers(['another-last'])).length === 0);
});

test('what comes while a worker is being hung up on waits for another one', async () => {
  const strange = await subscribe(['hung-up'], 'strange');
  // It doesn't hear that it is hung up on, so that its socket stays half closed.
  strange.send({ type: 'nonsense' });
  strange.ws.pause();
  await workers();
  const id = await delay('hung-up');
  // Whatever it was offered it would have given back by now.
  for (let i = 0; i < 5; i++) await workers();
  const row = (await queued()).find((one) => one.task_run_id === id);
  expect(row).toMatchObject({ is_retry: false, claim: null });
  const next = await subscribe(['hung-up']);
  await next.until(1);
  expect(idsOf(next)).toEqual([id]);
  next.ws.close();
  strange.ws.terminate();
});
