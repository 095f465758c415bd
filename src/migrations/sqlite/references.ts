/** Rows that refer to nothing, counted around a revision that runs with foreign keys off. */
import { withoutComments } from '../chain/script.ts';
import { tokensOf } from '../facts/tokens.ts';
import { literal } from '../quotes.ts';
import type { SqliteSession } from './session.ts';

/** One statement, up to its semicolon. */
const LEAVES_ROWS = /^(?:create\s+table|(?:create\s+(?:unique\s+)?|drop\s+)index)\b[^;]*;?$/i;
/** These can change anything without naming it. */
const UNKNOWN = /^(?:pragma|attach|create\s+(?:temp\w*\s+)?trigger)\b/i;

/** What a revision may touch: every name in it, or anything. */
export type Touched = ReadonlySet<string> | 'anything';

/**
 * The names in statements that don't leave all rows and keys as they are: a statement touches no table that it doesn't
 * name, but through a trigger. Words and texts count as well, since SQLite takes either for a name.
 */
export function touchedNames(statements: readonly string[]): Touched {
  const touching = statements.filter((statement) => !LEAVES_ROWS.test(withoutComments(statement)));
  if (touching.some((statement) => UNKNOWN.test(withoutComments(statement)))) return 'anything';
  const tokens = touching.flatMap(tokensOf);
  // Of a name in brackets only plain ones are read as one.
  if (tokens.some(({ kind, value }) => kind === 'sign' && value === '[')) return 'anything';
  const named = tokens.filter(({ kind }) => kind !== 'sign' && kind !== 'number');
  return new Set(named.map(({ value }) => folded(value)));
}

/** Whether the references of a table, which are to others, are looked at. */
export const isTouched = (touched: Touched, table: string, others: readonly string[]): boolean =>
  touched === 'anything' || [table, ...others].some((name) => touched.has(folded(name)));

/** As SQLite compares names. */
const folded = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/**
 * How many rows of a table point at nothing in another one, of the tables that are touched or refer to one that is; of
 * all where there are triggers. Not which rows: a rebuild gives rows new rowids, and there may be millions.
 */
export async function countViolations(
  session: SqliteSession,
  touched: Touched,
): Promise<ReadonlyMap<string, number>> {
  if (touched !== 'anything' && touched.size === 0) return new Map();
  const rows = await session.all(
    `select c."table", c.parent, count(*) as rows from (${childrenOf(touched)}) t, pragma_foreign_key_check(t.name) c group by 1, 2`,
  );
  const counted = rows as { table: string; parent: string; rows: number }[];
  return new Map(counted.map(({ table, parent, rows }) => [`${table} to ${parent}`, rows]));
}

function childrenOf(touched: Touched): string {
  const all = `select distinct m.name from sqlite_master m, pragma_foreign_key_list(m.name) f where m.type = 'table'`;
  if (touched === 'anything') return all;
  const names = `(select value from json_each(${literal(JSON.stringify([...touched]))}))`;
  return (
    `${all} and (lower(m.name) in ${names} or lower(f."table") in ${names} ` +
    `or exists (select 1 from sqlite_master where type = 'trigger'))`
  );
}

/** @throws Error for rows that referred to something before */
export function refuseNew(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): void {
  const found = [...after].filter(([pair, count]) => count > (before.get(pair) ?? 0));
  if (found.length === 0) return;
  const list = found.map(([pair, count]) => `${count - (before.get(pair) ?? 0)} from ${pair}`).join(', ');
  throw new Error(`it would break foreign keys (rows that refer to nothing: ${list})`);
}
