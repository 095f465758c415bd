import SqliteDriver, { type Database as Driver } from 'better-sqlite3';

/** How long a reader waits inside SQLite when another process recovers or resets the file; the writer queues instead. */
const READER_BUSY_MS = 5_000;

/**
 * Opens the one connection that writes. It doesn't wait inside SQLite for another process's lock, since that would
 * stop the event loop: `writer.ts` tries again.
 */
export function connectWriter(file: string, create: boolean): Driver {
  const driver = new SqliteDriver(file, { fileMustExist: !create });
  driver.pragma('busy_timeout = 5000');
  driver.pragma('journal_mode = WAL');
  applyPragmas(driver);
  driver.pragma('busy_timeout = 10');
  return driver;
}

/** Opens a connection that sees what is committed and can't write. */
export function connectReader(file: string): Driver {
  const driver = new SqliteDriver(file, { readonly: true, timeout: READER_BUSY_MS });
  applyPragmas(driver);
  return driver;
}

function applyPragmas(driver: Driver): void {
  driver.pragma('foreign_keys = ON');
  // A power cut may take the newest commits but never damages the file; a crash of the process takes nothing.
  driver.pragma('synchronous = NORMAL');
  driver.pragma('cache_size = -20000');
  driver.pragma('temp_store = MEMORY');
  driver.pragma('journal_size_limit = 67108864');
}
