import { setTimeout as sleep } from 'node:timers/promises';
import type { SQL } from 'drizzle-orm';
import { PgDialect, type PgTable } from 'drizzle-orm/pg-core';
import { drizzle } from 'drizzle-orm/pg-proxy';
import pg from 'pg';
import * as pgTables from '../../schema/pg/index.ts';
import type { PostgresTarget } from '../../settings/settings.ts';
import type { InsertMany, InsertPairs } from '../database.ts';
import type { Engine, Row, RowShape, Statement, TransactionConnection } from '../engine.ts';
import { DatabaseUnavailable } from '../errors.ts';
import { connectionConfig } from './connect.ts';
import { pgDialect } from './dialect.ts';
import { toDatabaseError } from './errors.ts';
import { insertMany } from './insert-many.ts';
import { insertPairs } from './insert-pairs.ts';
import { StatementNames } from './statement-names.ts';

/** `max_overflow = -1` asks for any number; the server's own limit comes first. */
const UNBOUNDED = 1_000;

/** How much longer than the server's own limit an answer may be on its way. */
const SILENCE_MS = 2_000;
const GOODBYE_MS = 1_000;

/** Opens a pool; a transaction has one connection of it to itself. Connections that broke are replaced on the next use. */
export async function openPg(target: PostgresTarget): Promise<Engine> {
  const config = await connectionConfig(target);
  const pool = new pg.Pool({
    ...config,
    max: target.maxOverflow < 0 ? UNBOUNDED : target.poolSize + target.maxOverflow,
    min: 0,
    idleTimeoutMillis: 60_000,
    maxLifetimeSeconds: Math.max(target.poolRecycle, 0),
    // The pool waits for a free connection and for connecting with one timer; connecting alone has one of its own.
    connectionTimeoutMillis: (target.poolTimeout + target.connectionTimeout) * 1000,
    Client: clientConnectingWithin(target.connectionTimeout * 1000),
    allowExitOnIdle: true,
    // The server ends a statement that takes too long; this is for a server that has fallen silent.
    query_timeout: target.statementTimeout * 1000 + SILENCE_MS,
    keepAliveInitialDelayMillis: 10_000,
  });
  // Without a listener an idle connection that the server closes would end the process; the pool replaces it by itself.
  pool.on('error', () => {});
  // Nor while a connection is between two owners or on its way out: an error without a listener ends the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  const names = new StatementNames(target.preparedStatements);
  const dialect = new PgDialect();

  return {
    dialect: pgDialect,
    tables: pgTables,
    createOrm: (run) => drizzle(async (sql, params) => ({ rows: await run({ sql, params }) })),
    toStatement: (statement: SQL): Statement => dialect.sqlToQuery(statement),

    async begin() {
      const client = await pool.connect().catch((error) => {
        throw toDatabaseError(error);
      });
      const transaction = new PgTransaction(client, names);
      await transaction.begin();
      return transaction;
    },

    run: (statement, shape) => query(pool, names, statement, shape),
    // A server that has fallen silent doesn't say goodbye either.
    close: () => Promise.race([pool.end(), sleep(GOODBYE_MS, undefined, { ref: false })]),
  };
}

/** The pool gives its own timeout to its clients. */
function clientConnectingWithin(connectionTimeoutMillis: number): new () => pg.Client {
  return class extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super({ ...config, connectionTimeoutMillis });
    }
  };
}

async function query(
  client: pg.Pool | pg.PoolClient,
  names: StatementNames,
  { sql, params }: Statement,
  shape: RowShape,
): Promise<unknown[]> {
  const config = { text: sql, values: params, name: names.of(sql) };
  try {
    const { rows } = await (shape === 'array'
      ? client.query({ ...config, rowMode: 'array' })
      : client.query(config));
    return rows;
  } catch (error) {
    throw toDatabaseError(error);
  }
}

class PgTransaction implements TransactionConnection {
  private readonly client: pg.PoolClient;
  private readonly names: StatementNames;
  private broken = false;
  private readonly onError = (): void => {
    this.broken = true;
  };

  constructor(client: pg.PoolClient, names: StatementNames) {
    this.client = client;
    this.names = names;
    client.on('error', this.onError);
  }

  async run(statement: Statement, shape: RowShape): Promise<unknown[]> {
    try {
      return await query(this.client, this.names, statement, shape);
    } catch (error) {
      const isLost = error instanceof DatabaseUnavailable && !(error.cause instanceof pg.DatabaseError);
      this.broken ||= isLost;
      throw error;
    }
  }

  insertMany(table: PgTable, rows: Row[], options: InsertMany): Promise<Row[]> {
    return insertMany(this, table, rows, options);
  }

  insertPairs(pairs: InsertPairs): Promise<string[]> {
    return insertPairs(this, pairs);
  }

  async begin(): Promise<void> {
    await this.end('begin', false);
  }

  commit(): Promise<void> {
    return this.end('commit', true);
  }

  /** A rollback that fails means that the connection is gone, and the transaction with it. */
  async rollback(): Promise<void> {
    if (this.broken) this.release(true);
    else await this.end('rollback', true).catch(() => {});
  }

  private async end(sql: string, release: boolean): Promise<void> {
    try {
      await this.client.query(sql);
    } catch (error) {
      this.release(true);
      throw toDatabaseError(error);
    }
    if (release) this.release(this.broken);
  }

  private release(destroy: boolean): void {
    this.client.off('error', this.onError);
    this.client.release(destroy);
  }
}
