import { hostname } from 'node:os';
import SqliteDriver, { type Database as Driver } from 'better-sqlite3';
import { isBusy } from '../../db/sqlite/errors.ts';
import type { MigrationLock } from '../connection.ts';
import { MigrationError, reasonOf } from '../errors.ts';

/**
 * A write transaction on a small database beside the real one: held as long as we like without keeping anyone from the
 * real file, and gone with the process whatever kills it. The file stays behind, since removing it would let a third
 * process lock a new one while a second one waits at the old. Who waits can read in it who has the lock.
 */
export function fileLock(file: string, place: string): MigrationLock {
  let driver: Driver | undefined;
  return {
    async tryAcquire() {
      try {
        driver ??= new SqliteDriver(file, { timeout: 0 });
        driver.exec('begin immediate');
        // Between writing one's name and holding the lock another process may come first, and write its own.
        sign(driver);
        driver.exec('commit; begin immediate');
        return true;
      } catch (error) {
        if (driver?.inTransaction) driver.exec('rollback');
        if (isBusy(error)) return false;
        throw new MigrationError(
          'unreachable',
          `${place} can't be locked with the file ${file} (${reasonOf(error)}): make that file and its folder writable.`,
          { cause: error },
        );
      }
    },
    async holder() {
      return (driver && read(driver)) ?? `another process (see who has ${file} open)`;
    },
    async release() {
      driver?.close();
      driver = undefined;
    },
  };
}

interface Signature {
  pid: number;
  host: string;
  since: string;
}

function sign(driver: Driver): void {
  driver.exec('create table if not exists holder (pid integer, host text, since text); delete from holder');
  driver
    .prepare('insert into holder values (?, ?, ?)')
    .run(process.pid, hostname(), new Date().toISOString());
}

function read(driver: Driver): string | null {
  try {
    const row = driver.prepare('select pid, host, since from holder').get() as Signature | undefined;
    return row ? `process ${row.pid} on ${row.host}, since ${row.since.slice(0, 19)}Z` : null;
  } catch {
    return null;
  }
}
