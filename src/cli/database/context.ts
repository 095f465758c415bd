import { existsSync } from 'node:fs';
import type { Logger } from 'pino';
import { createLog } from '../../log.ts';
import type { MigrationReporter } from '../../migrations/progress.ts';
import type { BackupPolicy } from '../../migrations/run/backup-before.ts';
import {
  type DatabaseTarget,
  describeTarget,
  fileOf,
  isInMemory,
  resolveSettings,
} from '../../settings/settings.ts';
import { CommandError } from '../failure.ts';
import { backupPolicy } from '../migration/backup-policy.ts';
import { createReporter } from '../migration/reporter.ts';
import { makeHome } from '../open-database.ts';

/** What every command on a database begins with. */
export interface DatabaseContext {
  target: DatabaseTarget;
  /** `SQLite /data/prefect.db` */
  database: string;
  log: Logger;
  reporter: MigrationReporter;
  backup: BackupPolicy | false;
  /** An SQLite file that isn't there: nothing makes it by looking. */
  missing: boolean;
  /** To be called before anything is written. */
  makeHome(): void;
}

/** @param flags `backup` is false for `--no-backup` */
export async function openContext({ backup = true }: { backup?: boolean } = {}): Promise<DatabaseContext> {
  const settings = resolveSettings();
  const { databaseTarget: target } = settings;
  const log = await createLog(settings);
  for (const warning of settings.warnings) log.warn(warning);
  if (isInMemory(target)) throw inMemory();
  const file = fileOf(target);
  return {
    target,
    database: describeTarget(target),
    log,
    reporter: createReporter(log),
    backup: backup ? backupPolicy(settings) : false,
    missing: file !== null && !existsSync(file),
    makeHome: () => makeHome(settings),
  };
}

export const inMemory = (): CommandError =>
  new CommandError(
    'in_memory',
    'A database in memory is gone when the command ends: set PREFECT_DATABASE_PATH to a file.',
  );
