import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import SqliteDriver, { type Database as Driver } from 'better-sqlite3';
import { isBusy } from '../../db/sqlite/errors.ts';
import type { MigrationReporter } from '../progress.ts';

/** What SQLite keeps beside a file. */
export const FILE_ENDS = ['', '-wal', '-shm', '-journal'];

/** `prefect.db.backup-20261121T140000Z-23d48cdc83e5`: in the order of time, and with the revision that it is at. */
export const nameOf = (file: string, revision: string): string =>
  freeName((time) => `${file}.backup-${time}-${revision}`);

/** With the time in it, or one that is a little later: what failed was perhaps repeated within the second. */
export function freeName(nameAt: (time: string) => string): string {
  for (let moment = Date.now(); ; moment += 1_000) {
    const name = nameAt(new Date(moment).toISOString().replace(/[-:]|\.\d+/g, ''));
    if (!existsSync(name)) return name;
  }
}

/** The copies beside a database that were not named by anyone, the oldest first. */
export function backupsOf(file: string): string[] {
  const start = `${basename(file)}.backup-`;
  return readdirSync(dirname(file))
    .filter(
      (name) =>
        name.startsWith(start) && /^\d{8}T\d{6}Z-(?:[0-9a-f]{12}|base)$/.test(name.slice(start.length)),
    )
    .sort()
    .map((name) => join(dirname(file), name));
}

/**
 * Removes the oldest until so many are left; of one revision the newest stays longest, so that a start that fails again and
 * again doesn't push out the only copy from before it.
 */
export function forget(file: string, keep: number): string[] {
  const kept = backupsOf(file);
  const gone: string[] = [];
  while (kept.length > keep) {
    const again = kept.findIndex((name, at) =>
      kept.slice(at + 1).some((later) => later.endsWith(name.slice(-12))),
    );
    gone.push(...kept.splice(Math.max(again, 0), 1));
  }
  for (const name of gone) rmSync(name, { force: true });
  return gone;
}

/** A copy until it is whole and checked: beside what it will be, and named after the database it is of. */
export function partOf(file: string, copy: string): string {
  const start = `${basename(file)}.`;
  const name = basename(copy);
  return join(dirname(copy), `${name.startsWith(start) ? name : start + name}.part`);
}

/** Removes what copies of this database have left in a folder whose process was killed. */
export function removeDeadParts(file: string, folder: string, reporter?: MigrationReporter): void {
  const ours = new RegExp(`^(.*\\.part)(?:${FILE_ENDS.join('|')})$`, 's');
  const names = readdirSync(folder).filter((name) => name.startsWith(`${basename(file)}.`));
  const parts = new Set(names.flatMap((name) => ours.exec(name)?.[1] ?? []));
  for (const name of parts) {
    const part = join(folder, name);
    if (isInHand(part)) continue;
    for (const end of FILE_ENDS) rmSync(part + end, { force: true });
    reporter?.line(`removed ${part}, an unfinished copy of a process that is gone`);
  }
}

/** Who writes or checks a copy has it locked. Leaving WAL mode asks for the file alone, where a transaction wouldn't. */
function isInHand(part: string): boolean {
  let driver: Driver | undefined;
  try {
    driver = new SqliteDriver(part, { fileMustExist: true, timeout: 0 });
    const mode = driver.pragma('journal_mode = delete', { simple: true });
    driver.exec('begin exclusive; rollback');
    return mode !== 'delete';
  } catch (error) {
    return isBusy(error);
  } finally {
    driver?.close();
  }
}
