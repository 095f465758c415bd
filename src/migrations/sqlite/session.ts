import type { SQL } from 'drizzle-orm';
import { SQLiteSyncDialect } from 'drizzle-orm/sqlite-core';
import { withoutComments } from '../chain/script.ts';
import type { RevisionRun } from '../connection.ts';
import { forgetIndexes, restoreIndexes, settleIndexes } from './kept-indexes.ts';
import { runRebuildStep } from './rebuild.ts';
import { countViolations, refuseNew, touchedNames } from './references.ts';
import { brokenObjects, refuseBroken } from './triggers.ts';

/** One connection to an SQLite database, whether its own or the one of a database in memory. */
export interface SqliteSession {
  /** A statement that gives nothing back, as it stands. */
  run(text: string): Promise<void>;
  all(text: string, params?: unknown[]): Promise<unknown[]>;
  transaction<T>(work: () => Promise<T>): Promise<T>;
}

const dialect = new SQLiteSyncDialect();

export function query<Row>(session: SqliteSession, statement: SQL): Promise<Row[]> {
  const { sql, params } = dialect.sqlToQuery(statement);
  return session.all(sql, params) as Promise<Row[]>;
}

export async function tableNames(session: SqliteSession): Promise<string[]> {
  const rows = await session.all(
    String.raw`select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite\_%' escape '\'`,
  );
  return rows.map((row) => (row as { name: string }).name);
}

/** Runs a statement of a revision; one that belongs to the rebuild of a table with what that takes. */
export async function runStatement(session: SqliteSession, statement: string): Promise<void> {
  await settleIndexes(session, statement);
  try {
    if (!(await runRebuildStep(session, statement))) await session.run(statement);
  } catch (error) {
    throw explained(error, statement);
  }
}

/** SQLite refuses these inside a transaction, or does nothing. */
export function runsAlone(statement: string): boolean {
  return /^(?:vacuum|pragma|attach|detach)\b/i.test(withoutComments(statement));
}

/** A value that can't be converted speaks through an error of json_extract; ALTER TABLE says nothing but "failed". */
function explained(error: unknown, statement: string): unknown {
  const { message } = error as Error;
  const [, said] = /^bad JSON path: '(.* holds .*, which is no .*)'$/s.exec(message) ?? [];
  if (said) return new Error(said.replaceAll("''", "'"), { cause: error });
  if (message !== 'constraint failed') return error;
  const what = statement.replace(/^(?:\s|--.*\n)*/, '').replace(/;\s*$/, '');
  return new Error(`there are rows that don't keep to it: ${what}`, { cause: error });
}

/**
 * Runs a revision with foreign keys off, since dropping a table on its way to being rebuilt would delete the rows
 * that refer to it; the pragma does nothing inside a transaction, so it stands around it. What the revision left
 * pointing nowhere, and triggers and views that it broke, are looked for before it is committed; rows by rows, which
 * takes minutes in a large file, so only where they may have been touched. Indexes that a rebuild at its end took along
 * are made again.
 */
export async function runRevision<T>(
  session: SqliteSession,
  { atomic, statements }: RevisionRun,
  work: () => Promise<T>,
): Promise<T> {
  const touched = touchedNames(statements);
  const violations = () => countViolations(session, touched);
  await session.run('pragma foreign_keys = off');
  try {
    const before = await violations();
    const brokenBefore = await brokenObjects(session);
    const checked = async () => {
      const result = await work();
      await restoreIndexes(session);
      refuseNew(before, await violations());
      refuseBroken(brokenBefore, await brokenObjects(session));
      return result;
    };
    return await (atomic ? session.transaction(checked) : checked());
  } finally {
    forgetIndexes(session);
    await session.run('pragma foreign_keys = on');
  }
}
