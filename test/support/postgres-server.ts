import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import {
  nativeFolder,
  type PostgresVersion,
  type RunAs,
  reachableBinaries,
  runAs,
} from './postgres-binaries.ts';

export interface PostgresServer {
  /** Of the database `postgres`, as a superuser. */
  readonly url: string;
  readonly version: PostgresVersion;
  stop(): Promise<void>;
}

export interface PostgresLimits {
  /** In the blocks of the shell's ulimit: what a disk is full by. One of the log of writes has 16 MB. */
  largestFile?: string;
}

const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=200',
  // The data is thrown away at the end: speed instead of safety. But a commit is in the log of writes when it is
  // answered, since a server that falls over in a test must still have it.
  'fsync=off',
  'full_page_writes=off',
  'log_min_messages=warning',
];

/**
 * Stops the server when our end of the pipe closes, so that a test run that is itself killed leaves no server behind.
 * SIGINT is PostgreSQL's fast shutdown. The pipe is kept as 3: a shell gives its background jobs /dev/null as 0.
 */
const GUARD = `exec 3<&0 2>>"$LOG"; ulimit -f "$LARGEST_FILE"
"$@" 3<&- & server=$!
{ cat <&3 >&2; kill -INT $server 2>/dev/null; } &
wait $server; rm -rf "$DATA"`;

/** A PostgreSQL of its own in a temporary folder, on a free port of 127.0.0.1. Stops with this process at the latest. */
export async function startPostgres(
  version: PostgresVersion,
  { largestFile = 'unlimited' }: PostgresLimits = {},
): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), `prefect-server-postgres${version}-`));
  try {
    chmodSync(folder, 0o755);
    const user = runAs();
    const bin = join(reachableBinaries(nativeFolder(version), user, folder), 'bin');
    const data = createCluster(bin, folder, user);
    const port = await freePort();
    const server = spawnServer(bin, data, port, user, folder, largestFile);
    const url = `postgres://postgres:postgres@127.0.0.1:${port}/postgres`;
    await untilReady(url, server, join(folder, 'server.log'));
    return { url, version, stop: () => stop(server, folder) };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`PostgreSQL ${version} could not be started for the tests. ${reason}`, { cause: error });
  }
}

function createCluster(bin: string, folder: string, user: RunAs): string {
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  if (user.uid !== undefined) chownSync(data, user.uid, user.gid!);
  // Bytewise order as SQLite has it; but upper and lower case of all of Unicode, as servers in use have it.
  const locale = ['--locale=C', ...(process.platform === 'linux' ? ['--lc-ctype=C.UTF-8'] : [])];
  const flags = ['-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--no-sync', ...locale];
  execFileSync(join(bin, 'initdb'), flags, { ...user, cwd: '/', stdio: 'pipe' });
  return data;
}

function spawnServer(
  bin: string,
  data: string,
  port: number,
  user: RunAs,
  folder: string,
  largestFile: string,
): ChildProcess {
  const log = join(folder, 'server.log');
  const command = [
    join(bin, 'postgres'),
    '-D',
    data,
    '-p',
    String(port),
    ...SETTINGS.flatMap((s) => ['-c', s]),
  ];
  writeFileSync(log, '');
  chmodSync(log, 0o666);
  return spawn('sh', ['-c', GUARD, 'sh', ...command], {
    ...user,
    cwd: '/',
    env: { ...process.env, LOG: log, DATA: data, LARGEST_FILE: largestFile },
    // A group of its own, so that Ctrl-C in the terminal reaches us and not the server before the tests have ended.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}

async function untilReady(url: string, server: ChildProcess, log: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    try {
      await client.connect();
      await client.query('select 1');
      return;
    } catch (error) {
      if (server.exitCode !== null || Date.now() > deadline) {
        server.stdin?.end();
        throw new Error(`It said: ${readFileSync(log, 'utf8').trim() || String(error)}`);
      }
      await sleep(50);
    } finally {
      await client.end().catch(() => {});
    }
  }
}

async function stop(server: ChildProcess, folder: string): Promise<void> {
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.stdin?.end();
  if (server.exitCode === null) await ended;
  rmSync(folder, { recursive: true, force: true });
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
