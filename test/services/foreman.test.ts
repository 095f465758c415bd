import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { foreman } from '../../src/services/foreman.ts';
import type { Timestamp } from '../../src/time/timestamp.ts';
import { addSeconds, now } from '../../src/time/timestamp.ts';
import { type Api, startApi } from '../api/client.ts';
import { turn } from './stage.ts';

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const ago = (seconds: number): Timestamp => addSeconds(now(), -seconds);
const pools = async (name: string) =>
  (await api.ask('GET', `/work_pools/${name}`)).body as { id: string; status: string };
const workersOf = async (name: string) =>
  (await api.post(`/work_pools/${name}/workers/filter`)).body as { name: string; status: string }[];
const eventsOf = async (kind: string, id: string): Promise<string[]> => {
  const rows = await api.db.orm.select().from(api.db.tables.events).orderBy(api.db.tables.events.occurred);
  return rows.filter((row) => row.resource_id === `prefect.${kind}.${id}`).map((row) => row.event);
};
const beat = (pool: string, name: string, heartbeat_interval_seconds?: number) =>
  api.post(`/work_pools/${pool}/workers/heartbeat`, { name, heartbeat_interval_seconds });

/** As if the worker had last been heard of then. */
async function silent(name: string, seconds: number): Promise<void> {
  const { worker } = api.db.tables;
  const rows = await api.db.orm.select().from(worker);
  for (const row of rows.filter((one) => one.name === name)) {
    await api.db.orm
      .update(worker)
      .set({ last_heartbeat_time: ago(seconds) })
      .where(eq(worker.id, row.id));
  }
}

test('workers that are silent for three of their heartbeats go offline, and the pool with the last of them', async () => {
  await api.post('/work_pools/', { name: 'p', type: 'process' });
  await beat('p', 'often', 5);
  await beat('p', 'seldom', 100);
  await beat('p', 'never-said');
  await silent('often', 16);
  await silent('seldom', 299);
  await silent('never-said', 89);
  await turn(foreman, api.db);
  const statuses = async () =>
    Object.fromEntries((await workersOf('p')).map(({ name, status }) => [name, status]));
  expect(await statuses()).toEqual({ often: 'OFFLINE', seldom: 'ONLINE', 'never-said': 'ONLINE' });
  expect((await pools('p')).status).toBe('READY');
  await silent('seldom', 301);
  await silent('never-said', 91);
  await turn(foreman, api.db);
  await turn(foreman, api.db);
  expect(await statuses()).toEqual({ often: 'OFFLINE', seldom: 'OFFLINE', 'never-said': 'OFFLINE' });
  const { id, status } = await pools('p');
  expect(status).toBe('NOT_READY');
  await beat('p', 'often', 5);
  expect((await pools('p')).status).toBe('READY');
  expect(await eventsOf('work-pool', id)).toEqual([
    'prefect.work-pool.created',
    'prefect.work-pool.not-ready',
    'prefect.work-pool.ready',
    'prefect.work-pool.not-ready',
    'prefect.work-pool.ready',
  ]);
});

test('how long is a setting', async () => {
  await api.post('/work_pools/', { name: 'patient', type: 'process' });
  await beat('patient', 'said', 10);
  await beat('patient', 'unsaid');
  await silent('said', 45);
  await silent('unsaid', 45);
  const env = {
    PREFECT_SERVER_SERVICES_FOREMAN_INACTIVITY_HEARTBEAT_MULTIPLE: '5',
    PREFECT_SERVER_SERVICES_FOREMAN_FALLBACK_HEARTBEAT_INTERVAL_SECONDS: '8',
  };
  await turn(foreman, api.db, { env });
  expect((await workersOf('patient')).map(({ name, status }) => `${name} ${status}`).sort()).toEqual([
    'said ONLINE',
    'unsaid OFFLINE',
  ]);
});

test('a paused pool stays paused, whatever its workers do', async () => {
  await api.post('/work_pools/', { name: 'paused', type: 'process' });
  await beat('paused', 'w', 1);
  await api.ask('PATCH', '/work_pools/paused', { is_paused: true });
  await silent('w', 60);
  await turn(foreman, api.db);
  await beat('paused', 'w', 1);
  expect((await pools('paused')).status).toBe('PAUSED');
});

test('queues and deployments that nobody polls are not ready any more', async () => {
  const { db } = api;
  const { deployment, work_queue } = db.tables;
  await api.post('/work_pools/', { name: 'polled', type: 'process' });
  const flow = (await api.post('/flows/', { name: 'f' })).body as { id: string };
  const made = (await api.post('/deployments/', { name: 'd', flow_id: flow.id, work_pool_name: 'polled' }))
    .body as {
    id: string;
    work_queue_id: string;
  };
  const updatedOf = async () => (await db.orm.select().from(deployment))[0]!;
  const before = (await updatedOf()).updated;
  await api.post('/work_pools/polled/get_scheduled_flow_runs', {});
  const status = async () => [
    ((await api.ask('GET', `/deployments/${made.id}`)).body as { status: string }).status,
    ((await api.ask('GET', `/work_queues/${made.work_queue_id}`)).body as { status: string }).status,
  ];
  expect(await status()).toEqual(['READY', 'READY']);
  await turn(foreman, db);
  expect(await status()).toEqual(['READY', 'READY']);
  // The deployment alone is forgotten: its queue was polled not long ago, and so it stays.
  await db.orm.update(deployment).set({ last_polled: ago(70), updated: before });
  await turn(foreman, db);
  expect(await status()).toEqual(['READY', 'READY']);
  const ofQueue = eq(work_queue.id, made.work_queue_id);
  const [queue] = await db.orm.select().from(work_queue).where(ofQueue);
  expect((await updatedOf()).last_polled).toBe(queue!.last_polled);
  expect((await updatedOf()).updated).toBe(before);
  await db.orm.update(deployment).set({ last_polled: ago(70), updated: before });
  await db.orm
    .update(work_queue)
    .set({ last_polled: ago(61) })
    .where(ofQueue);
  await turn(foreman, db);
  await turn(foreman, db);
  expect(await status()).toEqual(['NOT_READY', 'NOT_READY']);
  expect((await updatedOf()).updated).toBe(before);
  expect(await eventsOf('deployment', made.id)).toEqual([
    'prefect.deployment.created',
    'prefect.deployment.ready',
    'prefect.deployment.not-ready',
  ]);
  expect(await eventsOf('work-queue', made.work_queue_id)).toEqual([
    'prefect.work-queue.created',
    'prefect.work-queue.ready',
    'prefect.work-queue.not-ready',
  ]);
  await api.post('/work_pools/polled/get_scheduled_flow_runs', {});
  expect(await status()).toEqual(['READY', 'READY']);
});
