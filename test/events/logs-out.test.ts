import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Log } from '../../src/entities/log.ts';
import { now } from '../../src/time/timestamp.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { Client, type Stage, serve } from './stage.ts';

const ON = {
  PREFECT_SERVER_LOGS_STREAM_OUT_ENABLED: 'true',
  PREFECT_SERVER_LOGS_STREAM_PUBLISHING_ENABLED: 'true',
};

let own: TestDatabase;
let stage: Stage;
beforeAll(async () => {
  own = await createTestDatabase();
  stage = await serve(own.db, ON);
});
afterAll(async () => {
  await stage.close();
  await own.dispose();
});

const logOf = (message: string, more: Partial<Log> = {}) => ({
  name: 'l',
  level: 20,
  message,
  timestamp: now(),
  flow_run_id: null,
  task_run_id: null,
  ...more,
});

async function listen(filter: Record<string, unknown>, url = stage.url): Promise<Client> {
  const client = await new Client(`${url}/logs/out`).enter();
  client.send({ type: 'filter', filter });
  // Answered after the frame before it has been read.
  await client.ping();
  return client;
}

const post = async (logs: object[], url = stage.url) => {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/logs/`, { method: 'POST', headers, body: JSON.stringify(logs) });
  expect(response.status).toBe(201);
};

const messagesOf = (client: Client) =>
  client.received.map((frame) => (frame as { log: Log }).log.message).sort();

describe('a listener', () => {
  test('gets what is written from now on, as the API answers it', async () => {
    const run = randomUUID();
    await post([logOf('before', { flow_run_id: run })]);
    const client = await listen({ flow_run_id: { any_: [run] } });
    await post([logOf('other', { flow_run_id: randomUUID() }), logOf('mine', { flow_run_id: run })]);
    await client.until(1);
    const found = await fetch(`${stage.url}/logs/filter`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ logs: { flow_run_id: { any_: [run] } } }),
    });
    const [, stored] = (await found.json()) as Log[];
    expect(client.received).toEqual([{ type: 'log', log: stored }]);
    client.ws.close();
  });

  test('is told of what its filter lets through', async () => {
    const run = randomUUID();
    const task = randomUUID();
    const base = { flow_run_id: run };
    const ofRun = { flow_run_id: { any_: [run] } };
    const [loud, quiet, ofTask, ofNoTask, later] = await Promise.all([
      listen({ ...ofRun, level: { ge_: 30 } }),
      listen({ ...ofRun, level: { le_: 20 } }),
      listen({ ...ofRun, task_run_id: { any_: [task] } }),
      listen({ ...ofRun, task_run_id: { is_null_: true } }),
      listen({ ...ofRun, timestamp: { after_: '2999-01-01T00:00:00Z' } }),
    ]);
    const end = logOf('end', { ...base, level: 30, timestamp: '2999-06-01T00:00:00.000000Z' });
    await post([
      logOf('info', base),
      logOf('error', { ...base, level: 40 }),
      logOf('task', { ...base, task_run_id: task }),
    ]);
    await post([end, { ...end, level: 20, task_run_id: task }]);
    await Promise.all([loud.until(2), quiet.until(3), ofTask.until(2), ofNoTask.until(3), later.until(2)]);
    expect(messagesOf(loud)).toEqual(['end', 'error']);
    expect(messagesOf(quiet)).toEqual(['end', 'info', 'task']);
    expect(messagesOf(ofTask)).toEqual(['end', 'task']);
    expect(messagesOf(ofNoTask)).toEqual(['end', 'error', 'info']);
    expect(messagesOf(later)).toEqual(['end', 'end']);
    for (const client of [loud, quiet, ofTask, ofNoTask, later]) client.ws.close();
  });

  test('that asks for something else is sent away', async () => {
    for (const [frame, reason] of [
      [{ type: 'log' }, "Expected 'filter' message"],
      [{ type: 'filter', filter: { level: { ge_: 'high' } } }, /^Invalid filter: level\.ge_/],
    ] as const) {
      const client = await new Client(`${stage.url}/logs/out`).enter();
      client.send(frame);
      expect(await client.closed).toMatchObject({ code: 1002, reason: expect.stringMatching(reason) });
    }
  });
});

test('with its settings off, as they are, the socket takes a filter and says nothing', async () => {
  const silent = await serve(own.db);
  const client = await listen({}, silent.url);
  await post([logOf('unheard')], silent.url);
  await client.ping();
  expect(client.received).toEqual([]);
  client.ws.close();
  await silent.close();
});
