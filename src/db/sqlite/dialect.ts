import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import { currentTime } from '../../schema/sqlite/columns.ts';
import type { Dialect } from '../dialect.ts';

/** Seconds since 1970 of a stored timestamp. `julianday` is exact to half a millisecond only, so the fraction is cut from the text. */
function epoch(column: SQLWrapper): SQL {
  return sql`(unixepoch(substr(${column}, 1, 19)) + cast('0' || substr(${column}, 20, 7) as real))`;
}

function epochMicros(column: SQLWrapper): SQL {
  return sql`(unixepoch(substr(${column}, 1, 19)) * 1000000 + cast(substr(${column}, 21, 6) as integer))`;
}

export const sqliteDialect: Dialect = {
  name: 'sqlite',
  servesMany: false,
  engine: sql`select 'SQLite ' || sqlite_version() as engine`,
  // LIKE folds ASCII only, as in Prefect on SQLite.
  ilike: (column, pattern) => sql`${column} like ${pattern}`,
  containsText: (column, text) => sql`${column} like ${`%${escapeLike(text)}%`} escape '/'`,
  // A range of bytes, which an index serves; LIKE would fold case. Without statistics the planner takes it for no
  // narrower than a range of moments.
  startsWith: (column, prefix) => {
    const end = nextPrefix(prefix);
    const from = sql`unlikely(${column} >= ${prefix})`;
    return end === null ? from : sql`(${from} and unlikely(${column} < ${end}))`;
  },
  matchesGlob: (column, pattern) => sql`${column} glob ${pattern.replaceAll('[', '[[]')}`,
  isIn: (column, values) => sql`${column} in (select value from json_each(${JSON.stringify(values)}))`,
  // An expression has no index.
  unselective: (column) => sql`+${column}`,
  likely: (condition) => sql`likely(${condition})`,
  jsonHasAll: (column, values) =>
    sql`(select count(distinct value) from json_each(${column}) where value in (select value from json_each(${JSON.stringify(values)}))) >= ${new Set(values).size}`,
  jsonHasAny: (column, values) =>
    sql`exists (select 1 from json_each(${column}) where value in (select value from json_each(${JSON.stringify(values)})))`,
  jsonIsEmptyArray: (column) => sql`json_array_length(${column}) = 0`,
  jsonField: (column, ...path) => sql`(${column} ->> ${jsonPath(path)})`,
  jsonId: (column) => sql`json_extract(${column}, '$.id')`,
  isTrue: sql`1`,
  secondsBetween: (earlier, later) => sql`(${epoch(later)} - ${epoch(earlier)})`,
  microsBetween: (earlier, later) => sql`(${epochMicros(later)} - ${epochMicros(earlier)})`,
  intervalSeconds: (column) => sql`(case when ${column} in ('0', 0) then 0.0 else ${epoch(column)} end)`,
  currentTime,
  timestampValue: (timestamp) => sql`${timestamp.slice(0, 26).replace('T', ' ')}`,
  greatest: (left, right) => sql`max(${left}, ${right})`,
  asc: (column) => sql`${column} asc nulls last`,
  desc: (column) => sql`${column} desc nulls first`,
  tieBreaker: () => [],
  // The transaction is the only writer already.
  lockRows: (query) => query,
};

function escapeLike(text: string): string {
  return text.replace(/[/%_]/g, '/$&');
}

/** A key in a path is spelled as in the document, backslashes included. */
function jsonPath(path: string[]): string {
  return `$${path.map((key) => `.${JSON.stringify(key)}`).join('')}`;
}

/** The first text after all that begin with the prefix; null when there is none. */
function nextPrefix(prefix: string): string | null {
  const characters = [...prefix];
  for (let last = characters.pop(); last !== undefined; last = characters.pop()) {
    const code = last.codePointAt(0)!;
    if (code === 0x10ffff) continue;
    return characters.join('') + String.fromCodePoint(code === 0xd7ff ? 0xe000 : code + 1);
  }
  return null;
}
