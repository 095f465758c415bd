import { expect, test } from 'vitest';
import { requirePostgres } from '../../src/migrations/pg/version.ts';
import { requireSqlite, sqliteVersion } from '../../src/migrations/sqlite/version.ts';

test.each(['3.24.0', '3.53.2', '4.0.0'])('SQLite %s is new enough', (version) => {
  expect(() => requireSqlite(version)).not.toThrow();
});

test.each(['3.23.1', '2.9.0'])('SQLite %s is too old', (version) => {
  expect(() => requireSqlite(version)).toThrow(
    `The SQLite driver brings SQLite ${version}, and prefect-server needs 3.24.0 or newer: install better-sqlite3 anew.`,
  );
});

test('the driver brings one that is new enough', () => {
  expect(() => requireSqlite(sqliteVersion())).not.toThrow();
});

test('PostgreSQL is asked for 13 at least', () => {
  const place = 'The PostgreSQL database flows at db:5432';
  expect(() => requirePostgres(130000, '13.0', place)).not.toThrow();
  expect(() => requirePostgres(120022, '12.22', place)).toThrow(
    expect.objectContaining({
      kind: 'too_old',
      exitCode: 2,
      message: `${place} runs on PostgreSQL 12.22, and prefect-server needs 13 or newer: upgrade PostgreSQL, or set PREFECT_DATABASE_URL to another server.`,
    }),
  );
});
