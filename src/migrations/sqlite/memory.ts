import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import type { MigrationConnection } from '../connection.ts';
import { sqliteAdvice } from './advice.ts';
import { readSqliteCatalog } from './catalog.ts';
import { ELSEWHERE } from './connection.ts';
import { replaySqlite } from './replay.ts';
import { sqliteRows } from './rows.ts';
import { runRevision, runStatement, runsAlone, type SqliteSession, tableNames } from './session.ts';

/** The one connection of a database in memory. Nobody else can see it, so it needs no lock; its owner closes it. */
export function memoryConnection(database: Database): MigrationConnection {
  const session: SqliteSession = {
    async run(text) {
      await database.execute(sql.raw(text));
    },
    all: (text, params = []) => database.execute(withParams(text, params)),
    transaction: (work) => database.transaction(work),
  };
  return {
    chain: 'sqlite',
    place: 'The SQLite database in memory',
    file: null,
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
    revision: (run, work) => runRevision(session, run, work),
    transaction: (work) => session.transaction(work),
    runsAlone,
    rows: (hint) => sqliteRows(session, hint),
    reportTo: () => {},
    blocker: () => 'nobody',
    isLockTimeout: () => false,
    advice: sqliteAdvice,
    close: async () => {},
  };
}

/** The parameters of a statement in the places of its question marks. */
function withParams(text: string, params: readonly unknown[]): SQL {
  const left = [...params];
  const parts = text.split(/('(?:[^']|'')*'|"(?:[^"]|"")*"|\?)/);
  return sql.join(parts.map((part) => (part === '?' ? sql`${left.shift()}` : sql.raw(part))));
}
