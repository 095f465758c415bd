import type { Database as Driver } from 'better-sqlite3';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { InsertMany, InsertPairs } from '../database.ts';
import type { Row, RowShape, Statement, TransactionConnection } from '../engine.ts';
import { DatabaseUnavailable } from '../errors.ts';
import { isBusy, toDatabaseError } from './errors.ts';
import { insertMany } from './insert-many.ts';
import { insertPairs } from './insert-pairs.ts';
import { Statements, toBindable } from './statements.ts';

/**
 * The one connection that writes. Transactions take turns in the order they asked, so that no request of this
 * process ever meets "database is locked"; a lock of another process is waited for without stopping the event loop.
 */
export class Writer {
  private readonly driver: Driver;
  private readonly statements: Statements;
  private readonly timeoutMs: number;
  private tail: Promise<void> = Promise.resolve();

  constructor(driver: Driver, timeoutMs: number) {
    this.driver = driver;
    this.statements = new Statements(driver);
    this.timeoutMs = timeoutMs;
  }

  /** Waits for the turn; the caller must call what it gets when it is done. */
  private async turn(): Promise<() => void> {
    const before = this.tail;
    let done!: () => void;
    this.tail = new Promise((resolve) => {
      done = resolve;
    });
    await before;
    return done;
  }

  async begin(): Promise<TransactionConnection> {
    const done = await this.turn();
    try {
      await this.patiently(() => this.statements.run('BEGIN IMMEDIATE', [], 'array'));
    } catch (error) {
      done();
      throw toDatabaseError(error);
    }
    return new WriterTransaction(this.driver, this.statements, done);
  }

  /** One statement on its own: a write, or a read where there is no other connection (in memory). */
  async run({ sql, params }: Statement, shape: RowShape): Promise<unknown[]> {
    const done = await this.turn();
    try {
      return await this.patiently(() => this.statements.run(sql, toBindable(params), shape));
    } catch (error) {
      throw toDatabaseError(error);
    } finally {
      done();
    }
  }

  private async patiently<T>(attempt: () => T): Promise<T> {
    const deadline = Date.now() + this.timeoutMs;
    for (let pause = 5; ; pause = Math.min(pause * 2, 100)) {
      try {
        return attempt();
      } catch (error) {
        if (!isBusy(error)) throw error;
        if (Date.now() > deadline) {
          throw new DatabaseUnavailable(
            'Another process holds the lock of the SQLite file; close it, or use PostgreSQL for several writers.',
            { cause: error },
          );
        }
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }

  async close(): Promise<void> {
    await this.turn();
    this.driver.close();
  }
}

class WriterTransaction implements TransactionConnection {
  private readonly driver: Driver;
  private readonly statements: Statements;
  private readonly done: () => void;

  constructor(driver: Driver, statements: Statements, done: () => void) {
    this.driver = driver;
    this.statements = statements;
    this.done = done;
  }

  async run({ sql, params }: Statement, shape: RowShape): Promise<unknown[]> {
    try {
      return this.statements.run(sql, toBindable(params), shape);
    } catch (error) {
      throw toDatabaseError(error);
    }
  }

  async insertMany(table: PgTable, rows: Row[], options: InsertMany): Promise<Row[]> {
    try {
      return insertMany((sql, paramSets) => this.runMany(sql, paramSets), table, rows, options);
    } catch (error) {
      throw toDatabaseError(error);
    }
  }

  async insertPairs(pairs: InsertPairs): Promise<string[]> {
    try {
      return insertPairs((sql, paramSets) => this.runMany(sql, paramSets), pairs);
    } catch (error) {
      throw toDatabaseError(error);
    }
  }

  private runMany(sql: string, paramSets: unknown[][]): unknown[] {
    const statement = this.statements.get(sql);
    if (statement.reader) {
      statement.raw(true);
      return paramSets.flatMap((params) => statement.all(toBindable(params)));
    }
    for (const params of paramSets) statement.run(toBindable(params));
    return [];
  }

  async commit(): Promise<void> {
    try {
      this.statements.run('COMMIT', [], 'array');
    } catch (error) {
      if (this.driver.inTransaction) this.statements.run('ROLLBACK', [], 'array');
      throw toDatabaseError(error);
    } finally {
      this.done();
    }
  }

  async rollback(): Promise<void> {
    try {
      // Some errors (a full disk) end the transaction themselves.
      if (this.driver.inTransaction) this.statements.run('ROLLBACK', [], 'array');
    } finally {
      this.done();
    }
  }
}
