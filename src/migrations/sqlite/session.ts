import type { SQL } from 'drizzle-orm';
import { SQLiteSyncDialect } from 'drizzle-orm/sqlite-core';
import { withoutComments } from '../chain/script.ts';
import type { RevisionRun } from '../connection.ts';
import { forgetIndexes, restoreIndexes, settleIndexes } from './kept-indexes.ts';
import { leavesRows } from './leaves-rows.ts';
import { runRebuildStep } from './rebuild.ts';
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
 * takes minutes in a large file, so not for statements that leave all rows and keys as they are. Indexes that a rebuild
 * at its end took along are made again.
 */
export async function runRevision<T>(
  session: SqliteSession,
  { atomic, statements }: RevisionRun,
  work: () => Promise<T>,
): Promise<T> {
  const violations = statements.every(leavesRows) ? async () => new Map() : () => countViolations(session);
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

/** How many rows of a table point at nothing in another one. Not which: a rebuild gives rows new rowids, and there may be millions. */
async function countViolations(session: SqliteSession): Promise<Map<string, number>> {
  const rows = await session.all(
    'select "table", parent, count(*) as rows from pragma_foreign_key_check group by "table", parent',
  );
  const counted = rows as { table: string; parent: string; rows: number }[];
  return new Map(counted.map(({ table, parent, rows }) => [`${table} to ${parent}`, rows]));
}

function refuseNew(before: Map<string, number>, after: Map<string, number>): void {
  const found = [...after].filter(([pair, count]) => count > (before.get(pair) ?? 0));
  if (found.length === 0) return;
  const list = found.map(([pair, count]) => `${count - (before.get(pair) ?? 0)} from ${pair}`).join(', ');
  throw new Error(`it would break foreign keys (rows that refer to nothing: ${list})`);
}
