import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import Driver from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { chainFolder, readChain } from '../../src/migrations/chain/revisions.ts';
import { upgrade } from '../../src/migrations/run/upgrade.ts';
import { createEmptyTarget, dialect } from '../support/database.ts';
import type { EmptyTarget } from '../support/engine.ts';
import { freePort } from './port.ts';
import { Command, environmentOf } from './process.ts';
import { holdMigration } from './slow-migration.ts';

const PENDING = readChain(chainFolder(dialect === 'sqlite' ? 'sqlite' : 'pg'))
  .slice(1)
  .map(({ id }) => id);

let database: EmptyTarget;
let port: number;
let release: () => Promise<void>;
const commands: Command[] = [];

beforeEach(async () => {
  database = await createEmptyTarget();
  await upgrade(database.target, { to: '+1', reporter: { line: () => {} } });
  port = await freePort();
  release = await holdMigration(database.target);
});
afterEach(async () => {
  for (const command of commands.splice(0)) await command.remove();
  await release();
  await database.dispose();
});

function start(onPort = port): Command {
  const command = new Command(['start', '--port', String(onPort)], environmentOf(database.target));
  commands.push(command);
  return command;
}

const agent = new Agent({ keepAlive: true });

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: unknown;
}

function ask(path: string, method = 'GET', onPort = port): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ port: onPort, path: `/api${path}`, method, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: text && JSON.parse(text) }),
      );
    });
    asked.on('error', reject).end();
  });
}

/** The port is open as soon as something is to be migrated. */
async function waitingRoom(onPort = port): Promise<Answer> {
  for (;;) {
    const answer = await ask('/ready', 'GET', onPort).catch(() => null);
    if (answer) return answer;
    await sleep(20);
  }
}

test('probes are answered while it migrates, and then the app has the same port, without a gap', async () => {
  const command = start();
  const ready = await waitingRoom();
  expect(ready).toMatchObject({ status: 503, body: { migrated: false } });
  expect(['waiting', 'migrating']).toContain((ready.body as { state: string }).state);
  expect(await ask('/health')).toMatchObject({ status: 200, body: true });
  for (const [path, method] of [
    ['/flows/', 'POST'],
    ['/admin/version', 'GET'],
    ['/health', 'POST'],
  ] as const) {
    const refused = await ask(path, method);
    expect(refused).toMatchObject({
      status: 503,
      body: { exception_message: expect.stringContaining('Service Unavailable') },
    });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  }
  const [refusal] = await once(new WebSocket(`ws://127.0.0.1:${port}/api/events/in`, 'prefect'), 'error');
  expect(String(refusal)).toContain('503');

  // Someone asks all the time, on connections kept and new: nobody is ever refused a connection.
  const statuses: number[] = [];
  let asking = true;
  const asker = (async () => {
    while (asking) {
      statuses.push(
        (await ask('/health')).status,
        (await fetch(`http://127.0.0.1:${port}/api/hello`)).status,
      );
      await sleep(5);
    }
  })();
  await sleep(200);
  await release();
  const { url, applied } = await command.served();
  await sleep(200);
  asking = false;
  await asker;
  expect(url).toContain(`:${port}/`);
  expect(applied).toEqual(PENDING);
  expect([...new Set(statuses)].sort()).toEqual([200, 503]);
  expect(statuses.at(-1)).toBe(200);
  expect(await ask('/ready')).toMatchObject({
    status: 200,
    body: { message: 'OK', migrated: true, revision: PENDING.at(-1) },
  });
});

test.runIf(dialect === 'sqlite')(
  'probes do not wait while another program has a small file locked',
  async () => {
    const { target } = database;
    if (target.backend !== 'sqlite') return;
    await release();
    const other = new Driver(target.file);
    other.pragma('journal_mode = WAL');
    other.exec('begin immediate');
    const command = start();
    expect((await waitingRoom()).status).toBe(503);
    let slowest = 0;
    for (let asked = 0; asked < 40; asked++) {
      const before = performance.now();
      expect((await ask('/health')).status).toBe(200);
      slowest = Math.max(slowest, performance.now() - before);
      await sleep(25);
    }
    // So long as SQLite would wait for the lock, the process would answer nobody: ten seconds.
    expect(slowest).toBeLessThan(5000);
    expect(command.lines.filter(({ msg }) => msg.startsWith('applied'))).toEqual([]);
    other.close();
    expect((await command.served())['applied']).toEqual(PENDING);
  },
);

test('a signal ends it quickly and cleanly, and the next start goes on', async () => {
  const command = start();
  await waitingRoom();
  const before = performance.now();
  command.child.kill('SIGTERM');
  const { code, stderr } = await command.ended;
  expect(stderr).toContain('the next start goes on from there');
  expect(stderr).not.toContain('"fatal"');
  expect(code).toBe(0);
  expect(performance.now() - before).toBeLessThan(3000);
  await release();
  expect((await start().served())['applied']).toEqual(PENDING);
});

test('one of several servers migrates, the others wait and say so', async () => {
  const ports = [port, await freePort(), await freePort()];
  const servers = ports.map(start);
  const rooms = await Promise.all(ports.map(waitingRoom));
  expect(rooms.map(({ status }) => status)).toEqual([503, 503, 503]);
  while (
    !servers.some((server) => server.lines.some(({ msg }) => msg.includes('waiting for the migration lock')))
  )
    await sleep(50);
  const told = await Promise.all(ports.map((one) => ask('/ready', 'GET', one)));
  const waiting = told.filter(({ body }) =>
    String((body as { detail: string }).detail).includes('waiting for'),
  );
  expect(waiting.length).toBeGreaterThan(0);
  await release();
  const applied = (await Promise.all(servers.map((server) => server.served()))).map(
    (line) => line['applied'],
  );
  expect(applied.map((one) => (one as string[]).length).sort()).toEqual([0, 0, PENDING.length]);
});
