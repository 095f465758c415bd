import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { inject } from 'vitest';
import type { DatabaseTarget, PostgresTarget, SqliteTarget } from '../../src/settings/settings.ts';

export type EngineName = 'sqlite' | 'postgres';

/** Which engine this leg of the run is about. */
export const dialect: EngineName = process.env['TEST_ENGINE'] === 'postgres' ? 'postgres' : 'sqlite';

/** The folder and the server of this run, as `test/support/*-setup.ts` provide them. */
export const runFolder = (): string => inject('runFolder');
export const serverUrl = (): string => inject('postgresUrl');

export function uniqueName(prefix: string): string {
  return `${prefix}_${process.pid}_${randomBytes(4).toString('hex')}`;
}

export function sqliteTarget(file: string): SqliteTarget {
  return { backend: 'sqlite', file, timeout: 10, create: true };
}

export function postgresTarget(database: string): PostgresTarget {
  const { hostname, port, username } = new URL(serverUrl());
  return {
    backend: 'postgres',
    host: hostname,
    port: Number(port),
    user: username,
    password: null,
    database,
    tls: { mode: 'disable', caFile: null, certFile: null, keyFile: null },
    poolSize: 5,
    maxOverflow: 5,
    poolRecycle: -1,
    poolTimeout: 10,
    statementTimeout: 20,
    connectionTimeout: 10,
    migrationTimeout: null,
    preparedStatements: true,
    applicationName: null,
    searchPath: null,
    sessionParameters: {},
  };
}

/** Runs statements as the superuser; `database` is the server's own one unless it is named. */
export async function asSuperuser<T>(
  work: (client: pg.Client) => Promise<T>,
  database = 'postgres',
): Promise<T> {
  const url = new URL(serverUrl());
  url.pathname = `/${database}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A new database with all that `template` has, which nobody may have open. */
export function createDatabaseLike(template: string, name: string): Promise<void> {
  return asSuperuser(async (client) => {
    const { rows } = await client.query("select current_setting('server_version_num')::int as version");
    // A copy of its files, as older versions always do it: through the log of writes it takes three times as long.
    const strategy = rows[0].version >= 150_000 ? 'strategy file_copy' : '';
    await client.query(`create database ${name} template ${template} ${strategy}`);
  });
}

export interface EmptyTarget<Target = DatabaseTarget> {
  readonly target: Target;
  dispose(): Promise<void>;
}

/** A database with nothing in it: a path where no file is yet, or a new database of the server. */
export function createEmptyTarget(engine: 'sqlite'): Promise<EmptyTarget<SqliteTarget>>;
export function createEmptyTarget(engine: 'postgres'): Promise<EmptyTarget<PostgresTarget>>;
export function createEmptyTarget(engine?: EngineName): Promise<EmptyTarget>;
export async function createEmptyTarget(engine: EngineName = dialect): Promise<EmptyTarget> {
  const name = uniqueName('empty');
  if (engine === 'sqlite') return sqliteFile(name);
  await asSuperuser((client) => client.query(`create database ${name}`));
  return postgresDatabase(name);
}

export function sqliteFile(name: string): EmptyTarget<SqliteTarget> {
  const file = join(runFolder(), `${name}.db`);
  return {
    target: sqliteTarget(file),
    async dispose() {
      for (const end of ['', '-wal', '-shm', '-journal', '.migrate-lock'])
        rmSync(file + end, { force: true });
    },
  };
}

export function postgresDatabase(name: string): EmptyTarget<PostgresTarget> {
  return {
    target: postgresTarget(name),
    async dispose() {
      await asSuperuser((client) => client.query(`drop database if exists ${name} with (force)`));
    },
  };
}
