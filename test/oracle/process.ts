/** A server as a child process: started on a port, awaited until healthy, stopped by its id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ServerProcess {
  /** Base of the API, ends with /api. */
  url: string;
  port: number;
  pid: number;
  /** What the process has printed so far. */
  output(): string;
  stop(): Promise<void>;
}

export interface Launch {
  name: string;
  command: string;
  args: string[];
  env: Record<string, string | undefined>;
  port: number;
  cwd: string;
  readyWithinMs: number;
}

/** Settings of whoever runs the tests must not reach the servers under test. */
export function cleanEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PREFECT_')));
}

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(address)));
    });
  });
}

const KEPT_OUTPUT = 200_000;

export async function launch(what: Launch): Promise<ServerProcess> {
  const child = spawn(what.command, what.args, {
    cwd: what.cwd,
    env: what.env as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-KEPT_OUTPUT);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const kill = () => signal(child, 'SIGKILL');
  process.once('exit', kill);
  const server: ServerProcess = {
    url: `http://127.0.0.1:${what.port}/api`,
    port: what.port,
    pid: child.pid!,
    output: () => output,
    stop: async () => {
      process.removeListener('exit', kill);
      await stop(child);
    },
  };
  await untilHealthy(server, child, what);
  return server;
}

async function untilHealthy(server: ServerProcess, child: ChildProcess, what: Launch): Promise<void> {
  const deadline = Date.now() + what.readyWithinMs;
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`${what.name} ended with ${child.exitCode ?? child.signalCode}:\n${server.output()}`);
    }
    const healthy = await fetch(`${server.url}/health`, { signal: AbortSignal.timeout(2000) }).then(
      async (answer) => answer.ok && (await answer.text()) === 'true',
      () => false,
    );
    if (healthy) return;
    await sleep(100);
  }
  await server.stop();
  throw new Error(`${what.name} did not answer within ${what.readyWithinMs} ms:\n${server.output()}`);
}

/** The whole group, since both servers may have children of their own. */
function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // It has ended already.
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  signal(child, 'SIGTERM');
  const inTime = await Promise.race([ended.then(() => true), sleep(10_000, false)]);
  if (!inTime) signal(child, 'SIGKILL');
  await ended;
}
