import pg from 'pg';
import type { PostgresTarget } from '../../settings/settings.ts';
import { negotiateTls } from './tls.ts';

const { builtins } = pg.types;

/** These reach the columns as PostgreSQL's own text: a `Date` loses microseconds, `JSON.parse` changes users' numbers. */
const AS_TEXT = new Set<number>([
  builtins.TIMESTAMPTZ,
  builtins.TIMESTAMP,
  builtins.INTERVAL,
  builtins.JSON,
  builtins.JSONB,
]);

const asText = (value: string): string => value;

const types = {
  getTypeParser(oid: number) {
    if (AS_TEXT.has(oid)) return asText;
    // Counts are int8; none comes near the end of the safe integers.
    if (oid === builtins.INT8) return Number;
    return pg.types.getTypeParser(oid as Parameters<typeof pg.types.getTypeParser>[0]);
  },
};

/**
 * How every connection of the server is made, the migrations' own included.
 * @throws DatabaseUnavailable when TLS has to be tried out and the server can't be reached
 */
export async function connectionConfig(target: PostgresTarget): Promise<pg.ClientConfig> {
  const config: pg.ClientConfig = {
    host: target.host,
    port: target.port,
    user: target.user,
    password: target.password?.reveal(),
    database: target.database,
    application_name: target.applicationName ?? 'prefect-server',
    connectionTimeoutMillis: target.connectionTimeout * 1000,
    keepAlive: true,
    options: sessionParameters(target),
    types: types as pg.CustomTypesConfig,
  };
  return { ...config, ssl: await negotiateTls(target, config) };
}

/** Run-time parameters of each session, in libpq's form; the columns read timestamps and intervals as text and count on the first two. */
function sessionParameters(target: PostgresTarget): string {
  const milliseconds = Math.round(target.statementTimeout * 1000);
  const parameters: Record<string, string> = {
    timezone: 'UTC',
    intervalstyle: 'postgres',
    statement_timeout: String(milliseconds),
    lock_timeout: String(milliseconds),
    idle_in_transaction_session_timeout: '60000',
    ...(target.searchPath === null ? {} : { search_path: target.searchPath }),
    ...target.sessionParameters,
  };
  return Object.entries(parameters)
    .map(([name, value]) => `-c ${name}=${value.replace(/[\\\s]/g, '\\$&')}`)
    .join(' ');
}
