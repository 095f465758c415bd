import Sqlite from 'better-sqlite3';
import pg from 'pg';
import { readPgCatalog } from '../../src/migrations/pg/catalog.ts';
import { readSqliteCatalog } from '../../src/migrations/sqlite/catalog.ts';
import type { PostgresTarget, SqliteTarget } from '../../src/settings/settings.ts';
import { describeCatalog } from '../support/catalog-text.ts';
import { createEmptyTarget, dialect, type EngineName } from '../support/engine.ts';

/** A database of its own, with nothing between the test and the driver. */
export interface EmptyDatabase {
  run(statements: readonly string[]): Promise<void>;
  rows(query: string): Promise<Record<string, unknown>[]>;
  facts(): Promise<string[]>;
  dispose(): Promise<void>;
}

export async function createEmptyDatabase(engine: EngineName = dialect): Promise<EmptyDatabase> {
  const { target, dispose } = await createEmptyTarget(engine);
  return target.backend === 'sqlite' ? openSqlite(target, dispose) : openPg(target, dispose);
}

function openSqlite({ file }: SqliteTarget, dispose: () => Promise<void>): EmptyDatabase {
  const database = new Sqlite(file);
  database.pragma('foreign_keys = off');
  return {
    async run(statements) {
      for (const statement of statements) database.exec(statement);
    },
    rows: async (query) => database.prepare(query).all() as Record<string, unknown>[],
    facts: async () => describeCatalog(await readSqliteCatalog(async (text) => database.prepare(text).all())),
    async dispose() {
      database.close();
      await dispose();
    },
  };
}

async function openPg(
  { host, port, user, database }: PostgresTarget,
  dispose: () => Promise<void>,
): Promise<EmptyDatabase> {
  const client = new pg.Client({ host, port, user: user ?? undefined, database });
  await client.connect();
  return {
    async run(statements) {
      for (const statement of statements) await client.query(statement);
    },
    rows: async (query) => (await client.query(query)).rows,
    facts: async () => describeCatalog(await readPgCatalog(async (text) => (await client.query(text)).rows)),
    async dispose() {
      await client.end();
      await dispose();
    },
  };
}
