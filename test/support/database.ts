import { copyFileSync, existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from '../../src/db/database.ts';
import { openDatabase } from '../../src/db/open.ts';
import { migrate } from '../../src/migrations/run/upgrade.ts';
import type { DatabaseTarget } from '../../src/settings/settings.ts';
import {
  asSuperuser,
  createDatabaseLike,
  dialect,
  type EmptyTarget,
  type EngineName,
  postgresDatabase,
  postgresTarget,
  runFolder,
  sqliteFile,
  sqliteTarget,
  uniqueName,
} from './engine.ts';

export { createEmptyTarget, dialect, type EngineName } from './engine.ts';

export interface TestDatabase {
  readonly db: Database;
  readonly target: DatabaseTarget;
  /** Closes the database and removes it. */
  dispose(): Promise<void>;
}

/** A database of its own at the head of the chain, with no rows. Costs a copy, not a migration. */
export async function createTestDatabase(engine: EngineName = dialect): Promise<TestDatabase> {
  const { target, dispose } = await createMigratedTarget(engine);
  const db = await openDatabase(target);
  return {
    db,
    target,
    async dispose() {
      await db.close();
      await dispose();
    },
  };
}

/** The same, not opened: for a server in a process of its own. */
export function createMigratedTarget(engine: EngineName = dialect): Promise<EmptyTarget> {
  return engine === 'sqlite' ? copyOfTemplateFile() : copyOfTemplateDatabase();
}

async function copyOfTemplateFile(): Promise<EmptyTarget> {
  const template = join(runFolder(), 'template.db');
  if (!existsSync(template)) {
    // Another worker may be at it too: both make the same file, and a rename leaves no moment with half of one.
    const own = join(runFolder(), `${uniqueName('template')}.db`);
    await migrate(sqliteTarget(own), { log: () => {} });
    renameSync(own, template);
  }
  const copy = sqliteFile(uniqueName('test'));
  copyFileSync(template, (copy.target as { file: string }).file);
  return copy;
}

const TEMPLATE = 'prefect_server_template';

async function copyOfTemplateDatabase(): Promise<EmptyTarget> {
  const name = uniqueName('test');
  await asSuperuser(async (client) => {
    const found = await client.query('select from pg_database where datname = $1', [TEMPLATE]);
    if (found.rowCount === 0) await makeTemplateDatabase();
  });
  await createDatabaseLike(TEMPLATE, name);
  return postgresDatabase(name);
}

function makeTemplateDatabase(): Promise<void> {
  return asSuperuser(async (client) => {
    await client.query('select pg_advisory_lock(727210)');
    const found = await client.query('select from pg_database where datname = $1', [TEMPLATE]);
    if (found.rowCount !== 0) return;
    const own = uniqueName('template');
    await client.query(`create database ${own}`);
    await migrate(postgresTarget(own), { log: () => {} });
    await client.query(`alter database ${own} rename to ${TEMPLATE}`);
  });
}
