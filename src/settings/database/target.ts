import type { Secret } from '../secret.ts';

/** The one database that the server uses, worked out of a URL or of parts. */
export type DatabaseTarget = SqliteTarget | PostgresTarget;

export interface SqliteTarget {
  backend: 'sqlite';
  /** An absolute path, or `:memory:`. */
  file: string;
  /** Seconds to wait for a lock of another process. */
  timeout: number;
  /** A file that isn't there may be created (not so with `mode=rw`). */
  create: boolean;
}

export interface PostgresTarget {
  backend: 'postgres';
  /** A name, an address, or (with a slash first) the folder of a Unix socket. */
  host: string;
  port: number;
  user: string;
  password: Secret | null;
  database: string;
  tls: TlsOptions;
  poolSize: number;
  /** Connections beyond `poolSize`; -1 means any number. */
  maxOverflow: number;
  /** Seconds after which a connection is replaced; -1 means never. */
  poolRecycle: number;
  /** Seconds to wait for a free connection. */
  poolTimeout: number;
  /** Seconds that a statement may take. */
  statementTimeout: number;
  /** Seconds that connecting may take. */
  connectionTimeout: number;
  /** Seconds that a statement of a migration may take; null means no limit. */
  migrationTimeout: number | null;
  /** False behind PgBouncer in transaction mode. */
  preparedStatements: boolean;
  applicationName: string | null;
  searchPath: string | null;
  /** Further run-time parameters, set on each connection. */
  sessionParameters: Record<string, string>;
  /** The same database without a pooler in between, for migrations. */
  direct?: PostgresTarget;
}

export interface TlsOptions {
  /**
   * As libpq means it: `prefer` tries TLS and goes on without when the server has none; `require` encrypts without
   * looking at the certificate (unless a CA is named); `verify-ca` checks who signed it, `verify-full` its name too.
   */
  mode: 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';
  caFile: string | null;
  certFile: string | null;
  keyFile: string | null;
}

/** For logs and messages: never a password. */
export function describeTarget(target: DatabaseTarget): string {
  if (target.backend === 'sqlite')
    return target.file === ':memory:' ? 'SQLite in memory' : `SQLite ${target.file}`;
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  return `PostgreSQL ${target.user}@${host}:${target.port}/${target.database}`;
}

/** Such a database is empty at each start, and gone at its end. */
export const isInMemory = (target: DatabaseTarget): boolean =>
  target.backend === 'sqlite' && target.file === ':memory:';

/** The file that the database is, where it is one. */
export const fileOf = (target: DatabaseTarget): string | null =>
  target.backend === 'sqlite' && !isInMemory(target) ? target.file : null;
