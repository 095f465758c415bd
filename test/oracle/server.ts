/** Starts the real Prefect server (the oracle) or ours, each on a port and in a home folder of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ourProgram } from '../support/program.ts';
import { cleanEnvironment, freePort, launch, type ServerProcess } from './process.ts';
import { ensureVenv, PREFECT } from './venv.ts';

export type { ServerProcess } from './process.ts';

export interface ServerOptions {
  /** 'sqlite': a new file in the private home folder. Else the address of an empty PostgreSQL database. */
  database: 'sqlite' | `postgres${string}`;
  port?: number;
  env?: Record<string, string>;
}

export interface OracleOptions extends ServerOptions {
  /** Without its services Prefect stores no events. */
  services?: boolean;
}

/** These act on runs behind the back of a test; what stays on only records what a test sent. */
const INTERFERING = [
  'LATE_RUNS',
  'SCHEDULER',
  'CANCELLATION_CLEANUP',
  'PAUSE_EXPIRATIONS',
  'FOREMAN',
  'REPOSSESSOR',
];
const ENDLESS = ['DB_VACUUM', 'CLEANUP_RECONCILER', 'TRIGGERS'];

/** Settings that keep either server from acting by itself. */
export const WITHOUT_SERVICES: Record<string, string> = Object.fromEntries(
  [...INTERFERING, ...ENDLESS].map((service) => [`PREFECT_SERVER_SERVICES_${service}_ENABLED`, 'false']),
);

function oracleEnvironment(home: string, options: OracleOptions): Record<string, string | undefined> {
  const env: Record<string, string | undefined> = {
    ...cleanEnvironment(),
    PREFECT_HOME: home,
    PREFECT_SERVER_ANALYTICS_ENABLED: 'false',
    DO_NOT_TRACK: '1',
    PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL: '0.5',
  };
  Object.assign(env, WITHOUT_SERVICES);
  if (options.database !== 'sqlite') {
    env['PREFECT_API_DATABASE_CONNECTION_URL'] = options.database.replace(
      /^postgres(ql)?:/,
      'postgresql+asyncpg:',
    );
  }
  return { ...env, ...options.env };
}

/** The real Prefect server. Its first start on an empty database runs all of its migrations: 10 to 20 s. */
export async function startOracle(options: OracleOptions): Promise<ServerProcess> {
  await ensureVenv();
  const port = options.port ?? (await freePort());
  const services = (options.services ?? true) ? [] : ['--no-services'];
  return inHome('oracle', (home) => ({
    name: 'The Prefect server',
    command: PREFECT,
    args: ['server', 'start', '--host', '127.0.0.1', '--port', String(port), '--no-ui', ...services],
    env: oracleEnvironment(home, options),
    port,
    cwd: home,
    readyWithinMs: 120_000,
  }));
}

export async function startOurs(options: ServerOptions): Promise<ServerProcess> {
  const port = options.port ?? (await freePort());
  return inHome('ours', (home) => ({
    name: 'Our server',
    command: process.execPath,
    args: [...ourProgram(), 'start', '--host', '127.0.0.1', '--port', String(port)],
    env: {
      ...cleanEnvironment(),
      PREFECT_HOME: home,
      ...ourDatabase(home, options.database),
      ...options.env,
    },
    port,
    cwd: home,
    readyWithinMs: 30_000,
  }));
}

function ourDatabase(home: string, database: ServerOptions['database']): Record<string, string> {
  if (database === 'sqlite') {
    return { PREFECT_DATABASE_BACKEND: 'sqlite', PREFECT_DATABASE_PATH: join(home, 'prefect.db') };
  }
  return { PREFECT_DATABASE_BACKEND: 'postgres', PREFECT_DATABASE_URL: database };
}

type Launched = Parameters<typeof launch>[0];

async function inHome(name: string, what: (home: string) => Launched): Promise<ServerProcess> {
  const home = mkdtempSync(join(tmpdir(), `prefect-${name}-`));
  const remove = () => rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  try {
    const server = await launch(what(home));
    return {
      ...server,
      stop: async () => {
        await server.stop();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
