import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import { currentTime } from '../../schema/pg/columns.ts';
import type { Dialect, LockPurpose } from '../dialect.ts';

export const pgDialect: Dialect = {
  name: 'postgres',
  servesMany: true,
  engine: sql`select 'PostgreSQL ' || current_setting('server_version') as engine`,
  // Without an escape character a backslash is itself, as on SQLite.
  ilike: (column, pattern) => sql`${column} ilike ${pattern} escape ''`,
  containsText: (column, text) => sql`${column} ilike ${`%${text.replace(/[/%_]/g, '/$&')}%`} escape '/'`,
  startsWith: (column, prefix) => sql`starts_with(${column}, ${prefix})`,
  matchesGlob: (column, pattern) => sql`${column} like ${likePattern(pattern)} escape '/'`,
  // One array, so that the text of the statement doesn't depend on how many values there are.
  isIn: (column, values) => sql`${column} = any(${sql.param(values)}::${typeOf(column)}[])`,
  unselective: (column) => column,
  likely: (condition) => condition,
  jsonHasAll: (column, values) => sql`${column} @> ${JSON.stringify(values)}::jsonb`,
  jsonHasAny: (column, values) => sql`${column} ?| ${sql.param(values)}::text[]`,
  jsonIsEmptyArray: (column) => sql`${column} = '[]'::jsonb`,
  jsonField: (column, ...path) => sql`(${column} #>> ${sql.param(path)}::text[])`,
  jsonId: (column) => sql`(${column} ->> 'id')`,
  isTrue: sql`true`,
  secondsBetween: (earlier, later) => sql`extract(epoch from (${later} - ${earlier}))::float8`,
  microsBetween: (earlier, later) => sql`(extract(epoch from (${later} - ${earlier})) * 1000000)::bigint`,
  intervalSeconds: (column) => sql`extract(epoch from ${column})::float8`,
  currentTime,
  timestampValue: (timestamp) => sql`${timestamp}::timestamptz`,
  greatest: (left, right) => sql`greatest(${left}, ${right})`,
  asc: (column) => sql`${column} asc`,
  desc: (column) => sql`${column} desc`,
  tieBreaker: (order) => [order],
  // NO KEY UPDATE lets others insert rows that refer to the locked one, which FOR UPDATE would make wait (or lock up). A
  // deletion takes the stronger lock in any case: who has the weaker one first locks up with those who insert.
  lockRows: (query, table, purpose = 'change') =>
    (query as Lockable<typeof query>).for(LOCKS[purpose], { of: table }),
};

const LOCKS = { refer: 'key share', change: 'no key update', delete: 'update' } as const;

interface Lockable<Query> {
  for(strength: (typeof LOCKS)[LockPurpose], config: { of: PgTable }): Query;
}

/** The cast that lets PostgreSQL compare a column with an array of text parameters. */
function typeOf(column: SQLWrapper): SQL {
  const type = 'getSQLType' in column ? (column as { getSQLType(): string }).getSQLType() : 'text';
  return sql.raw(type);
}

const LIKE_SPELLING: Record<string, string> = { '*': '%', '?': '_', '%': '/%', _: '/_', '/': '//' };

function likePattern(glob: string): string {
  return glob.replace(/[*?%_/]/g, (character) => LIKE_SPELLING[character]!);
}
