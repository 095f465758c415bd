import { sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import type { MigrationConnection } from '../connection.ts';
import { readSqliteCatalog } from './catalog.ts';
import { ELSEWHERE } from './connection.ts';
import { replaySqlite } from './replay.ts';
import { runRevision, runStatement, type SqliteSession, tableNames } from './session.ts';

/** The one connection of a database in memory. Nobody else can see it, so it needs no lock; its owner closes it. */
export function memoryConnection(database: Database): MigrationConnection {
  const session: SqliteSession = {
    async run(text) {
      await database.execute(sql.raw(text));
    },
    all: (text) => database.execute(sql.raw(text)),
    transaction: (work) => database.transaction(work),
  };
  return {
    chain: 'sqlite',
    place: 'The SQLite database in memory',
    elsewhere: ELSEWHERE,
    tableNames: () => tableNames(session),
    catalog: () => readSqliteCatalog(session.all),
    replay: replaySqlite,
    query: (statement) => database.execute(statement),
    run: (statement) => runStatement(session, statement),
    lock: {
      tryAcquire: async () => true,
      holder: async () => 'nobody',
      release: async () => {},
    },
    prepare: async () => {},
    revision: (atomic, work) => runRevision(session, atomic, work),
    isLockTimeout: () => false,
    close: async () => {},
  };
}
