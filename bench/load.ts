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

export async function measure(
  server: Running,
  operation: Operation,
  given: Seed,
  connections: number,
  seconds: number,
): Promise<Measured> {
  const base = new URL(server.url).pathname;
  const headers = { 'content-type': 'application/json' };
  const request = (): autocannon.Request => ({
    method: operation.method,
    path: base + operation.path(given),
    headers,
    body: operation.body && JSON.stringify(operation.body(given)),
    ...(operation.next && {
      onResponse: (_status, body, context) => Object.assign(context, { answer: body }),
    }),
  });
  const follow = ({ path, body }: NonNullable<Operation['next']>): autocannon.Request => ({
    setupRequest: (one, context) => ({
      ...{ ...one, method: 'POST', path: base + path, headers },
      // A connection that broke has had no answer: what follows then fails, and is counted so.
      body: JSON.stringify(body(JSON.parse((context as { answer?: string }).answer ?? '{}'))),
    }),
  });
  const first = Array.from({ length: operation.spread ? 50 : 1 }, request);
  const result = await autocannon({
    url: server.url,
    connections,
    duration: seconds,
    requests: operation.next ? [...first, follow(operation.next)] : first,
  });
  return {
    rate: result['2xx'] / result.duration,
    median: result.latency.p50,
    p99: result.latency.p99,
    failed: result.non2xx + result.errors,
  };
}

/** What else the machine does comes and goes: each server has its share of it. */
export const ROUNDS = 4;

/** Measures one server after the other, in several rounds. */
export async function inTurn<Server>(
  servers: Server[],
  run: (server: Server) => Promise<Measured> | null,
): Promise<(Measured | null)[]> {
  const parts: Measured[][] = servers.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, server] of servers.entries()) {
      const part = await run(server);
      if (part) parts[i]!.push(part);
    }
  }
  return parts.map((part) => (part.length > 0 ? together(part) : null));
}

function together(parts: Measured[]): Measured {
  const middle = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;
  return {
    rate: parts.reduce((sum, { rate }) => sum + rate, 0) / parts.length,
    median: middle(parts.map(({ median }) => median)),
    p99: Math.max(...parts.map(({ p99 }) => p99)),
    failed: parts.reduce((sum, { failed }) => sum + failed, 0),
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
