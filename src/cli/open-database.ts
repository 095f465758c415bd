import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import { openDatabase } from '../db/open.ts';
import { MigrationError } from '../migrations/errors.ts';
import { openMigrated, requireMigrated } from '../migrations/run/upgrade.ts';
import { fileOf, isInMemory, type Settings } from '../settings/settings.ts';
import type { MigrationOutcome } from './migration/migrate.ts';

export interface OpenedDatabase {
  db: Database;
  /** Null for a chain without revisions. */
  revision: string | null;
  /** The revisions that this start has applied. */
  applied: string[];
  /** What that took. */
  milliseconds: number;
}

/**
 * Opens the database of the settings, at the head of its chain or not at all. `migrate` is called only when something
 * is pending, or `adopt` is set and Prefect itself has made the database.
 */
export async function openCurrent(
  settings: Settings,
  log: Logger,
  migrate: (adopt: boolean) => Promise<MigrationOutcome>,
  { adopt = false } = {},
): Promise<OpenedDatabase> {
  const { databaseTarget: target } = settings;
  const start = performance.now();
  const since = (): number => Math.round(performance.now() - start);
  if (isInMemory(target)) {
    const { db, applied, head } = await openMigrated(target, { log: (line) => log.info(line) });
    return { db, revision: head, applied: applied.map(({ id }) => id), milliseconds: since() };
  }
  makeHome(settings);
  try {
    const revision = await requireMigrated(target);
    return { db: await openDatabase(target), revision, applied: [], milliseconds: 0 };
  } catch (error) {
    const adopts = adopt && isPrefects(error);
    if (!adopts && !(settings.server.database.migrateOnStart && isBehind(error))) throw error;
    const { applied, head } = await migrate(adopts);
    return { db: await openDatabase(target), revision: head, applied, milliseconds: since() };
  }
}

const isBehind = (error: unknown): boolean => error instanceof MigrationError && error.kind === 'behind';

export const isPrefects = (error: unknown): boolean =>
  error instanceof MigrationError && error.kind === 'made_by_prefect';

/** Prefect's home is the one folder that is made when it's missing; a folder that the user names must be there. */
export function makeHome({ databaseTarget: target, home }: Settings): void {
  const file = fileOf(target);
  if (file !== null && dirname(file) === home) mkdirSync(home, { recursive: true });
}
