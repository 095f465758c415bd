import type { Column, SQL, SQLWrapper } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';

/**
 * Who refers to a row keeps it from being deleted, and nothing else. Who changes one keeps others from changing it, but
 * not from referring to it. Who deletes one keeps everyone away.
 */
export type LockPurpose = 'refer' | 'change' | 'delete';

/** What the two engines spell differently. `if (dialect === ...)` stands only below `db/` and `migrations/`. */
export interface Dialect {
  readonly name: 'sqlite' | 'postgres';
  /** Whether several servers may work on one database, so that what others commit is to be read from it. */
  readonly servesMany: boolean;
  /** Selects `engine`: its name and version, for people. */
  readonly engine: SQL;

  /** Case-insensitive match of a LIKE pattern (`%` and `_` are wildcards, as the caller wrote them). */
  ilike(column: SQLWrapper, pattern: string): SQL;
  /** Case-insensitive search for a text as it stands: `%` and `_` match themselves. */
  containsText(column: SQLWrapper, text: string): SQL;
  /** Case-sensitive match of the beginning, as it stands. */
  startsWith(column: SQLWrapper, prefix: string): SQL;
  /** Case-sensitive match of the whole: `*` stands for any text, `?` for any character, all else for itself. */
  matchesGlob(column: SQLWrapper, pattern: string): SQL;

  /** Membership in a list of any length, bound as one parameter: the text of the statement stays the same. */
  isIn(column: SQLWrapper, values: string[]): SQL;

  /**
   * A column for a condition that most rows meet. SQLite would begin at the column's index and sort nearly the whole
   * table, since it knows nothing of how often a value is there; so it reads in the wanted order and leaves out the few.
   */
  unselective(column: Column): SQLWrapper;
  /**
   * A condition that says which rows a partial index has. SQLite would rather begin at another index of the same column,
   * as if the condition were the best there is.
   */
  likely(condition: SQL): SQL;

  /** Whether a JSON array of strings has all / any of these. */
  jsonHasAll(column: SQLWrapper, values: string[]): SQL;
  jsonHasAny(column: SQLWrapper, values: string[]): SQL;
  /** Whether a JSON column is the empty array. */
  jsonIsEmptyArray(column: SQLWrapper): SQL;
  /** A member of a JSON object as text (null when absent); `path` is a list of keys. */
  jsonField(column: SQLWrapper, ...path: string[]): SQL<string | null>;
  /** The member `id` of a JSON object and `true`, spelled as in the index of a schedule's runs, which serves no other. */
  jsonId(column: SQLWrapper): SQL<string | null>;
  readonly isTrue: SQL;

  /** Seconds, with fractions, from one timestamp to another. */
  secondsBetween(earlier: SQLWrapper, later: SQLWrapper): SQL<number>;
  /** The same in microseconds, as a whole number. */
  microsBetween(earlier: SQLWrapper, later: SQLWrapper): SQL<number>;
  /** An interval column as seconds, with fractions. */
  intervalSeconds(column: SQLWrapper): SQL<number>;
  /** The database's own clock: on PostgreSQL the start of the transaction, on SQLite to the millisecond. */
  readonly currentTime: SQL;
  /** A parameter of the timestamp type from the wire form, for places where no column tells the builder its type. */
  timestampValue(timestamp: string): SQL;

  /** The larger of two values that aren't null. */
  greatest(left: SQLWrapper, right: SQLWrapper): SQL;
  /**
   * One order of nulls on both engines, PostgreSQL's: null is the largest. SQLite serves it from an index too, as long
   * as the column is the only term (a second term makes it sort).
   */
  asc(column: SQLWrapper): SQL;
  desc(column: SQLWrapper): SQL;
  /** What keeps equal rows in one order from page to page: nothing on SQLite, where they come as they were inserted. */
  tieBreaker(order: SQL): SQL[];

  /** Makes a select lock the rows of `table` that it reads, to change them, where a transaction isn't the only writer anyway. */
  lockRows<Query>(query: Query, table: PgTable, purpose?: LockPurpose): Query;
}
