import type { SQL, SQLWrapper } from 'drizzle-orm';
import type { AnyPgColumn, PgDatabase, PgQueryResultHKT, PgTable } from 'drizzle-orm/pg-core';
import type * as pgTables from '../schema/pg/index.ts';
import type { Dialect } from './dialect.ts';

/** All tables, with PostgreSQL's types. On SQLite these are the SQLite tables, cast in `db/sqlite/open.ts` and nowhere else. */
export type Tables = typeof pgTables;

/**
 * Drizzle's builder, on whichever connection is the current one. Everything is awaited; nothing here tells how many
 * rows a statement touched, since the drivers disagree: use `.returning()`. Its `$count` is NaN on PostgreSQL: use
 * `countRows`.
 */
export type Orm = Pick<
  PgDatabase<PgQueryResultHKT, Record<string, never>>,
  'select' | 'selectDistinct' | 'insert' | 'update' | 'delete' | '$with' | 'with'
>;

export interface InsertMany {
  /** Rows that meet a row with the same key are left out instead of failing. */
  onConflictDoNothing?: boolean;
  /**
   * A row that meets one with the same `target` replaces these columns of it, but only where its own `newer` column is
   * greater or the stored one's is null. No two of the rows may have the same target.
   */
  onConflictUpdate?: { target: AnyPgColumn; set: AnyPgColumn[]; newer: AnyPgColumn };
  /** Columns to give back of the rows that were really inserted. */
  returning?: AnyPgColumn[];
}

/** Rows of two tables that refer to each other, so that neither can be there before the other. */
export interface InsertPairs {
  /** Rows that meet a row with the same key are left out, and their counterparts with them. */
  first: { table: PgTable; rows: Record<string, unknown>[] };
  second: { table: PgTable; rows: Record<string, unknown>[] };
  /** The column of the second table that holds the `id` of the first. */
  by: AnyPgColumn;
}

/**
 * One open database of either engine.
 *
 * Transactions are ambient: everything awaited inside `transaction` runs on its connection, however deep in the
 * call tree, because a transaction object that is passed along can be forgotten, which goes well on one engine and
 * corrupts on the other.
 */
export interface Database {
  readonly dialect: Dialect;
  readonly tables: Tables;
  readonly orm: Orm;

  /**
   * Runs `work` in one transaction (on SQLite as the only writer) and commits when it resolves. A nested call is a
   * savepoint. Nothing that waits for a network or a client belongs inside. `work` is called again when the database
   * gives the transaction up for another one's sake, so it changes nothing outside of the database.
   */
  transaction<T>(work: () => Promise<T>): Promise<T>;

  /**
   * Runs reads that may touch many rows (filters, counts, history): on SQLite in a worker thread, so that a scan
   * doesn't stop the server. Inside a transaction it stays on the transaction's connection.
   */
  longRead<T>(work: () => Promise<T>): Promise<T>;

  /**
   * Calls `hook` after the current transaction has committed (at once when there is none); never after a rollback. It
   * must not throw: what is committed would be reported as failed.
   */
  afterCommit(hook: () => void): void;

  /** Runs a statement the builder can't express; rows as objects keyed by the statement's own column names. */
  execute<Row = Record<string, unknown>>(statement: SQL): Promise<Row[]>;

  /**
   * Inserts any number of rows: one statement with arrays on PostgreSQL, a prepared statement in a loop inside one
   * transaction on SQLite. All rows must have the same keys.
   */
  insertMany<T extends PgTable>(
    table: T,
    rows: T['$inferInsert'][],
    options?: InsertMany,
  ): Promise<Record<string, unknown>[]>;

  /** Inserts any number of pairs, none of whose rows has to be updated afterwards. Gives the ids of the first that were inserted. */
  insertPairs(pairs: InsertPairs): Promise<string[]>;

  /** Fails with `DatabaseUnavailable` when the database doesn't answer. */
  ping(): Promise<void>;

  close(): Promise<void>;
}

export type { SQL, SQLWrapper };
