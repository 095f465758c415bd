/** The copies of an SQLite file that are made before something is done to it. */
import { isWorkingState } from '../catalog/book-keeping.ts';
import type { DataFile } from '../chain/revisions.ts';
import { withoutComments } from '../chain/script.ts';
import type { MigrationConnection } from '../connection.ts';
import type { MigrationReporter } from '../progress.ts';
import type { BackupResult } from './backup.ts';
import type { LedgerRow } from './ledger.ts';
import type { ProgressRow } from './progress-table.ts';

export interface BackupPolicy {
  /** How many copies that migrations made stay; the oldest go. */
  readonly keep: number;
}

export const BACKUPS_KEPT = 3;

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

/**
 * Copies an SQLite file under a name that the copies of migrations never have, so that it stays when those go. A
 * dump of PostgreSQL is its operator's.
 */
export async function backUpAs(
  { file }: MigrationConnection,
  reason: string,
  {
    backup = { keep: BACKUPS_KEPT },
    reporter,
  }: { backup?: BackupPolicy | false; reporter: MigrationReporter },
): Promise<string | undefined> {
  if (file === null || backup === false) return undefined;
  const { backUp } = await import('../sqlite/backup.ts');
  const time = new Date().toISOString().replace(/[-:.]/g, '');
  const copy = `${file}.${reason}-${time}`;
  return toldBackup(await backUp(file, { file: copy, reporter, purpose: 'migration' }), reporter);
}

function toldBackup({ file, bytes, milliseconds }: BackupResult, reporter: MigrationReporter): string {
  reporter.line(`backed up to ${file} (${(bytes / 1e6).toFixed(1)} MB, ${milliseconds} ms)`);
  return file;
}
