import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { deflateRawSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { openDatabase } from '../../src/db/open.ts';
import { createMigratedTarget } from '../support/database.ts';
import type { EmptyTarget } from '../support/engine.ts';
import { frame, OPCODE, RawSocket } from './raw-socket.ts';
import { Serving } from './serve.ts';

const IN = '/api/events/in';
const OUT = '/api/events/out';

let database: EmptyTarget;
let server: Serving;
let db: Database;
const sockets: RawSocket[] = [];

beforeAll(async () => {
  database = await createMigratedTarget();
  server = await Serving.start(database);
  db = await openDatabase(database.target);
});
afterAll(async () => {
  await db.close();
  await server.remove();
  await database.dispose();
});

/** Whatever came before: the next conversation works, and the server has found no fault of its own. */
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.end();
  const socket = await connect(IN);
  const id = randomUUID();
  socket.send(event(id), frame(OPCODE.ping, 'safe?'));
  expect((await socket.next(OPCODE.pong)).payload.toString()).toBe('safe?');
  expect(await eventIds()).toContain(id);
  expect(server.faults).toEqual([]);
  socket.end();
});

async function connect(path: string): Promise<RawSocket> {
  const socket = await RawSocket.authenticated(server.url, path);
  sockets.push(socket);
  return socket;
}

function eventText(id: string, more: object = {}): string {
  return JSON.stringify({
    id,
    occurred: new Date().toISOString(),
    event: 'hostile',
    resource: { 'prefect.resource.id': 'hostile' },
    ...more,
  });
}

const event = (id: string): Buffer => frame(OPCODE.text, eventText(id));

async function eventIds(): Promise<string[]> {
  const { events } = db.tables;
  return (await db.orm.select({ id: events.id }).from(events)).map(({ id }) => id);
}

describe('a handshake', () => {
  async function greet(path: string, headers?: Record<string, string>): Promise<RawSocket> {
    const socket = await RawSocket.connect(server.url, path, headers);
    sockets.push(socket);
    return socket;
  }

  test.each([
    ['/api/events/nowhere'],
    ['/api/events/in/'],
    ['/api/events/%69n'],
    ['/events/in'],
    ['/'],
    ['/api/flows/'],
    ['/api/events/../events/in'],
  ])('on a path that is none: %s', async (path) => {
    expect((await greet(path)).status).toBe(403);
  });

  test.each([
    ['a version that nobody speaks', { 'Sec-WebSocket-Version': '99' }, 400],
    ['a key that is none', { 'Sec-WebSocket-Key': 'x' }, 400],
    ['broken protocols', { 'Sec-WebSocket-Protocol': 'prefect,,;' }, 400],
    [
      'broken extensions',
      { 'Sec-WebSocket-Extensions': 'permessage-deflate; server_max_window_bits=99' },
      400,
    ],
  ])('with %s', async (_what, headers, status) => {
    const given: Record<string, string> = { 'Sec-WebSocket-Protocol': 'prefect', ...headers };
    expect((await greet(IN, given)).status).toBe(status);
  });

  test('without the subprotocol: an old client, which says nothing about itself', async () => {
    const socket = await greet(IN, {});
    const id = randomUUID();
    socket.send(event(id), frame(OPCODE.ping, ''));
    await socket.next(OPCODE.pong);
    expect(await eventIds()).toContain(id);
  });

  test.each([
    ['no JSON', 'hello'],
    ['another type', '{"type":"hello"}'],
    ['an event', eventText(randomUUID())],
    ['null', 'null'],
    ['a list', '[]'],
    ['nested deeply', '['.repeat(1_000_000)],
  ])('that begins with %s', async (_what, text) => {
    const before = await eventIds();
    const socket = await greet(IN);
    socket.send(frame(OPCODE.text, text));
    expect(await socket.closing()).toEqual({ code: 1008, reason: "Expected 'auth' message" });
    expect(await eventIds()).toEqual(before);
  });

  test('by many that say nothing more', async () => {
    await Promise.all(Array.from({ length: 200 }, () => greet(IN)));
  });
});

describe('an auth string', () => {
  let guarded: Serving;
  beforeAll(async () => {
    guarded = await Serving.start(database, { PREFECT_SERVER_API_AUTH_STRING: 'admin:päss' });
  });
  afterAll(() => guarded.remove());

  test.each([
    ['null', 'Auth required but no token provided'],
    ['""', 'Auth required but no token provided'],
    ['{}', 'Auth required but no token provided'],
    ['"admin:pass"', 'Invalid token'],
    ['"admin:päss "', 'Invalid token'],
    ['"\\ud800"', 'Invalid token'],
  ])('wrong: %s', async (token, reason) => {
    const socket = await RawSocket.connect(guarded.url, IN);
    socket.send(frame(OPCODE.text, `{"type":"auth","token":${token}}`));
    expect(await socket.closing()).toEqual({ code: 1008, reason });
    socket.end();
  });

  test('left out with the subprotocol', async () => {
    const socket = await RawSocket.connect(guarded.url, IN, {});
    expect(socket.status).toBe(403);
    socket.end();
  });
});

describe('a frame', () => {
  const text = (payload: string | Buffer) => frame(OPCODE.text, payload);

  test.each([
    ['that is no UTF-8', text(Buffer.from('{"id":"\xff\xfe"}', 'latin1')), 1007],
    ['that is a surrogate in UTF-8', text(Buffer.from('"\xed\xa0\x80"', 'latin1')), 1007],
    ['that is binary', frame(OPCODE.binary, eventText(randomUUID())), 1003],
    ['that is no JSON', text('{'), 1007],
    ['that is no event', text('{}'), 1007],
    ['that is empty', text(''), 1007],
    ['that is nested deeply', text(`{"payload":${'['.repeat(1_000_000)}`), 1007],
    ['with an id that is none', text(eventText('x')), 1007],
    ['that is too large', text(Buffer.alloc(17 * 1024 * 1024, 'a')), 1009],
    ['that says that it is too large', frame(OPCODE.text, 'a', { length: 1n << 62n }), 1009],
    [
      'that says that it is larger than a number can be',
      frame(OPCODE.text, 'a', { length: (1n << 64n) - 1n }),
      1009,
    ],
    ['without a mask', frame(OPCODE.text, '{}', { masked: false }), 1002],
    ['with reserved bits', frame(OPCODE.text, '{}', { reserved: 3 }), 1002],
    ['of an unknown kind', frame(5, '{}'), 1002],
    ['that continues nothing', frame(OPCODE.continuation, '{}'), 1002],
    ['that is a long ping', frame(OPCODE.ping, 'a'.repeat(126)), 1002],
    ['that is half a ping', frame(OPCODE.ping, 'a', { fin: false }), 1002],
    ['that closes with a code that is none', frame(OPCODE.close, Buffer.from([0, 1])), 1002],
    ['that closes with half a code', frame(OPCODE.close, Buffer.from([3])), 1002],
  ])('%s', { timeout: 20_000 }, async (_what, bytes, code) => {
    const socket = await connect(IN);
    const id = randomUUID();
    // What came before it is safe.
    socket.send(event(id), frame(OPCODE.ping, 'before'));
    expect((await socket.next(OPCODE.pong)).payload.toString()).toBe('before');
    socket.send(bytes);
    expect((await socket.closing()).code).toBe(code);
    expect(await eventIds()).toContain(id);
  });

  test('in a hundred pieces, with pings between them', async () => {
    const socket = await connect(IN);
    const id = randomUUID();
    const pieces = eventText(id, { payload: { text: 'ä'.repeat(100) } });
    const bytes = Buffer.from(pieces);
    const size = Math.ceil(bytes.length / 100);
    for (let at = 0; at < bytes.length; at += size) {
      const fin = at + size >= bytes.length;
      const opcode = at === 0 ? OPCODE.text : OPCODE.continuation;
      socket.send(frame(opcode, bytes.subarray(at, at + size), { fin }), frame(OPCODE.ping, String(at)));
    }
    socket.send(frame(OPCODE.ping, 'all'));
    while ((await socket.next(OPCODE.pong)).payload.toString() !== 'all');
    expect(await eventIds()).toContain(id);
  });

  test('that is small and unpacks to gigabytes', async () => {
    const socket = await RawSocket.connect(server.url, IN, {
      'Sec-WebSocket-Protocol': 'prefect',
      'Sec-WebSocket-Extensions': 'permessage-deflate',
    });
    sockets.push(socket);
    const packed = deflateRawSync(Buffer.alloc(200 * 1024 * 1024, 'a'));
    socket.send(frame(OPCODE.text, packed, { reserved: 4 }));
    expect((await socket.closing()).code).toBe(1009);
  });

  test('too large for an event is left out, and the conversation goes on', async () => {
    const socket = await connect(IN);
    const [large, small] = [randomUUID(), randomUUID()];
    socket.send(
      text(eventText(large, { payload: { a: 'a'.repeat(2_000_000) } })),
      event(small),
      frame(OPCODE.ping, ''),
    );
    await socket.next(OPCODE.pong);
    const ids = await eventIds();
    expect([ids.includes(large), ids.includes(small)]).toEqual([false, true]);
  });

  test('with text that no database stores is cleaned', async () => {
    const socket = await connect(IN);
    const id = randomUUID();
    socket.send(
      text(eventText(id, { event: 'a\0b\ud800c', payload: { 'k\0': 'v\udc00' } })),
      frame(OPCODE.ping, ''),
    );
    await socket.next(OPCODE.pong);
    const { events } = db.tables;
    const rows = await db.orm
      .select({ id: events.id, event: events.event, payload: events.payload })
      .from(events);
    const stored = rows.find((row) => row.id === id)!;
    expect([stored.event, stored.payload.parse()]).toEqual(['ab\ufffdc', { k: 'v\ufffd' }]);
  });
});

describe('a flood', { timeout: 60_000 }, () => {
  test('of pings whose answers nobody reads ends the conversation', async () => {
    const socket = await connect(IN);
    socket.stream.pause();
    const happens = (what: string) => new Promise((resolve) => socket.stream.once(what, resolve));
    const closed = happens('close');
    const pings = Buffer.concat(Array.from({ length: 10_000 }, () => frame(OPCODE.ping, 'a'.repeat(125))));
    for (let i = 0; i < 100 && !socket.closed; i++) {
      if (!socket.stream.write(pings)) await Promise.race([happens('drain'), closed, sleep(1000)]);
    }
    socket.stream.resume();
    await closed;
  });

  test('of events is stored', async () => {
    const socket = await connect(IN);
    const ids = Array.from({ length: 5_000 }, () => randomUUID());
    socket.send(...ids.map(event), frame(OPCODE.ping, 'all'));
    await socket.next(OPCODE.pong);
    const stored = new Set(await eventIds());
    expect(ids.filter((id) => !stored.has(id))).toEqual([]);
  });
});

describe('what is asked of /events/out', () => {
  test.each([
    ['no JSON', '{'],
    ['another type', '{"type":"hello"}'],
    ['no filter', '{"type":"filter"}'],
    ['an unknown field', '{"type":"filter","filter":{"x":1}}'],
    ['a moment that is none', '{"type":"filter","filter":{"occurred":{"since":"x"}}}'],
    ['a NUL', '{"type":"filter","filter":{"event":{"name":["\\u0000"]}}}'],
    ['nested deeply', `{"type":"filter","filter":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`],
    [
      '10,000 resources',
      `{"type":"filter","filter":{"related":[${'{"id":["a"]},'.repeat(9999)}{"id":["a"]}]}}`,
    ],
    [
      'more labels than SQL has room for',
      `{"type":"filter","filter":{"resource":{"labels":{${Array.from({ length: 10_000 }, (_, i) => `"l${i}":"a"`)}}}}}`,
    ],
    [
      'a pattern that is too long',
      `{"type":"filter","filter":{"resource":{"labels":{"a":"${'*a'.repeat(60_000)}"}}}}`,
    ],
  ])('%s', async (what, text) => {
    const socket = await connect(OUT);
    socket.send(frame(OPCODE.text, text));
    if (/labels|pattern/.test(what)) {
      // Not every engine has too little room.
      await Promise.race([socket.closing().then(({ code }) => expect(code).toBe(1002)), sleep(3000)]);
    } else expect((await socket.closing()).code).toBe(1002);
  });
});
