import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { insertEvents, type ReceivedEvent } from '../../src/entities/event/event.ts';
import { JsonText, stringifyJson } from '../../src/json/json.ts';
import { addSeconds, now } from '../../src/time/timestamp.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { makeEvent, makeFlowRun, taskRunEvents } from './make.ts';
import { type Stage, serve } from './stage.ts';

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

interface Answer {
  status: number;
  body: { events: ReceivedEvent[]; total: number; next_page: string | null } & Record<string, unknown>;
}

async function ask(path: string, body?: unknown): Promise<Answer> {
  const text = body === undefined ? undefined : stringifyJson(body);
  const headers = { 'content-type': 'application/json' };
  const url = path.startsWith('http') ? path : stage.url + path;
  const response = await fetch(url, text === undefined ? {} : { method: 'POST', headers, body: text });
  const answer = await response.text();
  return { status: response.status, body: answer === '' ? undefined : JSON.parse(answer) };
}

const named = (name: string) => ({ filter: { event: { name: [name] } } });
const sent = (event: ReceivedEvent) => ({ ...event, received: undefined });

test('what is written can be read when the answer has come, task runs included', async () => {
  const name = `rest.${randomUUID()}`;
  const event = makeEvent({ event: name, payload: new JsonText('{"n":1.0,"big":12345678901234567890}') });
  const id = randomUUID();
  const runs = taskRunEvents({ id, flowRunId: await makeFlowRun(db) });
  expect(await ask('/events', [event, ...runs].map(sent))).toEqual({ status: 204, body: undefined });
  const { body } = await ask('/events/filter', named(name));
  expect(body).toMatchObject({ total: 1, next_page: null });
  expect({ ...body.events[0], payload: '', received: '' }).toEqual({ ...event, payload: '', received: '' });
  const run = await ask(`/task_runs/${id}`);
  expect(run.body).toMatchObject({ id, state_type: 'COMPLETED', total_run_time: 0.3 });
});

test('an event that is too large is left out of its batch', async () => {
  const name = `large.${randomUUID()}`;
  const large = makeEvent({ event: name, payload: JsonText.of({ x: 'y'.repeat(1_500_000) }) });
  expect((await ask('/events', [large, makeEvent({ event: name })].map(sent))).status).toBe(204);
  expect((await ask('/events/filter', named(name))).body.total).toBe(1);
});

test('one bad event refuses the batch, and nothing of it is written', async () => {
  const name = `bad.${randomUUID()}`;
  const { status, body } = await ask('/events', [sent(makeEvent({ event: name })), { event: 'x' }]);
  expect(status).toBe(422);
  expect(body['exception_detail']).toContainEqual(expect.objectContaining({ loc: ['body', 1, 'occurred'] }));
  expect((await ask('/events/filter', named(name))).body.total).toBe(0);
});

describe('pages', () => {
  const name = `pages.${randomUUID()}`;
  const all = Array.from({ length: 12 }, (_, i) =>
    makeEvent({ event: name, occurred: addSeconds(now(), -i - 1) }),
  );
  beforeAll(() => db.transaction(() => insertEvents(db, all)));

  test('follow one another to the end, each with the total and the filter of the first', async () => {
    const read: string[] = [];
    let { body } = await ask('/events/filter', { ...named(name), limit: 5 });
    for (;;) {
      expect(body.total).toBe(12);
      read.push(...body.events.map(({ id }) => id));
      if (body.next_page === null) break;
      expect(body.next_page).toMatch(`${stage.url}/events/filter/next?page-token=`);
      ({ body } = await ask(body.next_page));
    }
    expect(read).toEqual(all.map(({ id }) => id));
  });

  test.each([[{ limit: 51 }], [{ limit: -1 }], [{ limit: 'x' }]])('are refused for %j', async (body) => {
    expect((await ask('/events/filter', body)).status).toBe(422);
  });

  const token = (content: unknown) =>
    Buffer.from(Buffer.from(JSON.stringify(content)).toString('base64')).toString('base64');
  const content = { filter: {}, count: 12, page_size: 5, offset: 5 };
  test.each([
    [''],
    ['x'],
    ['eA=='],
    [token({})],
    [token('x')],
    [token({ ...content, filter: { z: 1 } })],
    [token({ ...content, page_size: 1000 })],
    [token({ ...content, offset: -1 })],
    [token({ ...content, count: 'all' })],
  ])('are forbidden to a token that is none: %s', async (forged) => {
    const answer = await ask(`/events/filter/next?page-token=${encodeURIComponent(forged)}`);
    expect(answer).toEqual({ status: 403, body: { detail: 'Forbidden' } });
  });

  test('have a token, or it is missed', async () => {
    expect((await ask('/events/filter/next')).status).toBe(422);
  });
});

test('too many spans of time are refused', async () => {
  const until = now();
  const occurred = { since: addSeconds(until, -7200), until };
  const body = { filter: { occurred }, time_unit: 'second', time_interval: 0.5 };
  const answer = await ask('/events/count-by/time', body);
  expect(answer.status).toBe(422);
  expect(answer.body['detail']).toMatch('would create 14400 buckets, which is too many');
});
