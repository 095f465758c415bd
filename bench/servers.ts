import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Running {
  name: string;
  url: string;
  pid: number;
  /** Milliseconds from spawning the process to its first answer. */
  startMs: number;
  stop(): Promise<void>;
}

const START_WITHIN_MS = 300_000;
const root = join(import.meta.dirname, '..');

/** What a server or a command is told by the environment. */
export const environmentOf = (home: string, databaseUrl: string): NodeJS.ProcessEnv => ({
  ...process.env,
  PREFECT_HOME: home,
  PREFECT_API_DATABASE_CONNECTION_URL: databaseUrl,
  PREFECT_SERVER_ANALYTICS_ENABLED: 'false',
  PREFECT_LOGGING_SERVER_LEVEL: 'ERROR',
});

/** The built server, as its users start it. */
export async function startOurs(home: string, databaseUrl: string, flags: string[] = []): Promise<Running> {
  const port = await freePort();
  const args = [join(root, 'dist/main.js'), 'start', '--port', String(port), ...flags];
  const env = environmentOf(home, databaseUrl);
  const began = performance.now();
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  return untilReady('ours', child, `http://127.0.0.1:${port}/api`, began);
}

/** Bare Express and prepared statements on a database that ours has migrated. */
export async function startLimit(databaseUrl: string): Promise<Running> {
  const began = performance.now();
  const child = fork(join(import.meta.dirname, 'limit/limit.ts'), [databaseUrl], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return untilReady('limit', child, `http://127.0.0.1:${port}/api`, began);
}

/** Prefect's own server; it makes its tables when there are none. */
export async function startPrefect(
  python: string,
  home: string,
  databaseUrl: string,
  flags: string[] = [],
): Promise<Running> {
  const port = await freePort();
  const args = ['-m', 'prefect', 'server', 'start', '--port', String(port), '--no-ui', ...flags];
  const env = environmentOf(home, databaseUrl);
  const began = performance.now();
  const child = spawn(python, args, { env, stdio: 'ignore' });
  return untilReady('Prefect', child, `http://127.0.0.1:${port}/api`, began);
}

/** What is still there when the bench ends, however it ends. */
const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

async function untilReady(name: string, child: ChildProcess, url: string, began: number): Promise<Running> {
  children.add(child);
  child.once('exit', () => children.delete(child));
  while (performance.now() - began < START_WITHIN_MS) {
    if (child.exitCode !== null)
      throw new Error(`${name} ended with code ${child.exitCode} before it answered`);
    const answer = await fetch(`${url}/ready`).catch(() => undefined);
    if (answer?.ok) {
      return { name, url, pid: child.pid!, startMs: performance.now() - began, stop: () => stop(child) };
    }
    await sleep(5);
  }
  child.kill('SIGKILL');
  throw new Error(`${name} did not answer within five minutes`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await once(child, 'exit');
  clearTimeout(timer);
}

/** Resident memory in megabytes, of the process alone. */
export function memoryOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
