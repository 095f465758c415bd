/** What a rebuild of a table needs at run time, since no revision can know it: how many rows there are, which triggers and indexes. */

import { literal, quote } from '../quotes.ts';
import { keepIndexes, readIndexes } from './kept-indexes.ts';
import type { SqliteSession } from './session.ts';

const NAME = String.raw`("(?:[^"]|"")+"|\w+)`;
const DROP = new RegExp(String.raw`^drop\s+table\s+(?:if\s+exists\s+)?${NAME}\s*;?$`, 'i');
const TAKES_NAME = new RegExp(String.raw`^alter\s+table\s+${NAME}\s+rename\s+to\s+${NAME}\s*;?$`, 'i');

const unquote = (name: string): string =>
  name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;

/** The triggers of tables that are dropped but not made again yet. */
const kept = new WeakMap<SqliteSession, Map<string, string[]>>();

/** Runs a statement of a rebuild with what belongs around it; says whether it was one. */
export async function runRebuildStep(session: SqliteSession, statement: string): Promise<boolean> {
  const bare = statement.replace(/^(?:\s|--.*(?:\n|$))*/, '').trim();
  const dropped = DROP.exec(bare)?.[1];
  if (dropped) return dropOld(session, unquote(dropped), statement);
  const [, temporary = '', table = ''] = TAKES_NAME.exec(bare) ?? [];
  if (!table || unquote(temporary) !== `__new_${unquote(table)}`) return false;
  await takeName(session, unquote(table), statement);
  return true;
}

async function dropOld(session: SqliteSession, table: string, statement: string): Promise<boolean> {
  const isThere = `select 1 from sqlite_master where type = 'table' and name = ${literal(`__new_${table}`)}`;
  const [found] = await session.all(isThere);
  if (!found) return false;
  const [before, after] = [await count(session, table), await count(session, `__new_${table}`)];
  if (before !== after) {
    throw new Error(`the new table would have ${after} rows where ${table} has ${before}`);
  }
  const triggers = await session.all(
    `select sql from sqlite_master where type = 'trigger' and tbl_name = ${literal(table)}`,
  );
  const remembered = kept.get(session) ?? new Map<string, string[]>();
  kept.set(
    session,
    remembered.set(
      table,
      triggers.map((row) => (row as { sql: string }).sql),
    ),
  );
  const indexes = await readIndexes(session, table);
  await session.run(statement);
  keepIndexes(session, table, indexes);
  return true;
}

async function count(session: SqliteSession, table: string): Promise<number> {
  const [row] = await session.all(`select count(*) as rows from ${quote(table)}`);
  return (row as { rows: number }).rows;
}

/**
 * Views and triggers that mention the table are left alone: SQLite would look for it, and it isn't there at that
 * moment. For any other rename it must take them along.
 */
async function takeName(session: SqliteSession, table: string, statement: string): Promise<void> {
  await session.run('pragma legacy_alter_table = on');
  try {
    await session.run(statement);
  } finally {
    await session.run('pragma legacy_alter_table = off');
  }
  const triggers = kept.get(session)?.get(table) ?? [];
  for (const trigger of triggers) await session.run(trigger);
  kept.get(session)?.delete(table);
}
