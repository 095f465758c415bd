import { constants, copyFileSync, existsSync, linkSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import SqliteDriver, { type Database as Driver } from 'better-sqlite3';
import { codeOf, isBusy } from '../../db/sqlite/errors.ts';
import type { SqliteTarget } from '../../settings/settings.ts';
import { MigrationError, reasonOf } from '../errors.ts';
import type { MigrationReporter } from '../progress.ts';
import type { RestoreResult } from '../run/backup.ts';
import { failed, requireIntegrity, requireSpace, revisionOf, WHOLE_CHECK_BYTES } from './backup.ts';
import { FILE_ENDS, freeName } from './backup-files.ts';
import { fileLock } from './lock.ts';

/** Puts a checked copy in a database's place. What was there is moved aside, and nothing is moved before the copy lies ready. */
export async function restoreFile(
  { file }: SqliteTarget,
  backup: string,
  reporter?: MigrationReporter,
): Promise<RestoreResult> {
  if (!existsSync(backup)) throw failed(`There is no backup ${backup}: see the files beside ${file}`);
  const lock = fileLock(`${file}.migrate-lock`, `The SQLite database ${file}`);
  if (!(await lock.tryAcquire())) throw inUse(file, `it is being migrated by ${await lock.holder()}`);
  const part = `${file}.restoring`;
  const removePart = (): void => {
    for (const end of FILE_ENDS) rmSync(part + end, { force: true });
  };
  try {
    requireUnused(file);
    // Of a restore that was killed.
    removePart();
    const { size } = statSync(backup);
    requireSpace(dirname(file), size, backup, 'restore');
    const isLarge = size >= WHOLE_CHECK_BYTES;
    const say = isLarge ? (line: string) => reporter?.line(line) : () => {};
    say(`copying ${backup}, ${Math.round(size / 1e6)} MB`);
    copyFileSync(backup, part, constants.COPYFILE_FICLONE);
    // Its indexes were compared with their tables when it was made, or were never: what has happened to the file since
    // doesn't take all night to be found.
    say('checking the copy; prefect-server database doctor --deep afterwards reads its indexes, too');
    requireIntegrity(part, !isLarge, backup);
    const revision = requireOurs(part, backup);
    const replaced = moveAside(file);
    renameSync(part, file);
    return { revision, replaced };
  } catch (error) {
    if (error instanceof MigrationError) throw error;
    throw failed(
      `The backup ${backup} can't be put in the place of ${file} (${reasonOf(error)}): make room, or the folder writable, then restore`,
      error,
    );
  } finally {
    removePart();
    await lock.release();
  }
}

/** Leaving WAL mode asks for the file alone, and brings what is in the log into it. */
function requireUnused(file: string): void {
  if (!existsSync(file)) return;
  let driver: Driver | undefined;
  try {
    driver = new SqliteDriver(file, { timeout: 500 });
    const mode = driver.pragma('journal_mode = delete', { simple: true });
    if (mode !== 'delete') throw inUse(file, 'another process has it open');
    driver.exec('begin exclusive; rollback');
  } catch (error) {
    if (isBusy(error)) throw inUse(file, 'another process has it open');
    // A damaged file is what a backup is for.
    if (!/^SQLITE_(?:NOTADB|CORRUPT|IOERR)/.test(codeOf(error))) throw error;
  } finally {
    driver?.close();
  }
}

function inUse(file: string, why: string): MigrationError {
  return new MigrationError(
    'locked',
    `The SQLite database ${file} was left as it is, since ${why}: stop the server that uses it, then restore.`,
  );
}

function requireOurs(part: string, backup: string): string | null {
  const driver = new SqliteDriver(part, { readonly: true });
  try {
    const known = driver
      .prepare(`select 1 from sqlite_master where name in ('_migrations', 'alembic_version')`)
      .get();
    if (known) return revisionOf(driver);
  } finally {
    driver.close();
  }
  throw new MigrationError(
    'not_ours',
    `The file ${backup} is no backup of a Prefect database: name another one.`,
  );
}

function moveAside(file: string): string | null {
  if (!existsSync(file)) return null;
  const aside = freeName((time) => `${file}.replaced-${time}`);
  // The file has both names until the copy takes the first one: killed in between, nobody would start with an empty one.
  link(file, aside);
  for (const end of FILE_ENDS.slice(1)) if (existsSync(file + end)) renameSync(file + end, aside + end);
  return aside;
}

function link(file: string, aside: string): void {
  try {
    linkSync(file, aside);
  } catch {
    // Not every disk has links.
    renameSync(file, aside);
  }
}
