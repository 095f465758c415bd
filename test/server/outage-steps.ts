import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { dialect } from '../support/database.ts';
import type { Outage } from '../support/outage.ts';
import { frame, OPCODE, RawSocket } from './raw-socket.ts';
import { Serving } from './serve.ts';

/** A server that notices soon that its database is gone. */
export function serveImpatiently({ target }: Outage): Promise<Serving> {
  return Serving.start(
    { target },
    {
      PREFECT_API_DATABASE_TIMEOUT: '1',
      PREFECT_API_DATABASE_CONNECTION_TIMEOUT: '1',
      PREFECT_SERVER_DATABASE_SQLALCHEMY_POOL_TIMEOUT: '1',
    },
  );
}

async function request(
  { url }: Serving,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; text: string; retryAfter?: string }> {
  const answer = await fetch(url + path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(8000),
  });
  const retryAfter = answer.headers.get('retry-after');
  return { status: answer.status, text: await answer.text(), ...(retryAfter !== null && { retryAfter }) };
}

const UNAVAILABLE = {
  status: 503,
  text: '{"exception_message":"Service Unavailable"}',
  retryAfter: '15',
};

export function outageEvent(id: string): Buffer {
  const resource = { 'prefect.resource.id': 'outage' };
  return frame(
    OPCODE.text,
    JSON.stringify({ id, occurred: new Date().toISOString(), event: 'outage', resource }),
  );
}

/** Requests are refused, what sockets have sent waits, and all goes on by itself when the database is back. */
export async function surviveOutage(server: Serving, outage: Outage): Promise<void> {
  const ask = (method: string, path: string, body?: unknown) => request(server, method, path, body);
  const createFlow = (name: string) => ask('POST', '/flows/', { name });
  const { id: flow } = JSON.parse((await createFlow('before')).text) as { id: string };
  const { id: run } = JSON.parse((await ask('POST', '/flow_runs/', { flow_id: flow })).text) as {
    id: string;
  };
  const listener = await RawSocket.authenticated(server.url, '/api/events/out');
  const always = { occurred: { since: '2020-01-01T00:00:00Z', until: '2100-01-01T00:00:00Z' } };
  listener.send(frame(OPCODE.text, JSON.stringify({ type: 'filter', filter: always })));
  const sender = await RawSocket.authenticated(server.url, '/api/events/in');
  const sent = randomUUID();
  const first = randomUUID();
  sender.send(outageEvent(first), frame(OPCODE.ping, 'safe?'));
  await sender.next(OPCODE.pong);
  while (!(await listener.next(OPCODE.text)).payload.includes(first));

  await outage.begin();
  sender.send(outageEvent(sent), frame(OPCODE.ping, 'safe?'));
  const writes = [
    createFlow('during'),
    ask('POST', `/flow_runs/${run}/set_state`, { state: { type: 'RUNNING' } }),
    ask('POST', '/logs/', [{ name: 'n', level: 20, message: 'm', timestamp: new Date().toISOString() }]),
    ask('DELETE', `/flows/${flow}`),
  ];
  expect(await Promise.all(writes)).toEqual(Array(writes.length).fill(UNAVAILABLE));
  // SQLite can be read while another process writes.
  const read = { status: dialect === 'sqlite' ? 200 : 503 };
  expect(await ask('GET', `/flows/${flow}`)).toMatchObject(read);
  expect(await ask('POST', '/flow_runs/filter', {})).toMatchObject(read);
  expect(await ask('GET', '/ready')).toMatchObject(read);
  expect(await ask('GET', '/health')).toEqual({ status: 200, text: 'true' });
  expect(sender.frames).toEqual([]);

  await outage.end();
  expect((await sender.next(OPCODE.pong)).payload.toString()).toBe('safe?');
  for (let i = 0; i < 100 && (await createFlow('after')).status === 503; i++) await sleep(50);
  expect((await createFlow('after')).status).toBe(200);
  expect((await ask('GET', `/flows/${flow}`)).status).toBe(200);
  const found = JSON.parse((await ask('POST', '/flows/filter', {})).text) as { name: string }[];
  expect(found.map(({ name }) => name).sort()).toEqual(['after', 'before']);
  const logs = await ask('POST', '/logs/filter', {});
  expect(logs).toEqual({ status: 200, text: '[]' });
  while (!(await listener.next(OPCODE.text)).payload.includes(sent));
  for (const socket of [listener, sender]) socket.end();
  expect(server.command.lines.filter(({ level }) => level === 'error' || level === 'warn')).not.toEqual([]);
  expect(server.faults.filter((fault) => fault.includes('"err"'))).toEqual([]);
  expect((await server.terminate()).code).toBe(0);
}
