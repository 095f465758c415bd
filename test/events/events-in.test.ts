import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { connect } from 'node:net';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { JsonText, stringifyJson } from '../../src/json/json.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { makeEvent, makeFlowRun, taskRunEvents } from './make.ts';
import { Client, type Stage, serve } from './stage.ts';

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

const enter = (options?: object) => new Client(`${stage.url}/events/in`, ['prefect'], options).enter();
const frame = (event: object) => stringifyJson({ ...event, received: undefined });

async function countOf(event: string): Promise<number> {
  const [row] = await db.orm
    .select({ count: sql<number>`count(*)`.mapWith(Number) })
    .from(db.tables.events)
    .where(eq(db.tables.events.event, event));
  return row!.count;
}

async function eventually(check: () => Promise<void>): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await check();
    } catch (error) {
      if (attempt === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

describe('a ping', () => {
  test('before the client has said who it is, is answered at once', async () => {
    const client = await new Client(`${stage.url}/events/in`).open();
    await client.ping();
    client.send({ type: 'auth', token: null });
    await client.until(1);
    expect(client.received).toEqual([{ type: 'auth_success' }]);
    client.ws.close();
  });

  test.each([false, true])(
    'is answered when all before it is in the database (compressed: %s)',
    async (deflate) => {
      const client = await enter({ perMessageDeflate: deflate ? { threshold: 0 } : false });
      expect(client.ws.extensions).toBe(deflate ? 'permessage-deflate' : '');
      const name = `ping.${randomUUID()}`;
      let sent = 0;
      for (const more of [1, 10, 300, 0, 5]) {
        for (let i = 0; i < more; i++) client.send(frame(makeEvent({ event: name })));
        sent += more;
        await client.ping();
        expect(await countOf(name)).toBe(sent);
      }
      client.ws.close();
    },
  );

  test('vouches for the task runs, too', async () => {
    const flowRunId = await makeFlowRun(db);
    const id = randomUUID();
    const client = await enter();
    for (const event of taskRunEvents({ id, flowRunId })) client.send(frame(event));
    await client.ping();
    const [run] = await db.orm.select().from(db.tables.task_run).where(eq(db.tables.task_run.id, id));
    expect(run).toMatchObject({ state_type: 'COMPLETED', flow_run_id: flowRunId });
    client.ws.close();
  });

  test('is not answered while the database cannot be used, and nothing is lost', async () => {
    const name = `wait.${randomUUID()}`;
    const client = await enter();
    let release!: () => void;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let finished!: Promise<void>;
    const { events } = db.tables;
    // On SQLite the writer is taken, on PostgreSQL the table is locked.
    const held = new Promise<void>((begun, failed) => {
      finished = db.transaction(async () => {
        if (db.dialect.servesMany) await db.execute(sql`lock table ${events} in exclusive mode`);
        begun();
        await released;
      });
      finished.catch(failed);
    });
    await held;
    let answered = false;
    // More than the server keeps in memory: it stops reading, and goes on later.
    for (let i = 0; i < 7000; i++) client.send(frame(makeEvent({ event: name })));
    const pong = client.ping().then(() => {
      answered = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(answered).toBe(false);
    release();
    await Promise.all([finished, pong]);
    expect(await countOf(name)).toBe(7000);
    client.ws.close();
  });
});

test('a client that leaves without a ping has sent what it has sent', async () => {
  const name = `leave.${randomUUID()}`;
  const client = await enter();
  for (let i = 0; i < 500; i++) client.send(frame(makeEvent({ event: name })));
  client.ws.close();
  await client.closed;
  await eventually(async () => expect(await countOf(name)).toBe(500));
});

test('events that come again are not stored again', async () => {
  const name = `again.${randomUUID()}`;
  const event = makeEvent({
    event: name,
    related: [{ 'prefect.resource.id': 'r', 'prefect.resource.role': 'x' }],
  });
  const client = await enter();
  for (let i = 0; i < 3; i++) client.send(frame(event));
  await client.ping();
  client.send(frame(event));
  await client.ping();
  expect(await countOf(name)).toBe(1);
  const { event_resources } = db.tables;
  const resources = await db.orm.select().from(event_resources).where(eq(event_resources.event_id, event.id));
  expect(resources.map((row) => [row.resource_id, row.resource_role]).sort()).toEqual([
    ['r', 'x'],
    ['thing.1', ''],
  ]);
  client.ws.close();
});

test('ten thousand events are written in seconds', async () => {
  const name = `burst.${randomUUID()}`;
  const related = ['flow-run', 'flow', 'tag'].map((role) => ({
    'prefect.resource.id': `prefect.${role}.x`,
    'prefect.resource.role': role,
  }));
  const frames = Array.from({ length: 10_000 }, (_, i) =>
    frame(makeEvent({ event: name, related, payload: JsonText.of({ i }) })),
  );
  const client = await enter();
  for (const one of frames) client.send(one);
  await client.ping();
  expect(await countOf(name)).toBe(10_000);
  client.ws.close();
}, 60_000);

describe('a bad frame', () => {
  const good = () => makeEvent({ event: `good.${randomUUID()}` });
  const bad: [string, string | Buffer, number][] = [
    ['no JSON', '{nope', 1007],
    ['no object', '[1]', 1007],
    ['no event', '{"event":"x"}', 1007],
    ['a label that is no text', frame({ ...good(), resource: { 'prefect.resource.id': 'x', n: 1 } }), 1007],
    ['a name too long', frame({ ...good(), event: 'x'.repeat(1025) }), 1007],
    ['an id that is no uuid', frame({ ...good(), id: 'x' }), 1007],
    ['a binary one', Buffer.from(frame(good())), 1003],
    ['an oversized one', frame({ ...good(), payload: { x: 'y'.repeat(17_000_000) } }), 1009],
  ];
  test.each(bad)('closes the socket, the good ones before it are kept: %s', async (_name, content, code) => {
    const before = good();
    const client = await enter();
    client.send(frame(before));
    client.ws.send(content);
    client.send(frame(good()));
    const closed = await client.closed;
    expect(closed.code).toBe(code);
    if (code === 1007) expect(closed.reason).toMatch(/^Invalid event: /);
    await eventually(async () => expect(await countOf(before.event)).toBe(1));
  });

  test('of broken UTF-8 or a broken protocol closes the socket', async () => {
    const broken = await enter();
    // A text frame whose one byte no UTF-8 text has.
    const raw = (broken.ws as unknown as { _socket: import('node:net').Socket })._socket;
    raw.write(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0xff]));
    expect((await broken.closed).code).toBe(1007);
    const client = await enter();
    (client.ws as unknown as { _socket: import('node:net').Socket })._socket.write(
      Buffer.from([0xff, 0xff, 0xff]),
    );
    expect((await client.closed).code).toBe(1002);
  });

  test('leaves the server up for others', async () => {
    const name = `up.${randomUUID()}`;
    const client = await enter();
    client.send(frame(makeEvent({ event: name })));
    await client.ping();
    expect(await countOf(name)).toBe(1);
    client.ws.close();
  });
});

test('what is too large is left out, without a word to the client', async () => {
  const name = `large.${randomUUID()}`;
  const client = await enter();
  client.send(frame(makeEvent({ event: name, payload: JsonText.of({ x: 'y'.repeat(1_500_000) }) })));
  client.send(frame(makeEvent({ event: name, payload: JsonText.of({ x: 'y'.repeat(1_400_000) }) })));
  await client.ping();
  expect(await countOf(name)).toBe(1);
  expect(stage.logged.some(({ msg }) => msg === 'an event is too large and dropped')).toBe(true);
  client.ws.close();
});

test('NULs and halves of surrogate pairs are taken out', async () => {
  const name = `nul.${randomUUID()}`;
  const event = makeEvent({ event: name });
  const client = await enter();
  client.send(
    `{"id":"${event.id}","occurred":"${event.occurred}","event":"${name}\\u0000","resource":{"prefect.resource.id":"a\\u0000b"},"payload":{"x\\u0000":"\\u0000y\\ud800","n":1.0}}`,
  );
  await client.ping();
  const [row] = await db.orm.select().from(db.tables.events).where(eq(db.tables.events.id, event.id));
  expect(row).toMatchObject({ event: name, resource_id: 'ab', resource: { 'prefect.resource.id': 'ab' } });
  expect(JSON.parse(row!.payload.text)).toEqual({ x: 'y\ufffd', n: 1 });
  expect(row!.payload.text).toContain('1.0');
  client.ws.close();
});

test('one that the database refuses costs the others nothing, and keeps its own row', async () => {
  const flowRunId = await makeFlowRun(db);
  const [good, orphan] = [randomUUID(), randomUUID()];
  const client = await enter();
  const orphans = taskRunEvents({ id: orphan, flowRunId: randomUUID() });
  const goods = taskRunEvents({ id: good, flowRunId });
  for (let i = 0; i < 4; i++) {
    client.send(frame(orphans[i]!));
    client.send(frame(goods[i]!));
  }
  client.send(frame({ ...goods[0]!, id: randomUUID(), payload: {} }));
  await client.ping();
  const { task_run, events } = db.tables;
  expect((await db.orm.select().from(task_run).where(eq(task_run.id, good)))[0]).toMatchObject({
    state_type: 'COMPLETED',
  });
  expect(await db.orm.select().from(task_run).where(eq(task_run.id, orphan))).toEqual([]);
  expect(await db.orm.select().from(events).where(eq(events.id, orphans[3]!.id))).toHaveLength(1);
  expect(stage.logged.some(({ msg }) => String(msg).includes('the event is malformed'))).toBe(true);
  client.ws.close();
});

describe('the handshake', () => {
  test('with an auth string asks for it', async () => {
    const guarded = await serve(db, { PREFECT_SERVER_API_AUTH_STRING: 'admin:pass' });
    const url = `${guarded.url}/events/in`;
    try {
      const right = await new Client(url).enter('admin:pass');
      await right.ping();
      right.ws.close();
      for (const [token, reason] of [
        ['admin:wrong', 'Invalid token'],
        ['', 'Auth required but no token provided'],
        [null, 'Auth required but no token provided'],
      ]) {
        const wrong = await new Client(url).open();
        wrong.send({ type: 'auth', token });
        expect(await wrong.closed).toEqual({ code: 1008, reason });
      }
      await expect(new Client(url, []).open()).rejects.toThrow('403');
    } finally {
      await guarded.close();
    }
  });

  test.each(['{"type":"x"}', '{', '[]', 'null', '"auth"'])(
    'begins with the auth message, not with %s',
    async (first) => {
      const client = await new Client(`${stage.url}/events/in`).open();
      client.send(first);
      expect(await client.closed).toEqual({ code: 1008, reason: "Expected 'auth' message" });
    },
  );

  test('is left out by old clients', async () => {
    const name = `old.${randomUUID()}`;
    const client = await new Client(`${stage.url}/events/in`, []).open();
    expect(client.ws.protocol).toBe('');
    client.send(frame(makeEvent({ event: name })));
    await client.ping();
    expect(await countOf(name)).toBe(1);
    client.ws.close();
  });

  test.each(['/nope', '/events/in/', '/flows/', '/events'])(
    'is refused where no socket is: %s',
    async (path) => {
      await expect(new Client(stage.url + path).open()).rejects.toThrow('403');
    },
  );

  test('a client that offers HTTP/2 with a request gets a plain answer', async () => {
    const ask = (method: string, path: string, body = '') =>
      new Promise((resolve, reject) => {
        const headers = {
          Connection: 'Upgrade, HTTP2-Settings',
          Upgrade: 'h2c',
          'HTTP2-Settings': 'AAMAAABkAAQAoAAAAAIAAAAA',
          'Content-Length': Buffer.byteLength(body),
        };
        const asked = request(stage.url + path, { method, headers }, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (data) => {
            text += data;
          });
          response.on('end', () => resolve([response.statusCode, text]));
        });
        asked.on('error', reject).end(body);
      });
    expect(await ask('GET', '/health')).toEqual([200, 'true']);
    const name = `h2c.${randomUUID()}`;
    const long = JsonText.of({ text: 'x'.repeat(200_000) });
    expect(await ask('POST', '/events', `[${frame(makeEvent({ event: name, payload: long }))}]`)).toEqual([
      204,
      '',
    ]);
    expect(await countOf(name)).toBe(1);
  });

  test('a connection that breaks off during it is forgotten', async () => {
    const { port, hostname } = new URL(stage.url);
    for (let i = 0; i < 20; i++) {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => {});
      socket.write('GET /api/events/in HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n');
      socket.write('Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n');
      socket.destroy();
    }
    const client = await enter();
    await client.ping();
    client.ws.close();
  });
});

test('a server that stops commits what has come, answers the pings before it, and says that it restarts', async () => {
  const name = `stop.${randomUUID()}`;
  const stopping = await serve(db);
  const client = await new Client(`${stopping.url}/events/in`).enter();
  for (let i = 0; i < 300; i++) client.send(frame(makeEvent({ event: name })));
  await client.ping();
  const idle = await new Client(`${stopping.url}/events/out`).enter();
  await stopping.close();
  expect((await client.closed).code).toBe(1012);
  expect((await idle.closed).code).toBe(1012);
  expect(await countOf(name)).toBe(300);
});
