import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Socket } from '../../src/events/socket.ts';
import { WorkerChannel } from '../../src/events/workers/worker-channel.ts';
import { now } from '../../src/time/timestamp.ts';
import { type Api, startApi } from '../api/client.ts';
import { Client, type Stage, serve } from './stage.ts';

let api: Api;
let stage: Stage;
beforeAll(async () => {
  api = await startApi();
  stage = await serve(api.db);
  await api.post('/work_pools/', { name: 'pool', type: 'process', concurrency_limit: 2 });
});
afterAll(async () => {
  await stage.close();
  await api.close();
});

const consumer_id = randomUUID();
const frame = (type: string, payload: object) => ({
  type,
  id: randomUUID(),
  sent_at: '2026-01-01T00:00:00Z',
  payload,
});
const hello = (more: object = {}) =>
  frame('worker.hello.v1', {
    consumer_id,
    worker_name: 'w',
    worker_type: 'process',
    heartbeat_interval_seconds: 30,
    supported_channel_versions: ['work_pool_worker_channel.v1'],
    requested_capabilities: ['worker_heartbeat.v1', 'work_pool_snapshot.v1', 'cleanup_delivery.v1'],
    handled_cleanup_kinds: ['cancelling_timeout_teardown.v1'],
    max_cleanup_concurrency: 1,
    ...more,
  });
const beat = (more: object = {}) =>
  frame('worker.heartbeat.v1', {
    consumer_id,
    worker_name: 'w',
    heartbeat_interval_seconds: 12,
    ...more,
  });

const connect = (pool = 'pool'): Promise<Client> =>
  new Client(`${stage.url}/work_pools/${pool}/workers/connect`).enter();
const greeted = async (pool = 'pool', more = {}): Promise<Client> => {
  const client = await connect(pool);
  client.send(hello(more));
  await client.until(1);
  return client;
};
const workersOf = async (pool = 'pool') =>
  (await api.post(`/work_pools/${pool}/workers/filter`)).body as Record<string, unknown>[];

test('a worker that sends faster than it is seen to waits with the rest', async () => {
  let reads = true;
  const pause = () => {
    reads = false;
  };
  const resume = () => {
    reads = true;
  };
  const socket = { isOpen: false, pause, resume } as unknown as Socket;
  const { db } = api;
  new WorkerChannel(socket, 'pool', { db, log: {}, frames: {}, cleanups: {} } as never);
  for (let i = 0; i < 19; i++) socket.onText('{}', 2);
  expect(reads).toBe(true);
  for (let i = 0; i < 10; i++) socket.onText('{}', 2);
  expect(reads).toBe(false);
  await vi.waitUntil(() => reads);
});

test('a worker says who it is, and hears how its pool is', async () => {
  const client = await greeted();
  const pool = (await api.ask('GET', '/work_pools/pool')).body as Record<string, unknown>;
  expect(pool).toMatchObject({ status: 'READY' });
  expect(client.received[0]).toMatchObject({
    type: 'worker.ready.v1',
    payload: {
      consumer_id,
      selected_channel_version: 'work_pool_worker_channel.v1',
      effective_heartbeat_interval_seconds: 30,
      accepted_capabilities: ['worker_heartbeat.v1', 'work_pool_snapshot.v1', 'cleanup_delivery.v1'],
      rejected_capabilities: [],
      effective_max_cleanup_concurrency: 1,
      resolved_work_queues: [{ id: pool['default_queue_id'], name: 'default' }],
      initial_snapshot: { snapshot_sequence: 1, reason: 'initial', work_pool: pool },
    },
  });
  expect(await workersOf()).toMatchObject([{ name: 'w', status: 'ONLINE', heartbeat_interval_seconds: 30 }]);
  client.send(beat());
  await client.ping();
  await expect.poll(async () => (await workersOf())[0]?.['heartbeat_interval_seconds']).toBe(12);
  client.ws.close();
});

test('a change of the pool is told at once, several in one frame', async () => {
  await api.post('/work_pools/', { name: 'changing', type: 'process' });
  const client = await greeted('changing');
  const patch = (body: object) => {
    const request = {
      method: 'PATCH',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    };
    return fetch(`${stage.url}/work_pools/changing`, request);
  };
  await Promise.all([patch({ concurrency_limit: 7 }), patch({ is_paused: true })]);
  // A slow machine may be told of each by itself.
  const newest = () => client.received.at(-1);
  await expect.poll(newest, { timeout: 5000 }).toMatchObject({
    type: 'work_pool.snapshot.v1',
    payload: {
      reason: 'work_pool_updated',
      work_pool: { concurrency_limit: 7, is_paused: true, status: 'PAUSED' },
    },
  });
  const told = client.received.length;
  await patch({ description: 'nothing to a worker' });
  client.send(beat());
  await client.until(told + 1);
  expect(client.received[told]).toMatchObject({ payload: { reason: 'heartbeat_reconciliation' } });
  await fetch(`${stage.url}/work_pools/changing`, { method: 'DELETE' });
  expect(await client.closed).toEqual({ code: 1008, reason: 'authorization_failed' });
});

test('what another server does to the pool is told soon, before the next heartbeat', async () => {
  const { id } = (await api.post('/work_pools/', { name: 'elsewhere', type: 'process' })).body as {
    id: string;
  };
  const client = await greeted('elsewhere');
  const { work_pool } = api.db.tables;
  // No server of this process knows of these.
  const change = (values: object) =>
    api.db.orm
      .update(work_pool)
      .set({ ...values, updated: now() })
      .where(eq(work_pool.id, id));
  await change({ description: 'nothing to a worker' });
  await change({ concurrency_limit: 9 });
  await client.until(2);
  expect(client.received[1]).toMatchObject({
    type: 'work_pool.snapshot.v1',
    payload: { snapshot_sequence: 2, reason: 'work_pool_updated', work_pool: { concurrency_limit: 9 } },
  });
  await api.db.orm.delete(work_pool).where(eq(work_pool.id, id));
  expect(await client.closed).toEqual({ code: 1008, reason: 'authorization_failed' });
});

const template = {
  job_configuration: { command: '{{ command }}' },
  variables: { type: 'object', properties: { command: { type: 'string' } } },
};

test('a worker may bring its pool along, or the template that the pool has not', async () => {
  const bringing = { create_pool_if_not_found: true, default_base_job_template: template };
  const clients = await Promise.all([greeted('brought', bringing), greeted('brought', bringing)]);
  expect((await api.ask('GET', '/work_pools/brought')).body).toMatchObject({
    type: 'process',
    base_job_template: template,
  });
  await api.post('/work_pools/', { name: 'bare', type: 'process' });
  clients.push(await greeted('bare', { default_base_job_template: template }));
  expect((await api.ask('GET', '/work_pools/bare')).body).toMatchObject({ base_job_template: template });
  for (const client of clients) client.ws.close();
});

const refusals: [string, string, object, number, string][] = [
  ['a pool that there is not', 'nobody', hello(), 1008, 'authorization_failed'],
  ['a reserved name', 'prefect-x', hello({ create_pool_if_not_found: true }), 1008, 'authorization_failed'],
  ['a queue that there is not', 'pool', hello({ work_queue_names: ['x'] }), 1008, 'authorization_failed'],
  ['another version', 'pool', hello({ supported_channel_versions: ['v9'] }), 1008, 'unsupported_version'],
  [
    'no snapshots',
    'pool',
    hello({ requested_capabilities: ['worker_heartbeat.v1'] }),
    1002,
    'protocol_error',
  ],
  ['a heartbeat first', 'pool', beat(), 1002, 'protocol_error'],
  ['a worker without a name', 'pool', hello({ worker_name: '' }), 1002, 'protocol_error'],
  [
    'a template that is none',
    'new',
    hello({ create_pool_if_not_found: true, default_base_job_template: { a: 1 } }),
    1002,
    'protocol_error',
  ],
];
test.each(refusals)('refused: %s', async (_what, pool, first, code, reason) => {
  const client = await connect(pool);
  client.send(first);
  expect(await client.closed).toEqual({ code, reason });
});

test('later frames are of this worker', async () => {
  const client = await greeted();
  client.send(beat({ worker_name: 'another' }));
  expect(await client.closed).toEqual({ code: 1002, reason: 'protocol_error' });
});

test('only who speaks the protocol gets in, and knows why not otherwise', async () => {
  const url = `${stage.url}/work_pools/pool/workers/connect`;
  await expect(new Client(url, []).open()).rejects.toThrow('403');
  const guarded = await serve(api.db, { PREFECT_SERVER_API_AUTH_STRING: 'admin:secret' });
  const client = await new Client(`${guarded.url}/work_pools/pool/workers/connect`).open();
  client.send({ type: 'auth', token: 'wrong' });
  expect(await client.closed).toEqual({ code: 1008, reason: 'authentication_failed' });
  await guarded.close();
});
