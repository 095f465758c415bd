import type { PgTable } from 'drizzle-orm/pg-core';
import type { InsertMany, InsertPairs, Orm, SQL, Tables } from './database.ts';
import type { Dialect } from './dialect.ts';

/** One statement with its parameters in the driver's own form. */
export interface Statement {
  sql: string;
  params: unknown[];
}

/** A row under the names of its columns. */
export type Row = Record<string, unknown>;

/** Rows as arrays in the order of the select list, or as objects keyed by column name. */
export type RowShape = 'array' | 'object';

/** A connection that belongs to one transaction until it ends, which gives it back. */
export interface TransactionConnection {
  run(statement: Statement, shape: RowShape): Promise<unknown[]>;
  /** As `Database.insertMany`; there is at least one row. */
  insertMany(table: PgTable, rows: Row[], options: InsertMany): Promise<Row[]>;
  /** As `Database.insertPairs`; there is at least one. */
  insertPairs(pairs: InsertPairs): Promise<string[]>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** What `db/sqlite` and `db/pg` each bring; `ambient.ts` makes a `Database` of it. */
export interface Engine {
  readonly dialect: Dialect;
  readonly tables: Tables;
  /** Builds Drizzle's query builder on a function that runs a statement wherever it belongs. */
  createOrm(run: (statement: Statement) => Promise<unknown[]>): Orm;
  toStatement(sql: SQL): Statement;
  /** Waits for a free connection (SQLite: for the writer) and begins a transaction on it. */
  begin(): Promise<TransactionConnection>;
  /** Runs a statement outside a transaction; `long` for reads that may touch many rows. */
  run(statement: Statement, shape: RowShape, long: boolean): Promise<unknown[]>;
  close(): Promise<void>;
}
