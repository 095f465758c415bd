import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { getTableName, sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import type { Engine, Row, RowShape, Statement, TransactionConnection } from './engine.ts';
import { TransactionGivenUp, unwrapDatabaseError } from './errors.ts';

interface Transaction {
  connection: TransactionConnection;
  hooks: (() => void)[];
  savepoints: number;
  open: boolean;
}

/** What the code that is running now stands in. */
interface Scope {
  transaction?: Transaction;
  long: boolean;
}

export interface AmbientOptions {
  /** Sees every statement that is sent; for the echo setting and for counting in tests and benches. */
  onStatement?: (sql: string) => void;
}

/** Makes a `Database` of an engine: knows which connection the running code is on. */
export function createDatabase(engine: Engine, { onStatement }: AmbientOptions = {}): Database {
  const scopes = new AsyncLocalStorage<Scope>();

  async function run(statement: Statement, shape: RowShape): Promise<unknown[]> {
    onStatement?.(statement.sql);
    const scope = scopes.getStore();
    if (scope?.transaction) return openConnection(scope.transaction).run(statement, shape);
    return untilKept(() => engine.run(statement, shape, scope?.long ?? false));
  }

  const begin = <T>(work: () => Promise<T>): Promise<T> => untilKept(() => attempt(work));

  async function attempt<T>(work: () => Promise<T>): Promise<T> {
    const connection = await engine.begin();
    const transaction: Transaction = { connection, hooks: [], savepoints: 0, open: true };
    let result: T;
    try {
      result = await scopes.run({ transaction, long: false }, work);
    } catch (error) {
      transaction.open = false;
      await connection.rollback();
      throw unwrapDatabaseError(error);
    }
    transaction.open = false;
    await connection.commit();
    scopes.exit(() => {
      for (const hook of transaction.hooks) hook();
    });
    return result;
  }

  return {
    dialect: engine.dialect,
    tables: engine.tables,
    orm: engine.createOrm((statement) => run(statement, 'array')),

    transaction(work) {
      const outer = scopes.getStore()?.transaction;
      return outer?.open ? savepoint(outer, work) : begin(work);
    },

    longRead(work) {
      const scope = scopes.getStore();
      return scope?.transaction ? work() : scopes.run({ long: true }, work);
    },

    afterCommit(hook) {
      const transaction = scopes.getStore()?.transaction;
      if (transaction?.open) transaction.hooks.push(hook);
      else hook();
    },

    execute: async <R>(statement: Parameters<Database['execute']>[0]) =>
      (await run(engine.toStatement(statement), 'object')) as R[],

    async insertMany(table, rows, options = {}) {
      if (rows.length === 0) return [];
      const insert = () => {
        onStatement?.(`insert into "${getTableName(table)}"`);
        return openConnection(scopes.getStore()!.transaction!).insertMany(table, rows as Row[], options);
      };
      return scopes.getStore()?.transaction ? insert() : begin(insert);
    },

    async insertPairs(pairs) {
      if (pairs.first.rows.length === 0) return [];
      const insert = () => {
        onStatement?.(`insert into "${getTableName(pairs.first.table)}"`);
        return openConnection(scopes.getStore()!.transaction!).insertPairs(pairs);
      };
      return scopes.getStore()?.transaction ? insert() : begin(insert);
    },

    async ping() {
      await run(engine.toStatement(sql`select 1`), 'array');
    },

    close: () => engine.close(),
  };
}

/** How often something is done that the database gives up for the sake of something else. */
const ATTEMPTS = 8;
const FIRST_PAUSE_MS = 10;

/** Two that gave way to each other at the same moment don't meet again at the next one. */
async function untilKept<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TransactionGivenUp) || attempt === ATTEMPTS) throw error;
      await sleep(Math.random() * FIRST_PAUSE_MS * 2 ** attempt);
    }
  }
}

function openConnection(transaction: Transaction): TransactionConnection {
  // A promise that nobody awaited outlived its transaction; on this connection it would write into someone else's.
  if (!transaction.open) throw new Error('A statement was run after its transaction had ended.');
  return transaction.connection;
}

async function savepoint<T>(outer: Transaction, work: () => Promise<T>): Promise<T> {
  const name = `s${++outer.savepoints}`;
  const hooks = outer.hooks.length;
  await outer.connection.run({ sql: `savepoint ${name}`, params: [] }, 'array');
  try {
    const result = await work();
    await outer.connection.run({ sql: `release savepoint ${name}`, params: [] }, 'array');
    return result;
  } catch (error) {
    outer.hooks.length = hooks;
    await outer.connection.run({ sql: `rollback to savepoint ${name}`, params: [] }, 'array');
    throw unwrapDatabaseError(error);
  }
}
