import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createEmptyTarget, createMigratedTarget, dialect } from '../support/database.ts';
import type { EmptyTarget } from '../support/engine.ts';
import { Command, environmentOf, parseLines } from './process.ts';

let database: EmptyTarget;
const commands: Command[] = [];

function start(target: EmptyTarget, args: string[] = [], env: Record<string, string> = {}): Command {
  const command = new Command(['start', '--port', '0', ...args], { ...environmentOf(target.target), ...env });
  commands.push(command);
  return command;
}

/** Ends the server as a supervisor does, and says how long it took. */
async function stop(command: Command, signal: NodeJS.Signals = 'SIGTERM') {
  const before = performance.now();
  command.child.kill(signal);
  const ended = await command.ended;
  return { ...ended, seconds: (performance.now() - before) / 1000 };
}

afterEach(async () => {
  for (const command of commands.splice(0)) await command.remove();
  await database.dispose();
});

describe('an empty database', () => {
  beforeEach(async () => {
    database = await createEmptyTarget();
  });

  test('is brought up to date, served, and left alone by the next start', async () => {
    const first = start(database);
    const welcome = await first.served();
    expect(await (await fetch(`${welcome.url}/health`)).json()).toBe(true);
    expect(welcome).toMatchObject({
      level: 'info',
      next: `prefect config set PREFECT_API_URL=${welcome.url}`,
    });
    expect(welcome['version']).toMatch(/^\d+\.\d+\.\d+$/);
    expect(welcome['database']).toMatch(
      dialect === 'sqlite' ? /^SQLite \/.*\.db$/ : /^PostgreSQL postgres@127\.0\.0\.1:\d+\/empty_/,
    );
    const applied = welcome['applied'] as string[];
    expect(applied.length).toBeGreaterThan(0);
    expect(welcome['revision']).toBe(applied.at(-1));
    // A line a revision, when it is done, and one for the welcome.
    expect(first.lines.map(({ msg }) => msg.replace(/^applied (\w{12}) .*/, '$1')).slice(0, -1)).toEqual(
      applied,
    );

    const ended = await stop(first);
    expect(ended).toMatchObject({ code: 0, stdout: '' });
    expect(parseLines(ended.stderr).at(-1)!.msg).toBe('stopped');

    // All is in the one file: a copy of it is a backup.
    const { target } = database;
    if (target.backend === 'sqlite') expect(existsSync(`${target.file}-wal`)).toBe(false);

    const again = await start(database).served();
    expect(again).toMatchObject({ applied: [], revision: applied.at(-1) });
  });

  test('is refused with 4 when starting may not migrate', async () => {
    const { code, stderr } = await start(database, [], { PREFECT_API_DATABASE_MIGRATE_ON_START: 'false' })
      .ended;
    expect(parseLines(stderr).at(-1)!.msg).toMatch(/run prefect-server database upgrade\.$/);
    expect(code).toBe(4);
  });

  test('is upgraded by the command', async () => {
    const upgrade = async (): Promise<string> => {
      const command = new Command(['server', 'database', 'upgrade', '-y'], environmentOf(database.target));
      commands.push(command);
      const { code, stdout, stderr } = await command.ended;
      expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
      return parseLines(stderr).at(-1)!.msg;
    };
    expect(await upgrade()).toMatch(/ is up to date, at revision \w+$/);
    expect(await upgrade()).toMatch(/ was up to date, at revision \w+$/);
    const ready = start(database, [], { PREFECT_API_DATABASE_MIGRATE_ON_START: 'false' });
    expect(await ready.served()).toMatchObject({ applied: [] });
  });
});

describe('stopping', () => {
  beforeEach(async () => {
    database = await createMigratedTarget();
  });

  /** A request whose last byte is still to come. */
  async function halfRequest(url: string): Promise<{ socket: Socket; finish(): Promise<string> }> {
    const { hostname, port, pathname } = new URL(url);
    const body = '{"name":"in flight"}';
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.setEncoding('utf8').on('data', (text) => {
      answer += text;
    });
    socket.on('error', () => {});
    await once(socket, 'connect');
    const head = `POST ${pathname}/flows/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    socket.write(head + body.slice(0, -1));
    await sleep(100);
    return {
      socket,
      async finish() {
        socket.write(body.slice(-1));
        await once(socket, 'close');
        return answer;
      },
    };
  }

  test('finishes what is in flight, and takes nothing new', async () => {
    const command = start(database);
    const { url } = await command.served();
    // An idle connection, which must not be waited for.
    expect(await (await fetch(`${url}/health`)).json()).toBe(true);
    const request = await halfRequest(url);
    command.child.kill('SIGTERM');
    while (!command.lines.some(({ msg }) => msg.startsWith('SIGTERM'))) await sleep(10);
    await sleep(100);
    await expect(fetch(`${url}/health`)).rejects.toThrow();
    const answer = await request.finish();
    expect(answer).toMatch(/^HTTP\/1\.1 201 /);
    expect((await command.ended).code).toBe(0);

    const { url: next } = await start(database).served();
    expect((await fetch(`${next}/flows/name/in%20flight`)).status).toBe(200);
  });

  test('does not wait for a client that asks again and again on its connection', async () => {
    const command = start(database);
    const { url } = await command.served();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = () =>
      new Promise<void>((resolve, reject) => {
        get(`${url}/health`, { agent }, (response) => response.resume().on('end', resolve)).on(
          'error',
          reject,
        );
      });
    let answers = 0;
    const asking = (async () => {
      for (;;) {
        await ask();
        answers++;
      }
    })().catch(() => {});
    while (answers < 50) await sleep(10);
    const { code, seconds } = await stop(command);
    await asking;
    agent.destroy();
    expect(code).toBe(0);
    expect(seconds).toBeLessThan(2);
  });

  test('cuts off a request that never ends, and is done in 5 seconds', async () => {
    const command = start(database);
    const { socket } = await halfRequest((await command.served()).url);
    const cut = once(socket, 'close');
    const { code, seconds } = await stop(command);
    await cut;
    expect(code).toBe(0);
    expect(seconds).toBeGreaterThan(2);
    expect(seconds).toBeLessThan(5);
  });

  test('a second signal ends it at once', async () => {
    const command = start(database);
    await halfRequest((await command.served()).url);
    command.child.kill('SIGINT');
    while (!command.lines.some(({ msg }) => msg.startsWith('SIGINT'))) await sleep(10);
    const { signal, seconds } = await stop(command, 'SIGINT');
    expect(signal).toBe('SIGINT');
    expect(seconds).toBeLessThan(1);
  });

  test('Ctrl-C with open websockets hangs up on them', async () => {
    const command = start(database);
    const { url } = await command.served();
    const socket = new WebSocket(`${url.replace('http', 'ws')}/events/in`, 'prefect');
    await once(socket, 'open');
    socket.send('{"type":"auth","token":null}');
    await once(socket, 'message');
    const closed = once(socket, 'close');
    const { code, seconds } = await stop(command, 'SIGINT');
    const [status] = await closed;
    // Prefect's clients connect again after 1012, where they give up after 1001.
    expect(status).toBe(1012);
    expect(code).toBe(0);
    expect(seconds).toBeLessThan(2);
  });
});

test('flags go before variables', async () => {
  database = await createMigratedTarget();
  const env = {
    PREFECT_SERVER_API_PORT: '1',
    PREFECT_SERVER_LOGGING_LEVEL: 'DEBUG',
    PREFECT_SERVER_API_BASE_PATH: '/v2/api',
  };
  const { url } = await start(
    database,
    ['--host', 'localhost', '--log-level', 'info', '--no-services'],
    env,
  ).served();
  expect(url).toMatch(/^http:\/\/localhost:\d+\/v2\/api$/);
  expect(await (await fetch(`${url}/health`)).json()).toBe(true);
});
