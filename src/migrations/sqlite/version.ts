import SqliteDriver from 'better-sqlite3';
import { MigrationError } from '../errors.ts';

/** What Prefect asks for; the driver brings a newer one. */
export const OLDEST_SQLITE = '3.24.0';

export function sqliteVersion(): string {
  const driver = new SqliteDriver(':memory:');
  try {
    return driver.prepare<[], string>('select sqlite_version()').pluck().get()!;
  } finally {
    driver.close();
  }
}

/** @throws MigrationError when the driver was built against a library that is too old */
export function requireSqlite(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 3 || (major === 3 && minor >= 24)) return;
  throw new MigrationError(
    'too_old',
    `The SQLite driver brings SQLite ${version}, and prefect-server needs ${OLDEST_SQLITE} or newer: install better-sqlite3 anew.`,
  );
}
