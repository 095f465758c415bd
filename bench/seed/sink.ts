import SqliteDriver, { type Database as Driver } from 'better-sqlite3';
import type { PgTable } from 'drizzle-orm/pg-core';
import pg from 'pg';
import type { Tables } from '../../src/db/database.ts';
import { connectionConfig } from '../../src/db/pg/connect.ts';
import { insertMany as insertPg } from '../../src/db/pg/insert-many.ts';
import { insertMany as insertSqlite } from '../../src/db/sqlite/insert-many.ts';
import { toBindable } from '../../src/db/sqlite/statements.ts';
import * as pgModule from '../../src/schema/pg/index.ts';
import * as sqliteModule from '../../src/schema/sqlite/index.ts';
import type { DatabaseTarget, PostgresTarget, SqliteTarget } from '../../src/settings/settings.ts';
import { dayValues, repeatedOnPostgres, repeatedOnSqlite } from './days.ts';

const pgTables: Tables = pgModule;
const sqliteTables = sqliteModule as unknown as Tables;

export type TableName = { [Name in keyof Tables]: Tables[Name] extends PgTable ? Name : never }[keyof Tables];
export type Rows<Name extends TableName> = Tables[Name]['$inferInsert'][];

/** Where seeded rows go. Safety and references are left out while it is open, and indexes come at the end. */
export interface Sink {
  /** All rows have the same keys. */
  add<Name extends TableName>(table: Name, rows: Rows<Name>): Promise<void>;
  /** Takes what these tables hold as one day, and repeats it on the days after. */
  repeat(tables: readonly TableName[], days: number, log: (day: number) => void): Promise<void>;
  /** Builds the indexes that `openSink` took away from these tables. */
  finish(): Promise<void>;
}

export function openSink(target: DatabaseTarget, large: readonly TableName[]): Promise<Sink> {
  return target.backend === 'sqlite' ? sqliteSink(target, large) : pgSink(target, large);
}

async function sqliteSink({ file }: SqliteTarget, large: readonly TableName[]): Promise<Sink> {
  const driver = new SqliteDriver(file, { timeout: 5000 });
  driver.exec('pragma foreign_keys = off; pragma synchronous = off; pragma cache_size = -100000');
  const indexes = takeSqliteIndexes(driver, large);
  driver.exec('begin');
  const runMany = (sql: string, paramSets: unknown[][]) => {
    const statement = driver.prepare(sql);
    for (const params of paramSets) statement.run(toBindable(params));
    return [];
  };
  return {
    async add(name, rows) {
      if (rows.length > 0) insertSqlite(runMany, sqliteTables[name], rows, {});
    },
    async repeat(names, days, log) {
      const statements = names.map((name) => {
        driver.exec(`create temp table "day_${name}" as select * from "${name}"`);
        return driver.prepare(repeatedOnSqlite(sqliteTables[name]));
      });
      for (let day = 1; day < days; day++) {
        const [id, date] = dayValues(day);
        for (const statement of statements) statement.run({ id, date });
        driver.exec('commit; begin');
        log(day);
      }
    },
    async finish() {
      driver.exec('commit');
      for (const { sql } of indexes) driver.exec(sql);
      // No statistics: nothing makes them where Prefect or this server runs.
      driver.pragma('wal_checkpoint(TRUNCATE)');
      driver.close();
    },
  };
}

function takeSqliteIndexes(driver: Driver, tables: readonly TableName[]): { sql: string }[] {
  const indexes = driver
    .prepare<[string], { name: string; sql: string }>(
      `select name, sql from sqlite_master
       where type = 'index' and sql is not null and tbl_name in (select value from json_each(?))`,
    )
    .all(JSON.stringify(tables));
  for (const { name } of indexes) driver.exec(`drop index "${name}"`);
  return indexes;
}

async function pgSink(target: PostgresTarget, large: readonly TableName[]): Promise<Sink> {
  // The role of a replica checks no references; it takes a superuser.
  const sessionParameters = {
    ...target.sessionParameters,
    session_replication_role: 'replica',
    maintenance_work_mem: '512MB',
    statement_timeout: '0',
  };
  const client = new pg.Client(await connectionConfig({ ...target, sessionParameters }));
  await client.connect();
  const indexes = await takePgIndexes(client, large);
  await client.query('begin');
  const run = async ({ sql, params }: { sql: string; params: unknown[] }) => {
    await client.query(sql, params);
    return [];
  };
  return {
    async add(name, rows) {
      if (rows.length > 0) await insertPg({ run }, pgTables[name], rows, {});
    },
    async repeat(names, days, log) {
      for (const name of names)
        await client.query(`create temp table "day_${name}" as select * from "${name}"`);
      for (let day = 1; day < days; day++) {
        for (const name of names) await client.query(repeatedOnPostgres(pgTables[name]), dayValues(day));
        await client.query('commit');
        await client.query('begin');
        log(day);
      }
    },
    async finish() {
      await client.query('commit');
      for (const { sql } of indexes) await client.query(sql);
      await client.query('analyze');
      await client.end();
    },
  };
}

async function takePgIndexes(client: pg.Client, tables: readonly TableName[]): Promise<{ sql: string }[]> {
  const { rows: indexes } = await client.query<{ name: string; sql: string }>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as sql from pg_index
     where indrelid = any($1::regclass[]) and not exists (select from pg_constraint where conindid = indexrelid)`,
    [tables],
  );
  for (const { name } of indexes) await client.query(`drop index ${name}`);
  return indexes;
}
