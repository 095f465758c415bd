import type { DatabaseTarget } from '../settings/settings.ts';
import type { MigrationConnection } from './connection.ts';
import type { LedgerRow } from './ledger.ts';
import type { MigrationReporter } from './progress.ts';
import type { Revision } from './revisions.ts';

export interface BackupPolicy {
  /** How many copies that migrations made stay; the oldest go. */
  readonly keep: number;
}

export const BACKUPS_KEPT = 3;

export interface BackupResult {
  readonly file: string;
  readonly bytes: number;
  readonly milliseconds: number;
}

export interface BackupOptions {
  /** Where to; beside the database, with its revision and the time in the name, unless it is given. */
  file?: string;
  reporter?: MigrationReporter;
}

/**
 * Makes an integrity-checked copy of an SQLite database while it is in use; of PostgreSQL it says what to run.
 * @throws MigrationError
 */
export async function backup(_target: DatabaseTarget, _options: BackupOptions = {}): Promise<BackupResult> {
  throw new Error('not built yet');
}

export interface RestoreResult {
  readonly revision: string | null;
  /** Where the replaced database lies now; null if there was none. */
  readonly replaced: string | null;
}

/** Puts a copy in the place of an SQLite database, which nobody may have open; the replaced file is kept. */
export async function restore(_target: DatabaseTarget, _file: string): Promise<RestoreResult> {
  throw new Error('not built yet');
}

/** The copy that stands between a migration and the loss of anything; undefined where none is needed. */
export async function backUpBefore(
  _connection: MigrationConnection,
  _revisions: readonly Revision[],
  _ledger: readonly LedgerRow[],
  _options: { backup?: BackupPolicy | false; reporter: MigrationReporter },
): Promise<string | undefined> {
  return undefined;
}
