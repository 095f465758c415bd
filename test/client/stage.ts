/** A server for one test file, on a database of its own that outlives its restarts. */
import { join } from 'node:path';
import { freePort } from '../oracle/process.ts';
import { type ServerProcess, startOracle, startOurs } from '../oracle/server.ts';
import { createEmptyTarget, type EngineName } from '../support/engine.ts';

export interface Stage {
  /** Base of the API, ends with /api; the same after a restart. */
  readonly url: string;
  /** What the server process of now has printed. */
  output(): string;
  /** Stops the server as a supervisor does. */
  stop(): Promise<void>;
  start(): Promise<void>;
  dispose(): Promise<void>;
}

/** TEST_CLIENT_SERVER=prefect runs the suite against Prefect's own server, of which all of it must be true too. */
export const isOracle = process.env['TEST_CLIENT_SERVER'] === 'prefect';

export async function openStage(engine: EngineName, env: Record<string, string> = {}): Promise<Stage> {
  const { target, dispose } = await createEmptyTarget(engine);
  const port = await freePort();
  const options = {
    port,
    ...(target.backend === 'sqlite'
      ? { database: 'sqlite' as const, env: { ...sqliteSettings(target.file!), ...env } }
      : { database: urlOf(target) as `postgres${string}`, env }),
  };
  const launch = () => (isOracle ? startOracle(options) : startOurs(options));
  let server: ServerProcess | undefined = await launch();
  const stop = async () => {
    await server?.stop();
    server = undefined;
  };
  return {
    url: server.url,
    output: () => server?.output() ?? '',
    stop,
    async start() {
      server = await launch();
    },
    async dispose() {
      await stop();
      await dispose();
    },
  };
}

function sqliteSettings(file: string): Record<string, string> {
  return isOracle
    ? { PREFECT_API_DATABASE_CONNECTION_URL: `sqlite+aiosqlite:///${join(file)}` }
    : { PREFECT_DATABASE_PATH: file };
}

function urlOf({
  user,
  host,
  port,
  database,
}: {
  user: string | null;
  host: string;
  port: number;
  database: string;
}): string {
  return `postgres://${user}:postgres@${host}:${port}/${database}`;
}
