import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type DatabaseTarget, resolveSettings } from '../src/settings/settings.ts';
import { startPostgres } from '../test/support/postgres-server.ts';
import type { EngineName } from './options.ts';

/** Where the databases of one run of the bench lie. */
export interface Databases {
  readonly home: string;
  /** The URL of a new, empty one. */
  make(engine: EngineName): Promise<string>;
  close(): Promise<void>;
}

export async function openDatabases(engines: EngineName[]): Promise<Databases> {
  const home = mkdtempSync(join(tmpdir(), 'prefect-server-bench-'));
  const postgres = engines.includes('postgres') ? await startPostgres('18') : undefined;
  let made = 0;
  return {
    home,
    async make(engine) {
      const name = `bench${made++}`;
      if (engine === 'sqlite') return `sqlite+aiosqlite:///${join(home, `${name}.db`)}`;
      const client = new pg.Client({ connectionString: postgres!.url });
      await client.connect();
      await client.query(`create database ${name}`);
      await client.end();
      return postgres!.url.replace('postgres://', 'postgresql+asyncpg://').replace(/\/postgres$/, `/${name}`);
    },
    async close() {
      await postgres?.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

export const targetOf = (url: string): DatabaseTarget =>
  resolveSettings({ env: { PREFECT_DATABASE_URL: url } }).databaseTarget;

/** As a driver takes it: what stands before the first slash of a file, and the name of Python's driver, are Prefect's. */
export const driverUrl = (url: string): string =>
  url.replace(/^sqlite\+aiosqlite:\/\/\//, '').replace('+asyncpg', '');
