import type { SQL } from 'drizzle-orm';
import { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core';
import { drizzle } from 'drizzle-orm/sqlite-proxy';
import * as sqliteTables from '../../schema/sqlite/index.ts';
import type { SqliteTarget } from '../../settings/settings.ts';
import type { Orm, Tables } from '../database.ts';
import type { Engine, Statement } from '../engine.ts';
import { connectReader, connectWriter } from './connect.ts';
import { sqliteDialect } from './dialect.ts';
import { toDatabaseError } from './errors.ts';
import { ReaderThreads } from './readers.ts';
import { Statements, toBindable } from './statements.ts';
import { Writer } from './writer.ts';

/** `schema/parity.ts` proves that the tables are the same, so queries written against PostgreSQL's types fit these. */
const tables = sqliteTables as unknown as Tables;

/**
 * Opens the file with one connection that writes, one on this thread for quick reads, and threads for long ones.
 * An in-memory database has a single connection, where reads queue with the writes.
 */
export function openSqlite({ file, timeout, create }: SqliteTarget): Engine {
  const inMemory = file === ':memory:';
  const driver = connectWriter(file, create);
  const writer = new Writer(driver, timeout * 1000);
  const reader = inMemory ? undefined : new Statements(connectReader(file));
  const threads = inMemory ? undefined : new ReaderThreads(file);
  const dialect = new SQLiteAsyncDialect();

  return {
    dialect: sqliteDialect,
    tables,
    createOrm: (run) =>
      drizzle(async (sql, params, method) => {
        const rows = await run({ sql, params });
        return { rows: (method === 'get' ? rows[0] : rows) as unknown[] };
      }) as unknown as Orm,
    toStatement: (statement: SQL): Statement => dialect.sqlToQuery(statement),
    begin: () => writer.begin(),

    async run(statement, shape, long) {
      if (!reader || !isRead(statement.sql)) return writer.run(statement, shape);
      if (long) return threads!.run(statement, shape);
      try {
        return reader.run(statement.sql, toBindable(statement.params), shape);
      } catch (error) {
        throw toDatabaseError(error);
      }
    },

    async close() {
      await threads?.close();
      // The writer last: only a connection that may write can take the WAL into the file, so that a copy of it is whole.
      reader?.close();
      await writer.close();
    },
  };
}

/** The builder and our own statements begin with their verb; a common table expression may write, so its end decides. */
function isRead(sql: string): boolean {
  return (
    /^\s*(select|explain)\b/i.test(sql) ||
    (/^\s*with\b/i.test(sql) && !/\b(insert|update|delete)\b/i.test(sql))
  );
}
