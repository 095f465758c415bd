import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import { openDatabase } from '../db/open.ts';
import { openMigrated, requireMigrated } from '../migrations/runner.ts';
import { fileOf, isInMemory, type Settings } from '../settings/settings.ts';

export interface OpenedDatabase {
  db: Database;
  /** Null for a chain without revisions. */
  revision: string | null;
  /** The revisions that this start has applied. */
  applied: string[];
}

/** Opens the database of the settings, at the head of its chain or not at all. */
export async function openCurrent(settings: Settings, log: Logger): Promise<OpenedDatabase> {
  const { databaseTarget: target } = settings;
  makeHome(settings);
  if (settings.server.database.migrateOnStart || isInMemory(target)) {
    const { db, applied, head } = await openMigrated(target, { log: (line) => log.info(line) });
    return { db, revision: head, applied: applied.map(({ id }) => id) };
  }
  const revision = await requireMigrated(target);
  return { db: await openDatabase(target), revision, applied: [] };
}

/** Prefect's home is the one folder that is made when it's missing; a folder that the user names must be there. */
export function makeHome({ databaseTarget: target, home }: Settings): void {
  const file = fileOf(target);
  if (file !== null && dirname(file) === home) mkdirSync(home, { recursive: true });
}
