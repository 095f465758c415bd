import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Command, parseLines } from './process.ts';

let folder: string;
let command: Command | undefined;
let server: Server | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unusable-'));
});
afterEach(async () => {
  await command?.remove();
  server?.close();
  rmSync(folder, { recursive: true });
});

/** The one sentence with which a start ends. */
async function failure(env: Record<string, string>): Promise<[number | null, string]> {
  command = new Command(['start', '--port', '0'], env);
  const { code, stdout, stderr } = await command.ended;
  expect(stdout).toBe('');
  const lines = parseLines(stderr);
  expect(lines.map(({ level }) => level)).toEqual(['fatal']);
  expect(lines[0]).not.toHaveProperty('stack');
  expect(lines[0]!.msg).not.toContain('hunter2');
  return [code, lines[0]!.msg];
}

async function listen(onConnection: (socket: Socket) => void): Promise<number> {
  server = createServer(onConnection);
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}

const url = (port: number, user = 'me') => `postgresql+asyncpg://${user}:hunter2@127.0.0.1:${port}/flows`;

test('a file that is no SQLite database', async () => {
  const file = join(folder, 'notes.db');
  writeFileSync(file, 'These are my notes, and no database at all.\n'.repeat(100));
  const [code, message] = await failure({ PREFECT_DATABASE_PATH: file });
  expect(message).toMatch(/^The file .*notes\.db isn't an SQLite database: /);
  expect(code).toBe(2);
});

test('an unreachable PostgreSQL', async () => {
  const port = await listen(() => {});
  await new Promise((resolve) => server!.close(resolve));
  const [code, message] = await failure({ PREFECT_DATABASE_URL: url(port) });
  expect(message).toMatch(new RegExp(`127\\.0\\.0\\.1:${port}.*ECONNREFUSED`));
  expect(code).toBe(1);
});

test('a PostgreSQL that never answers', async () => {
  const port = await listen(() => {});
  const [code, message] = await failure({
    PREFECT_DATABASE_URL: url(port),
    PREFECT_SERVER_DATABASE_CONNECTION_TIMEOUT: '0.5',
  });
  expect(message).toContain(`127.0.0.1:${port}`);
  expect(code).toBe(1);
});

test('a wrong password', async () => {
  const port = await listen((socket) => {
    socket.once('data', () => {
      socket.write(message('R', Buffer.from([0, 0, 0, 3])));
      socket.once('data', () => {
        const fields = ['SFATAL', 'VFATAL', 'C28P01', 'Mpassword authentication failed for user "me"', ''];
        socket.end(message('E', Buffer.from(`${fields.join('\0')}\0`)));
      });
    });
    socket.on('error', () => {});
  });
  const [code, text] = await failure({ PREFECT_DATABASE_URL: `${url(port)}?ssl=disable` });
  expect(text).toContain('password authentication failed for user "me"');
  expect(code).toBe(1);
});

/** One message of PostgreSQL's protocol. */
function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

test("a folder in the file's place", async () => {
  const [code, message] = await failure({ PREFECT_DATABASE_PATH: folder });
  expect(message).toContain('names the folder');
  expect(code).toBe(2);
});
