import SqliteDriver, { type Database as Driver } from 'better-sqlite3';
import { isBusy } from '../../db/sqlite/errors.ts';
import type { MigrationLock } from '../connection.ts';
import { MigrationError, reasonOf } from '../errors.ts';

/**
 * An exclusive transaction on an empty database beside the real one: held as long as we like without keeping anyone
 * from the real file, and gone with the process whatever kills it. The file stays behind, since removing it would let
 * a third process lock a new one while a second one waits at the old.
 */
export function fileLock(file: string, place: string): MigrationLock {
  let driver: Driver | undefined;
  return {
    async tryAcquire() {
      try {
        driver ??= new SqliteDriver(file, { timeout: 0 });
        driver.exec('begin exclusive');
        return true;
      } catch (error) {
        if (isBusy(error)) return false;
        throw new MigrationError(
          'unreachable',
          `${place} can't be locked with the file ${file} (${reasonOf(error)}): make its folder writable.`,
          { cause: error },
        );
      }
    },
    async holder() {
      return `another process (see who has ${file} open)`;
    },
    async release() {
      driver?.close();
      driver = undefined;
    },
  };
}
