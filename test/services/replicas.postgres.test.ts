import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Serving } from '../server/serve.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

/** How long the two are kept busy; a minute by REPLICAS_SECONDS=60. */
const SECONDS = Number(process.env['REPLICAS_SECONDS'] ?? 6);
const OFTEN = {
  PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS: '0.5',
  PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS: '0.5',
  PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS: '0.5',
  PREFECT_SERVER_SERVICES_FOREMAN_LOOP_SECONDS: '0.5',
  PREFECT_SERVER_SERVICES_REPOSSESSOR_LOOP_SECONDS: '0.5',
};

let own: TestDatabase;
let servers: Serving[];
beforeAll(async () => {
  own = await createTestDatabase();
  servers = await Promise.all([Serving.start(own, OFTEN), Serving.start(own, OFTEN)]);
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.remove()));
  await own.dispose();
});

interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what comes over the wire is looked at member by member
  body: any;
}

let turn = 0;
/** Of the one server or the other, by turns. */
async function post(path: string, body: object): Promise<Answer> {
  const { url } = servers[turn++ % servers.length]!;
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

async function made(path: string, body: object): Promise<{ id: string }> {
  const answer = await post(path, body);
  expect([200, 201], JSON.stringify(answer.body)).toContain(answer.status);
  return answer.body;
}

const end = () => performance.now() > deadline;
let deadline = 0;

test('two servers under load: no run is made or started twice, no slot given twice, no worker flaps', async () => {
  const flow = await made('/flows/', { name: 'flow' });
  await made('/work_pools/', { name: 'pool', type: 'process' });
  await made('/v2/concurrency_limits/', { name: 'three', limit: 3 });
  const schedules = [{ active: true, schedule: { interval: 3600 } }];
  const deployments = await Promise.all(
    Array.from({ length: 12 }, (_, i) =>
      made('/deployments/', { name: `d${i}`, flow_id: flow.id, work_pool_name: 'pool', schedules }),
    ),
  );
  deadline = performance.now() + SECONDS * 1000;
  const holders = Array.from({ length: 6 }, holdSlots);
  const workers = ['one', 'two', 'three'].map((name) => work(name));
  const caller = callRuns(deployments.map(({ id }) => id));
  const [taken, started, called] = await Promise.all([Promise.all(holders), Promise.all(workers), caller]);

  const most = Math.max(...taken.map((holder) => holder.most));
  expect(most).toBeLessThanOrEqual(3);
  expect(most).toBeGreaterThan(1);
  const [limit] = (await post('/v2/concurrency_limits/filter', {})).body;
  expect(limit.active_slots).toBe(0);
  const ids = started.flat();
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeGreaterThan(0);
  expect(called).toBeGreaterThan(0);
  await expectSchedulesOnce(deployments.length);
  await expectSteadyWorkers();
  expect(servers.flatMap(({ faults }) => faults)).toEqual([]);
});

let inside = 0;

async function holdSlots(): Promise<{ most: number }> {
  let most = 0;
  while (!end()) {
    const asked = { names: ['three'], slots: 1, mode: 'concurrency', lease_duration: 60 };
    const { status, body } = await post('/v2/concurrency_limits/increment-with-lease', asked);
    if (status === 200) {
      most = Math.max(most, ++inside);
      await sleep(30);
      inside--;
      const given = await post('/v2/concurrency_limits/decrement-with-lease', { lease_id: body.lease_id });
      expect(given.status).toBeLessThan(300);
    } else expect(status).toBe(423);
    await sleep(5);
  }
  return { most };
}

async function callRuns(deploymentIds: string[]): Promise<number> {
  let called = 0;
  while (!end()) {
    await made(`/deployments/${deploymentIds[called++ % deploymentIds.length]}/create_flow_run`, {});
    await sleep(50);
  }
  return called;
}

/** What a worker does; the ids of the runs that it was let to start. */
async function work(name: string): Promise<string[]> {
  const started: string[] = [];
  while (!end()) {
    const beat = await post('/work_pools/pool/workers/heartbeat', { name, heartbeat_interval_seconds: 10 });
    expect(beat.status).toBe(204);
    const { body } = await post('/work_pools/pool/get_scheduled_flow_runs', { limit: 5 });
    for (const { flow_run } of body) {
      const state = { state: { type: 'PENDING' } };
      const answer = await post(`/flow_runs/${flow_run.id}/set_state`, state);
      if (answer.body.status === 'ACCEPT') started.push(flow_run.id);
    }
    await sleep(50);
  }
  return started;
}

async function expectSchedulesOnce(deployments: number): Promise<void> {
  const { flow_run } = own.db.tables;
  const rows = await own.db.orm.select().from(flow_run);
  const scheduled = rows.filter(({ auto_scheduled }) => auto_scheduled);
  const keys = scheduled.map(
    ({ deployment_id, expected_start_time }) => `${deployment_id} ${expected_start_time}`,
  );
  expect(scheduled.length).toBeGreaterThanOrEqual(3 * deployments);
  expect(new Set(keys).size).toBe(keys.length);
}

async function expectSteadyWorkers(): Promise<void> {
  const { body } = await post('/work_pools/pool/workers/filter', {});
  expect(body.map((worker: { status: string }) => worker.status)).toEqual(['ONLINE', 'ONLINE', 'ONLINE']);
  const { events } = own.db.tables;
  const rows = await own.db.orm.select({ event: events.event }).from(events);
  const changes = rows
    .map(({ event }) => event)
    .filter((name) => /^prefect\.work-pool\.(not-)?ready$/.test(name));
  // Not ready as it was made, and ready with its first worker.
  expect(changes.sort()).toEqual(['prefect.work-pool.not-ready', 'prefect.work-pool.ready']);
}
