import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { addSeconds, now } from '../../src/time/timestamp.ts';
import { targetOf } from '../databases.ts';
import type { Seed } from '../operations.ts';
import type { Running } from '../servers.ts';
import { openSink } from './sink.ts';

const DUE_RUNS = 20;
const TASKS = 1_000;
const ATTEMPTS = 10;

type Post = (path: string, body: unknown) => Promise<{ id: string }>;

function poster({ url }: Running): Post {
  const once = (path: string, body: unknown) =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  return async (path, body) => {
    for (let attempt = 1; ; attempt++) {
      const answer = await once(path, body);
      if (answer.ok) return (await answer.json()) as { id: string };
      // As the client does it: Prefect's SQLite is busy now and then.
      if (answer.status !== 503 || attempt === ATTEMPTS)
        throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      await sleep(attempt * 200);
    }
  };
}

/** What the operations need, made through the server as a client makes it; `runs` are as many as there are to choose from. */
export async function seedRequests(server: Running, databaseUrl: string, runs: number): Promise<Seed> {
  const post = poster(server);
  const { id: flowId } = await post('/flows/', { name: 'bench' });
  const runIds: string[] = [];
  for (let i = 0; i < runs; i++) {
    const state = { type: 'PENDING', name: 'Pending' };
    const run = { flow_id: flowId, name: `seed-${i}`, state, parameters: { i } };
    runIds.push((await post('/flow_runs/', run)).id);
  }
  const { id: deploymentId } = await seedDeployment(post, flowId);
  const polled = await seedDeployment(post, flowId);
  for (let i = 0; i < DUE_RUNS; i++)
    await post(`/deployments/${polled.id}/create_flow_run`, { parameters: { x: i } });
  const limitName = `bench-${randomUUID()}`;
  await post('/v2/concurrency_limits/', { name: limitName, limit: 2_000_000_000 });
  await seedTaskRuns(databaseUrl, runIds[0]!);
  return { flowId, runIds, deploymentId, poolName: polled.poolName, limitName, graphId: runIds[0]! };
}

async function seedDeployment(post: Post, flow_id: string): Promise<{ id: string; poolName: string }> {
  const variables = {
    type: 'object',
    properties: {
      command: { type: 'string' },
      env: { type: 'object', additionalProperties: { type: 'string' }, default: {} },
    },
  };
  const poolName = `bench-${randomUUID()}`;
  await post('/work_pools/', {
    name: poolName,
    type: 'process',
    base_job_template: { job_configuration: { command: '{{ command }}' }, variables },
  });
  const { id } = await post('/deployments/', {
    ...{ name: poolName, flow_id, work_pool_name: poolName, parameters: { y: 'two' } },
    parameter_openapi_schema: {
      type: 'object',
      properties: { x: { type: 'integer' }, y: { type: 'string' } },
      required: ['x'],
    },
  });
  return { id, poolName };
}

/** Past the server: a client sends them as events. */
async function seedTaskRuns(databaseUrl: string, flow_run_id: string): Promise<void> {
  const start = now();
  const ids = Array.from({ length: TASKS }, () => randomUUID());
  const rows = ids.map((id, i) => ({
    ...{ id, created: start, updated: start, name: `task-${i}`, task_key: 'task', dynamic_key: String(i) },
    ...{ flow_run_id, flow_run_run_count: 1, state_type: 'COMPLETED' as const, state_name: 'Completed' },
    ...{ expected_start_time: start, start_time: addSeconds(start, i), end_time: addSeconds(start, i + 1) },
    task_inputs: i === 0 ? {} : { x: [{ input_type: 'task_run', id: ids[(i - 1) >> 1] }] },
  }));
  const sink = await openSink(targetOf(databaseUrl), []);
  await sink.add('task_run', rows as never);
  await sink.finish();
}
