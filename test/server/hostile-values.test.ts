import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { openDatabase } from '../../src/db/open.ts';
import { createMigratedTarget } from '../support/database.ts';
import type { EmptyTarget } from '../support/engine.ts';
import { fingerprint } from './fingerprint.ts';
import { type Document, type Hostile, hostileRequests, type Request, spelled } from './request-bodies.ts';
import { Serving } from './serve.ts';

let database: EmptyTarget;
let server: Serving;
let db: Database;
let document: Document;
let ids: Record<string, string>;

beforeAll(async () => {
  database = await createMigratedTarget();
  server = await Serving.start(database);
  db = await openDatabase(database.target);
  document = (await (await fetch(`${server.url}/openapi.json`)).json()) as Document;
  ids = await seed();
});
afterAll(async () => {
  await db.close();
  await server.remove();
  await database.dispose();
});

async function post(path: string, body: unknown): Promise<{ id: string }> {
  const answer = await send({ method: 'post', path, body: JSON.stringify(body), what: '' });
  if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${answer.text}`);
  return JSON.parse(answer.text || 'null') as { id: string };
}

/** A row of each kind, so that a path leads somewhere and a filter has something to look at. */
async function seed(): Promise<Record<string, string>> {
  const { id: flow } = await post('/flows/', { name: 'seed', tags: ['text'] });
  const { id: run } = await post('/flow_runs/', {
    flow_id: flow,
    name: 'text',
    tags: ['text'],
    state: { type: 'PENDING' },
  });
  const { id: task } = await post('/task_runs/', {
    flow_run_id: run,
    task_key: 'k',
    dynamic_key: '0',
    name: 'text',
  });
  const { id: artifact } = await post('/artifacts/', { key: 'text', data: 1, flow_run_id: run });
  const timestamp = '2024-01-01T00:00:00Z';
  await post('/logs/', [{ name: 'text', level: 20, message: 'text', timestamp, flow_run_id: run }]);
  return { flows: flow, flow_runs: run, task_runs: task, artifacts: artifact };
}

async function send({ method, path, body }: Request): Promise<{ status: number; text: string }> {
  const filled = path.replace(
    /\{\w+\}/g,
    ids?.[path.split('/')[1]!] ?? '5f0c6b3e-4a53-4f0e-9a3b-2f1d1a2b3c4d',
  );
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(server.url + filled, { method: method.toUpperCase(), headers, body });
  return { status: answer.status, text: await answer.text() };
}

/** Sends them eight at a time and gives those whose answer isn't as it must be. */
async function failing(
  hostile: Hostile,
  isRight: (status: number, text: string, request: Request) => boolean,
) {
  const requests = hostileRequests(document, hostile);
  const wrong: string[] = [];
  let sent = 0;
  const work = async (): Promise<void> => {
    for (const request of requests) {
      sent++;
      const { status, text } = await send(request);
      if (!isRight(status, text, request)) {
        wrong.push(`${request.method} ${request.path} ${request.what}: ${status} ${text.slice(0, 200)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return { wrong, sent };
}

/** Prefect's shapes: a sentence or a list of what is wrong. */
function isRefusal(status: number, text: string): boolean {
  if (status < 400 || status > 499) return false;
  const body = JSON.parse(text) as Record<string, unknown>;
  if (status === 422 && 'exception_detail' in body) return Array.isArray(body['exception_detail']);
  return typeof (body['detail'] ?? body['exception_message']) === 'string';
}

const isText = (value: unknown): value is string => typeof value === 'string';

describe('text that no database stores', { timeout: 120_000 }, () => {
  /** What a program has printed is cleaned rather than lost. */
  const CLEANS = /^\/(logs|events)\/?$/;
  const unstorable = ['a\0b', 'a\ud800b', '\udc00'];
  /** A NUL in an artifact's data is kept, as Prefect does: its column is json, not jsonb. */
  const keeps = ({ path, what }: Request): boolean =>
    path.startsWith('/artifacts/') && what.startsWith('data') && what.includes('\\u0000');
  const isRight = (status: number, text: string, request: Request): boolean =>
    isRefusal(status, text) || ((CLEANS.test(request.path) || keeps(request)) && status < 300);

  test('is refused in every field, and nothing is written', async () => {
    const before = await fingerprint(db);
    const { wrong, sent } = await failing((value) => (isText(value) ? unstorable : undefined), isRight);
    expect(wrong).toEqual([]);
    expect(sent).toBeGreaterThan(300);
    const after = await fingerprint(db);
    for (const table of ['log', 'events', 'event_resources', 'artifact', 'artifact_collection'])
      before[table] = after[table]!;
    expect(after).toEqual(before);
  });

  test('is refused in every name of a member', async () => {
    const keys = (value: unknown): unknown[] | undefined =>
      typeof value === 'object' && value !== null && 'key' in value && Object.keys(value).length === 1
        ? unstorable.map((key) => ({ [key]: value.key }))
        : undefined;
    const { wrong, sent } = await failing(keys, isRight);
    expect(wrong).toEqual([]);
    expect(sent).toBeGreaterThan(20);
  });

  test('is taken out of logs and events', async () => {
    const timestamp = '2024-01-01T00:00:00Z';
    const run = ids['flow_runs']!;
    const message = 'nul \0 and half \ud800 a pair';
    await post('/logs/', [{ name: 'cleaned', level: 20, message, timestamp, flow_run_id: run }]);
    const { log } = db.tables;
    const messages = (await db.orm.select({ message: log.message }).from(log)).map((row) => row.message);
    expect(messages).toContain('nul  and half \ufffd a pair');
  });
});

describe('numbers, lists and texts that reach too far', { timeout: 120_000 }, () => {
  const isNoFault = (status: number, text: string): boolean => status < 400 || isRefusal(status, text);

  test('enormous numbers', async () => {
    const numbers = [
      '1e400',
      '-1e400',
      '9007199254740993',
      '123456789012345678901234567890',
      '-1',
      '1e-400',
      '2147483648',
    ];
    const { wrong, sent } = await failing(
      (value) => (typeof value === 'number' ? numbers.map(spelled) : undefined),
      isNoFault,
    );
    expect(wrong).toEqual([]);
    expect(sent).toBeGreaterThan(100);
  });

  test('lists of 10,000 elements', async () => {
    const { wrong, sent } = await failing((value) => {
      if (!Array.isArray(value) || value.length !== 1) return undefined;
      const [element] = value;
      return [Array.from({ length: 10_000 }, (_, i) => (element === 'text' ? `text ${i}` : element))];
    }, isNoFault);
    expect(wrong).toEqual([]);
    expect(sent).toBeGreaterThan(30);
  });

  test('texts with a meaning to SQL, LIKE, globs, paths and regular expressions', async () => {
    const texts = [
      `'; drop table flow; --`,
      `%_\\/*?[a]{"$.x\n`,
      '%'.repeat(60_000),
      `${'1'.repeat(60_000)}x`,
    ];
    const { wrong } = await failing((value) => (isText(value) ? texts : undefined), isNoFault);
    expect(wrong).toEqual([]);
  });
});

test('afterwards it serves as before, and has found no fault of its own', async () => {
  expect(server.faults).toEqual([]);
  expect(
    (await send({ method: 'get', path: '/flows/{id}', body: undefined as never, what: '' })).status,
  ).toBe(200);
  expect(server.command.child.exitCode).toBeNull();
});
