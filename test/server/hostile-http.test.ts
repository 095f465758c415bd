import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { openDatabase } from '../../src/db/open.ts';
import { createMigratedTarget } from '../support/database.ts';
import type { EmptyTarget } from '../support/engine.ts';
import { fingerprint } from './fingerprint.ts';
import { open, read, sendRaw, spell } from './raw.ts';
import { Serving } from './serve.ts';

let database: EmptyTarget;
let server: Serving;
let db: Database;
let untouched: Record<string, string>;

beforeAll(async () => {
  database = await createMigratedTarget();
  server = await Serving.start(database, { PREFECT_SERVER_LOGGING_LEVEL: 'DEBUG' });
  db = await openDatabase(database.target);
  untouched = await fingerprint(db);
});
afterAll(async () => {
  await db.close();
  await server.remove();
  await database.dispose();
});

/** Whatever came before: nothing is written, nothing is broken, the next one is served. */
afterEach(async () => {
  expect(await (await fetch(`${server.url}/health`)).json()).toBe(true);
  expect(server.faults).toEqual([]);
  expect(await fingerprint(db)).toEqual(untouched);
});

const FLOW = '{"name":"must not be written"}';
const UNREADABLE = '{"detail":"There was an error parsing the body"}';
const NO_HTTP = '{"detail":"Invalid HTTP request received."}';
const chunked = (chunks: string): string =>
  `POST /api/flows/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`;

describe('a body that cannot be read', () => {
  test.each([
    ['is cut off', '{"name":"must not be writ', 422],
    ['has a comma too many', '{"name":"x",}', 422],
    ['has raw control characters', '{"name":"a\u0000b"}', 422],
    ['is two documents', `${FLOW}${FLOW}`, 422],
    ['is not UTF-8', Buffer.from('{"name":"a\xff\xfe"}', 'latin1'), 400],
    ['is overlong UTF-8', Buffer.from('{"name":"a\xc0\x80"}', 'latin1'), 400],
    ['is a surrogate in UTF-8', Buffer.from('{"name":"a\xed\xa0\x80"}', 'latin1'), 400],
    ['is UTF-16', Buffer.from(FLOW, 'utf16le'), 422],
    ['is nested deeply', `{"name":"x","labels":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`, 400],
    ['is nested deeply and cut off', '['.repeat(1_000_000), 400],
    [
      'is nested deeply in parameters',
      `{"flow_id":"x","parameters":{"a":${'['.repeat(5000)}${']'.repeat(5000)}}}`,
      400,
    ],
    ['has millions of values', `{"name":"x","tags":[${'{},'.repeat(2_000_001)}1]}`, 413],
    ['has a million wrong elements', `{"name":"x","tags":[${'1,'.repeat(1_000_000)}1]}`, 422],
    [
      'has a hundred thousand unknown fields',
      `{${Array.from({ length: 100_000 }, (_, i) => `"k${i}":1`)}}`,
      422,
    ],
  ])('%s', { timeout: 30_000 }, async (_what, body, status) => {
    const answer = await sendRaw(server.url, spell('POST', '/api/flows/', body), 0);
    expect(answer.status).toBe(status);
    if (status === 400) expect(answer.body).toBe(UNREADABLE);
    if (status === 422) expect(JSON.parse(answer.body)).toHaveProperty('exception_detail');
    expect(answer.body.length).toBeLessThan(1_000_000);
  });

  test.each([
    ['a chunk whose length is no number', chunked(`zz\r\n${FLOW}\r\n0\r\n\r\n`)],
    ['a chunk longer than it says', chunked(`1\r\n${FLOW}\r\n0\r\n\r\n`)],
    ['a length and chunks', chunked('0\r\n\r\n').replace('Host: x', 'Host: x\r\nContent-Length: 5')],
    ['a negative length', `POST /api/flows/ HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n${FLOW}`],
    [
      'two lengths',
      `POST /api/flows/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\n${FLOW}`,
    ],
    ['no HTTP', '\x00\x01\x02\x03\xff\r\n\r\n'],
    ['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['a verb that does not exist', 'BREW /api/flows/ HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a NUL in the path', 'GET /api/flows/\0 HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('%s', async (_what, bytes) => {
    const answer = await sendRaw(server.url, Buffer.from(bytes, 'latin1'));
    expect(answer).toEqual({ status: 400, body: NO_HTTP, closed: true });
  });

  test('whose sender leaves in the middle', async () => {
    const socket = await open(server.url);
    socket.write(spell('POST', '/api/flows/', FLOW).subarray(0, -1));
    await sleep(100);
    socket.destroy();
    await sleep(100);
  });

  test('that never ends keeps nobody else waiting', async () => {
    const slow = await Promise.all(Array.from({ length: 100 }, () => open(server.url)));
    for (const socket of slow) socket.write(spell('POST', '/api/flows/', FLOW).subarray(0, -1));
    const began = performance.now();
    expect((await fetch(`${server.url}/flows/count`, { method: 'POST' })).status).toBe(200);
    expect(performance.now() - began).toBeLessThan(2000);
    for (const socket of slow) socket.destroy();
  });
});

describe('a body that is too large', { timeout: 30_000 }, () => {
  const MEGABYTE = Buffer.alloc(1024 * 1024, 'a');

  test('is refused before it is sent, where it says so; the connection goes on', async () => {
    const socket = await open(server.url);
    const head = { 'Content-Type': 'application/json', 'Content-Length': String(100 * MEGABYTE.length) };
    const refusal = read(socket, 0);
    socket.write(spell('POST', '/api/flows/', '', head));
    expect((await refusal).status).toBe(413);
    expect(JSON.parse((await refusal).body)).toEqual({ detail: expect.stringContaining('too large') });
    for (let i = 0; i < 100; i++) if (!socket.write(MEGABYTE)) await once(socket, 'drain');
    socket.removeAllListeners('data');
    const next = read(socket, 0);
    socket.write(spell('GET', '/api/health'));
    expect(await next).toMatchObject({ status: 200, body: 'true' });
    socket.destroy();
  });

  test('is refused as soon as it is, where it does not say', async () => {
    const before = memoryOf(server);
    const socket = await open(server.url);
    const refusal = read(socket, 0);
    socket.write(chunked(''));
    for (let i = 0; i < 100; i++) {
      socket.write('100000\r\n');
      if (!socket.write(Buffer.concat([MEGABYTE, Buffer.from('\r\n')]))) await once(socket, 'drain');
    }
    socket.write('0\r\n\r\n');
    expect((await refusal).status).toBe(413);
    socket.destroy();
    expect(memoryOf(server) - before).toBeLessThan(200);
  });

  /** Resident megabytes. */
  function memoryOf({ command }: Serving): number {
    const { pid } = command.child;
    if (process.platform !== 'linux')
      return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024;
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
  }
});

describe('paths and headers', () => {
  const NOT_FOUND = '{"detail":"Not Found"}';

  test.each([
    ['/api//flows/', 404],
    ['//api/flows/', 404],
    ['//example.com/api/flows', 404],
    ['/api/flows/../flows/', 404],
    ['/api/flows/%2e%2e/%2e%2e/etc/passwd', 404],
    ['/docs/..%2f..%2f..%2fpackage.json', 404],
    ['/docs/../../package.json', 404],
    ['/docs/%00', 404],
    ['/api/flows/%00', 404],
    ['/api/flows/name/%ff', 404],
    ['/api/flows/name/%ed%a0%80', 404],
    ['/api/flows/name/%zz', 404],
    ['/api/flow_runs/%00', 404],
    ['/api/flows/name/%00', 404],
    ['/api/flows/name/a%00b', 404],
    ['/api/artifacts/%00/latest', 404],
    ['/api/API/flows', 404],
    ['*', 404],
  ])('GET %s', async (path, status) => {
    const answer = await sendRaw(server.url, spell('GET', path), 0);
    expect(answer).toMatchObject({ status, body: NOT_FOUND });
  });

  test.each([
    [`/api/flows/name/${'a'.repeat(10_000)}`, 'Flow not found'],
    ["/api/flows/name/x'%20or%20'1'='1", 'Flow not found'],
    ['/api/artifacts/x%0a/latest', 'Artifact not found.'],
  ])('a name that nothing can have: %s', async (path, detail) => {
    const answer = await sendRaw(server.url, spell('GET', path), 0);
    expect(answer).toMatchObject({ status: 404, body: JSON.stringify({ detail }) });
  });

  test.each([
    ['PUT', '/api/flows/'],
    ['DELETE', '/api/flows/'],
    ['PATCH', '/api/flow_runs/filter'],
    ['GET', '/api/flows/filter'],
    ['TRACE', '/api/health'],
    ['PROPFIND', '/api/flows/'],
  ])('a wrong method: %s %s', async (method, path) => {
    const answer = await sendRaw(server.url, spell(method, path, FLOW), 0);
    expect(answer).toMatchObject({ status: 405, body: '{"detail":"Method Not Allowed"}' });
  });

  test('headers and paths that are too large', async () => {
    const large = 'a'.repeat(100_000);
    for (const request of [
      spell('GET', '/api/health', '', { 'X-Large': large }),
      spell('GET', `/api/flows/name/${large}`),
      spell(
        'GET',
        '/api/health',
        '',
        Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`X-${i}`, 'a'])),
      ),
    ]) {
      const answer = await sendRaw(server.url, request);
      expect([0, 431]).toContain(answer.status);
      expect(answer.closed).toBe(true);
    }
  });

  test.each([
    '?',
    '?flow_run_id=%00',
    '?flow_run_id=%ff',
    '?__proto__[a]=1&constructor=1',
    `?${'a=1&'.repeat(2000)}`,
  ])('a query without sense: %s', async (query) => {
    const answer = await sendRaw(server.url, spell('GET', `/api/flow_run_states/${query}`), 0);
    expect(answer.status).toBe(422);
  });

  test('a body that is compressed wrongly', async () => {
    for (const encoding of ['gzip', 'deflate', 'br', 'unknown']) {
      const request = spell('POST', '/api/flows/', FLOW, { 'Content-Encoding': encoding });
      expect([400, 415]).toContain((await sendRaw(server.url, request, 0)).status);
    }
  });
});

describe('what is refused is told in a line of the log, without what the user sent', () => {
  const ID = '5f0c6b3e-4a53-4f0e-9a3b-2f1d1a2b3c4d';

  test.each([
    [
      'debug',
      422,
      '/api/flows/',
      '{"name":"secret","tags":"secret"}',
      /body\.tags: Input should be a valid list/,
    ],
    ['debug', 400, '/api/flows/', Buffer.from('{"name":"secret\xff"}', 'latin1'), /error parsing the body/],
    ['debug', 404, '/api/nothing/', '{"name":"secret"}', /Not Found/],
    ['warn', 409, '/api/flow_runs/', `{"flow_id":"${ID}","name":"secret"}`, /foreign key constraint/],
  ])('%s: %d', async (level, status, path, body, reason) => {
    const before = server.command.lines.length;
    expect((await sendRaw(server.url, spell('POST', path, body), 0)).status).toBe(status);
    const lines = server.command.lines.slice(before).filter((line) => line['path'] === path);
    expect(lines).toEqual([
      expect.objectContaining({ level, status, reason: expect.stringMatching(reason) }),
    ]);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });
});

describe('an auth string', () => {
  let guarded: Serving;
  beforeAll(async () => {
    guarded = await Serving.start(database, { PREFECT_SERVER_API_AUTH_STRING: 'admin:päss' });
  });
  afterAll(() => guarded.remove());

  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

  test.each([
    [''],
    ['Basic'],
    ['Basic !!!!'],
    ['Bearer admin:päss'],
    [basic('admin:pass')],
    [basic('admin:päss ')],
    [basic('admin:päs')],
    [basic('')],
    [`Basic ${'A'.repeat(10_000)}`],
  ])('wrong: %s', async (authorization) => {
    for (const [method, path] of [
      ['POST', '/api/flows/'],
      ['GET', '/api/nothing'],
      ['GET', '/api/admin/settings'],
    ] as const) {
      const request = spell(method, path, method === 'POST' ? FLOW : '', { Authorization: authorization });
      expect(await sendRaw(guarded.url, request, 0)).toMatchObject({
        status: 401,
        body: '{"exception_message":"Unauthorized"}',
      });
    }
  });

  test('right', async () => {
    const request = spell('POST', '/api/flows/count', '', {
      Authorization: basic('admin:päss'),
      'Content-Length': '0',
    });
    expect((await sendRaw(guarded.url, request, 0)).status).toBe(200);
  });
});
