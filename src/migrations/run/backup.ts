import { type DatabaseTarget, isInMemory } from '../../settings/settings.ts';
import { isWorkingState } from '../catalog/book-keeping.ts';
import type { DataFile } from '../chain/revisions.ts';
import { withoutComments } from '../chain/script.ts';
import type { MigrationConnection } from '../connection.ts';
import { MigrationError } from '../errors.ts';
import { pgDumpLine, pgRestoreLine } from '../pg/backup.ts';
import type { MigrationReporter } from '../progress.ts';
import type { LedgerRow } from './ledger.ts';
import type { ProgressRow } from './progress-table.ts';

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

/** A revision or its way back, as far as it matters here. */
export interface Change {
  readonly statements: readonly string[];
  readonly data: DataFile | null;
}

/** What is gone when it has run: a rebuild drops the old table. */
const LOSES = /^(?:drop\s+table|delete|update|replace|insert\s+or\s+replace|alter\s+table\b.*\bdrop\b)/is;

/** Nothing of a user's is in them. */
const DROPS_WORKING_STATE = /^drop\s+table\s+(?:if\s+exists\s+)?"?(\w+)"?\s*;?\s*$/i;

export function needsBackup({ statements, data }: Change): boolean {
  return data !== null || statements.map(withoutComments).some(loses);
}

function loses(statement: string): boolean {
  const [, dropped] = DROPS_WORKING_STATE.exec(statement) ?? [];
  return LOSES.test(statement) && !(dropped !== undefined && isWorkingState(dropped));
}

export interface BackUpBefore {
  readonly changes: readonly Change[];
  readonly ledger: readonly LedgerRow[];
  /** A run that broke off has made its copy. */
  readonly progress: ProgressRow | null;
}

/** The copy that stands between a migration and the loss of anything; undefined where none is needed. */
export async function backUpBefore(
  { file }: MigrationConnection,
  { changes, ledger, progress }: BackUpBefore,
  {
    backup: policy = { keep: BACKUPS_KEPT },
    reporter,
  }: { backup?: BackupPolicy | false; reporter: MigrationReporter },
): Promise<string | undefined> {
  const head = ledger.at(-1)?.id;
  if (file === null || policy === false || policy.keep < 1 || head === undefined) return undefined;
  if (!changes.some(needsBackup)) return undefined;
  const [{ backUp }, { backupsOf, forget }] = await Promise.all([
    import('../sqlite/backup.ts'),
    import('../sqlite/backup-files.ts'),
  ]);
  const before = progress && backupsOf(file).findLast((name) => name.endsWith(head));
  if (before) return before;
  const made = toldBackup(await backUp(file, { reporter, purpose: 'migration' }), reporter);
  for (const old of forget(file, policy.keep)) reporter.line(`removed the old backup ${old}`);
  return made;
}

export function toldBackup({ file, bytes, milliseconds }: BackupResult, reporter: MigrationReporter): string {
  reporter.line(`backed up to ${file} (${(bytes / 1e6).toFixed(1)} MB, ${milliseconds} ms)`);
  return file;
}
