import type { Database as Driver, Statement } from 'better-sqlite3';
import type { RowShape } from '../engine.ts';

/** Enough for every statement of the server; lists of values don't multiply them (`dialect.isIn` binds one array). */
const KEPT = 500;

/** Prepared statements of one connection, the least recently used one dropped first. */
export class Statements {
  private readonly driver: Driver;
  private readonly kept = new Map<string, Statement>();

  constructor(driver: Driver) {
    this.driver = driver;
  }

  get(sql: string): Statement {
    let statement = this.kept.get(sql);
    if (statement) this.kept.delete(sql);
    else {
      statement = this.driver.prepare(sql);
      if (this.kept.size >= KEPT) this.kept.delete(this.kept.keys().next().value!);
    }
    this.kept.set(sql, statement);
    return statement;
  }

  run(sql: string, params: unknown[], shape: RowShape): unknown[] {
    const statement = this.get(sql);
    if (!statement.reader) {
      statement.run(params);
      return [];
    }
    return statement.raw(shape === 'array').all(params);
  }

  close(): void {
    this.driver.close();
  }
}

/** better-sqlite3 binds neither booleans nor undefined. */
export function toBindable(params: unknown[]): unknown[] {
  for (let i = 0; i < params.length; i++) {
    const value = params[i];
    if (typeof value === 'boolean') params[i] = value ? 1 : 0;
    else if (value === undefined) params[i] = null;
  }
  return params;
}
