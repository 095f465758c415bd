import { type DatabaseTarget, isInMemory } from '../../settings/settings.ts';
import { MigrationError } from '../errors.ts';
import { pgDumpLine, pgRestoreLine } from '../pg/backup.ts';
import type { MigrationReporter } from '../progress.ts';

export interface BackupResult {
  readonly file: string;
  readonly bytes: number;
  readonly milliseconds: number;
}

export interface BackupOptions {
  /** Where to; beside the database, with the time and its revision in the name, unless it is given. */
  file?: string;
  reporter?: MigrationReporter;
}

/**
 * Makes an integrity-checked copy of an SQLite database, which may be in use. Of PostgreSQL it says what to run.
 * @throws MigrationError
 */
export async function backup(target: DatabaseTarget, options: BackupOptions = {}): Promise<BackupResult> {
  if (target.backend === 'postgres') throw ownTool('made with', pgDumpLine(target, options.file));
  refuseMemory(target);
  const { backUp } = await import('../sqlite/backup.ts');
  return backUp(target.file, { ...options, purpose: 'by hand' });
}

export interface RestoreResult {
  /** Where the restored database is; null for one that Prefect made, or base. */
  readonly revision: string | null;
  /** Where the replaced database lies now; null if there was none. */
  readonly replaced: string | null;
}

/** Puts a copy in the place of an SQLite database, which nobody may have open; the replaced file is kept. */
export async function restore(
  target: DatabaseTarget,
  file: string,
  reporter?: MigrationReporter,
): Promise<RestoreResult> {
  if (target.backend === 'postgres') throw ownTool('restored with', pgRestoreLine(target, file));
  refuseMemory(target);
  const { restoreFile } = await import('../sqlite/restore.ts');
  return restoreFile(target, file, reporter);
}

function ownTool(verb: string, line: string): MigrationError {
  return new MigrationError(
    'own_tool',
    `Nothing was done: a backup of PostgreSQL is ${verb} its own tools, so run ${line}.`,
  );
}

function refuseMemory(target: DatabaseTarget): void {
  if (isInMemory(target))
    throw new MigrationError('not_ours', 'A database in memory has no file: name another database.');
}
