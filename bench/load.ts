import { randomUUID } from 'node:crypto';
import autocannon from 'autocannon';
import WebSocket from 'ws';
import type { Operation, Seed } from './operations.ts';
import type { Running } from './servers.ts';

export interface Measured {
  /** Per second; for events, events per second. */
  rate: number;
  /** Milliseconds. */
  median: number;
  p99: number;
  /** Answers that weren't 2xx, and connections that broke. */
  failed: number;
}

export async function seed({ url }: Running, runs: number): Promise<Seed> {
  const post = async (path: string, body: unknown) => {
    const answer = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as { id: string };
  };
  const { id: flowId } = await post('/flows/', { name: 'bench' });
  const runIds: string[] = [];
  for (let i = 0; i < runs; i++) {
    const state = { type: 'PENDING', name: 'Pending' };
    runIds.push(
      (await post('/flow_runs/', { flow_id: flowId, name: `seed-${i}`, state, parameters: { i } })).id,
    );
  }
  const variables = {
    type: 'object',
    properties: {
      command: { type: 'string' },
      env: { type: 'object', additionalProperties: { type: 'string' }, default: {} },
    },
  };
  const work_pool_name = `bench-${randomUUID()}`;
  await post('/work_pools/', {
    name: work_pool_name,
    type: 'process',
    base_job_template: { job_configuration: { command: '{{ command }}' }, variables },
  });
  const { id: deploymentId } = await post('/deployments/', {
    name: 'bench',
    flow_id: flowId,
    work_pool_name,
    parameters: { y: 'two' },
    parameter_openapi_schema: {
      type: 'object',
      properties: { x: { type: 'integer' }, y: { type: 'string' } },
      required: ['x'],
    },
  });
  const limitName = `bench-${randomUUID()}`;
  await post('/v2/concurrency_limits/', { name: limitName, limit: 2_000_000_000 });
  return { flowId, runIds, deploymentId, limitName };
}

export async function measure(
  server: Running,
  operation: Operation,
  given: Seed,
  connections: number,
  seconds: number,
): Promise<Measured> {
  const request = () => ({
    method: operation.method,
    path: new URL(server.url).pathname + operation.path(given),
    headers: { 'content-type': 'application/json' },
    body: operation.body && JSON.stringify(operation.body(given)),
  });
  const result = await autocannon({
    url: server.url,
    connections,
    duration: seconds,
    requests: Array.from({ length: operation.spread ? 50 : 1 }, request),
  });
  return {
    rate: result['2xx'] / result.duration,
    median: result.latency.p50,
    p99: result.latency.p99,
    failed: result.non2xx + result.errors,
  };
}

/** Sends events over one socket a connection and waits for the pong after the last: all of them are recorded then. */
export async function measureEvents(server: Running, connections: number, events: number): Promise<Measured> {
  const each = Math.ceil(events / connections);
  const sockets = await Promise.all(Array.from({ length: connections }, () => connect(server)));
  const began = performance.now();
  const times = await Promise.all(sockets.map((socket) => stream(socket, each)));
  const elapsed = (performance.now() - began) / 1000;
  for (const socket of sockets) socket.terminate();
  times.sort((a, b) => a - b);
  return {
    rate: (each * connections) / elapsed,
    median: times[times.length >> 1]!,
    p99: times.at(-1)!,
    failed: 0,
  };
}

function connect(server: Running): Promise<WebSocket> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/events/in`, 'prefect', {
    // Deflating would be most of the work, and the limit doesn't offer it.
    perMessageDeflate: false,
  });
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => socket.send('{"type":"auth","token":null}'));
    socket.once('message', () => resolve(socket));
  });
}

function stream(socket: WebSocket, count: number): Promise<number> {
  const began = performance.now();
  for (let i = 0; i < count; i++) {
    socket.send(
      JSON.stringify({
        id: randomUUID(),
        occurred: new Date().toISOString(),
        event: 'bench.event',
        resource: { 'prefect.resource.id': `bench.${i % 100}`, 'prefect.resource.name': 'bench' },
        related: [],
        payload: { i },
      }),
    );
  }
  return new Promise((resolve, reject) => {
    socket.once('pong', () => resolve(performance.now() - began));
    socket.once('close', (code) => reject(new Error(`the socket was closed with ${code}`)));
    socket.ping();
  });
}
