import { sql } from 'drizzle-orm';
import type { MigrationConnection } from '../../src/migrations/connection.ts';
import { connectPg } from '../../src/migrations/pg/connection.ts';
import { readLedger } from '../../src/migrations/run/ledger.ts';
import { connectSqlite } from '../../src/migrations/sqlite/connection.ts';
import type { DatabaseTarget } from '../../src/settings/settings.ts';

export function connect(target: DatabaseTarget): Promise<MigrationConnection> {
  return target.backend === 'sqlite' ? connectSqlite(target) : connectPg(target);
}

export async function on<T>(
  target: DatabaseTarget,
  work: (connection: MigrationConnection) => Promise<T>,
): Promise<T> {
  const connection = await connect(target);
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

export function rows(target: DatabaseTarget, statement: string): Promise<Record<string, unknown>[]> {
  return on(target, (connection) => connection.query(sql.raw(statement)));
}

export function run(target: DatabaseTarget, ...statements: string[]): Promise<void> {
  return on(target, async (connection) => {
    for (const statement of statements) await connection.run(statement);
  });
}

export const tables = (target: DatabaseTarget): Promise<string[]> =>
  on(target, async (connection) => (await connection.tableNames()).sort());

export const ledgerOf = (target: DatabaseTarget) => on(target, readLedger);
