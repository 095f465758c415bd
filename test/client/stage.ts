/** A server for one test file, on a database of its own that outlives its restarts. */
import { freePort } from '../oracle/process.ts';
import { type ServerOptions, type ServerProcess, startOracle, startOurs } from '../oracle/server.ts';
import { createEmptyTarget, type EmptyTarget, type EngineName } from '../support/engine.ts';

export interface Stage {
  /** Its database. */
  readonly target: EmptyTarget['target'];
  /** Base of the API, ends with /api; the same after a restart. */
  readonly url: string;
  /** What all server processes so far have printed. */
  output(): string;
  /** Stops the server as a supervisor does. */
  stop(): Promise<void>;
  start(): Promise<void>;
  dispose(): Promise<void>;
}

/** TEST_CLIENT_SERVER=prefect runs the suite against Prefect's own server: all of it must be true of that one too. */
export const isOracle = process.env['TEST_CLIENT_SERVER'] === 'prefect';

export async function openStage(engine: EngineName, env: Record<string, string> = {}): Promise<Stage> {
  const { target, dispose } = await createEmptyTarget(engine);
  const port = await freePort();
  const options = serverOptions(target, env, port);
  const launch = () => (isOracle ? startOracle(options) : startOurs(options));
  let server = await launch();
  const past: ServerProcess[] = [];
  return {
    target,
    url: server.url,
    output: () => [...past, server].map((one) => one.output()).join('\n'),
    stop: () => server.stop(),
    async start() {
      past.push(server);
      server = await launch();
    },
    async dispose() {
      await server.stop();
      await dispose();
    },
  };
}

function serverOptions(
  target: EmptyTarget['target'],
  env: Record<string, string>,
  port: number,
): ServerOptions {
  if (target.backend === 'postgres') {
    const { user, host, port: databasePort, database } = target;
    return { database: `postgres://${user}@${host}:${databasePort}/${database}`, env, port };
  }
  const where: Record<string, string> = isOracle
    ? { PREFECT_API_DATABASE_CONNECTION_URL: `sqlite+aiosqlite:///${target.file}` }
    : { PREFECT_DATABASE_PATH: target.file! };
  return { database: 'sqlite', env: { ...where, ...env }, port };
}
