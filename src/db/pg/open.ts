import type { SQL } from 'drizzle-orm';
import { PgDialect } from 'drizzle-orm/pg-core';
import { drizzle } from 'drizzle-orm/pg-proxy';
import pg from 'pg';
import * as pgTables from '../../schema/pg/index.ts';
import type { PostgresTarget } from '../../settings/settings.ts';
import type { Connection, Engine, RowShape, Statement, TransactionConnection } from '../engine.ts';
import { connectionConfig } from './connect.ts';
import { pgDialect } from './dialect.ts';
import { toDatabaseError } from './errors.ts';
import { insertMany } from './insert-many.ts';
import { StatementNames } from './statement-names.ts';

/** `max_overflow = -1` asks for any number; the server's own limit comes first. */
const UNBOUNDED = 1_000;

/** Opens a pool; a transaction has one connection of it to itself. Connections that broke are replaced on the next use. */
export async function openPg(target: PostgresTarget): Promise<Engine> {
  const config = await connectionConfig(target);
  const pool = new pg.Pool({
    ...config,
    max: target.maxOverflow < 0 ? UNBOUNDED : target.poolSize + target.maxOverflow,
    min: 0,
    idleTimeoutMillis: 60_000,
    maxLifetimeSeconds: Math.max(target.poolRecycle, 0),
    // The driver waits for a free connection and for connecting with one timer.
    connectionTimeoutMillis: (target.poolTimeout + target.connectionTimeout) * 1000,
    allowExitOnIdle: true,
  });
  // Without a listener an idle connection that the server closes would end the process; the pool replaces it by itself.
  pool.on('error', () => {});
  const names = new StatementNames(target.preparedStatements);
  const dialect = new PgDialect();

  return {
    dialect: pgDialect,
    tables: pgTables,
    insertMany,
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
    close: () => pool.end(),
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

class PgTransaction implements TransactionConnection, Connection {
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

  run(statement: Statement, shape: RowShape): Promise<unknown[]> {
    return query(this.client, this.names, statement, shape);
  }

  async runMany(sql: string, paramSets: unknown[][]): Promise<unknown[]> {
    const rows = await Promise.all(paramSets.map((params) => this.run({ sql, params }, 'array')));
    return rows.flat();
  }

  async begin(): Promise<void> {
    await this.end('begin', false);
  }

  commit(): Promise<void> {
    return this.end('commit', true);
  }

  /** A rollback that fails means that the connection is gone, and the transaction with it. */
  async rollback(): Promise<void> {
    await this.end('rollback', true).catch(() => {});
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
