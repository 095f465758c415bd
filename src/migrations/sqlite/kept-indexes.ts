/** The indexes of a table that is rebuilt: those that its revision doesn't make again are an operator's own, and stay. */

import { literal } from '../quotes.ts';
import type { SqliteSession } from './session.ts';

interface IndexRow {
  readonly name: string;
  readonly sql: string;
}

const NAME = String.raw`("(?:[^"]|"")+"|\w+)`;
const MAKES = new RegExp(String.raw`^create\s+(?:unique\s+)?index\s+(?:if\s+not\s+exists\s+)?${NAME}`, 'i');
const TAKES_NAME = /^alter\s+table\s+(?:"__new_(?:[^"]|"")+"|__new_\w+)\s+rename\s+to\b/i;

const LEADING_COMMENTS = /^(?:\s+|--.*(?:\n|$)|\/\*[\s\S]*?\*\/)*/;

/** Of tables that were dropped on their way, by the lower-case name of the index. */
const pending = new WeakMap<SqliteSession, Map<string, IndexRow & { table: string }>>();

/** Not those that a constraint of the table brings along. */
export async function readIndexes(session: SqliteSession, table: string): Promise<IndexRow[]> {
  const rows = await session.all(
    `select name, sql from sqlite_master where type = 'index' and sql is not null and tbl_name = ${literal(table)}`,
  );
  return rows as IndexRow[];
}

export function keepIndexes(session: SqliteSession, table: string, indexes: readonly IndexRow[]): void {
  const kept = pending.get(session) ?? new Map<string, IndexRow & { table: string }>();
  for (const index of indexes) kept.set(index.name.toLowerCase(), { ...index, table });
  pending.set(session, kept);
}

/** Before a statement: what follows a rebuild other than its indexes finds the table complete. */
export async function settleIndexes(session: SqliteSession, statement: string): Promise<void> {
  const kept = pending.get(session);
  const bare = statement.replace(LEADING_COMMENTS, '');
  if (!kept?.size || TAKES_NAME.test(bare)) return;
  const [, made] = MAKES.exec(bare) ?? [];
  if (made === undefined) await restoreIndexes(session);
  else kept.delete((made.startsWith('"') ? made.slice(1, -1).replaceAll('""', '"') : made).toLowerCase());
}

export async function restoreIndexes(session: SqliteSession): Promise<void> {
  const kept = [...(pending.get(session)?.values() ?? [])];
  pending.delete(session);
  for (const { name, table, sql } of kept) {
    try {
      await session.run(sql);
    } catch (error) {
      throw new Error(
        `it would break the index ${name} on ${table} (${(error as Error).message}): drop the index first, ` +
          'and make it anew afterwards',
        { cause: error },
      );
    }
  }
}

export function forgetIndexes(session: SqliteSession): void {
  pending.delete(session);
}
