import { hostname } from 'node:os';
import type { SQL } from 'drizzle-orm';
import { PgDialect } from 'drizzle-orm/pg-core';
import pg from 'pg';
import { connectionConfig } from '../../db/pg/connect.ts';
import type { PostgresTarget } from '../../settings/settings.ts';
import type { MigrationConnection } from '../connection.ts';
import { MigrationError, reasonOf } from '../errors.ts';
import type { MigrationReporter } from '../progress.ts';
import { pgAdvice } from './advice.ts';
import { runsAlone } from './alone.ts';
import { BlockerWatch } from './blockers.ts';
import { readPgCatalog } from './catalog.ts';
import { copyIn } from './copy/in.ts';
import { advisoryLock } from './lock.ts';
import { refusedByPooler, refusePooler } from './pooler.ts';
import { replayPg } from './replay.ts';
import { pgRows } from './rows.ts';
import { inTransaction, readText, runStatement } from './run.ts';
import { requirePostgres } from './version.ts';

const ELSEWHERE = 'set PREFECT_DATABASE_URL to another database';

/** A killed process's statement would run on, with the lock, until its end: PostgreSQL 14 and newer can look. */
const NOTICE_DEATH = `
  select set_config(name, '2s', false) from pg_settings where name = 'client_connection_check_interval'`;

/** Opens the migration's one connection: it holds the lock and runs the statements, so neither outlives the other. */
export async function connectPg(served: PostgresTarget): Promise<MigrationConnection> {
  const target = served.direct ?? served;
  const place = `The PostgreSQL database ${target.database} at ${target.host}:${target.port}`;
  const client = await connect(target, place);
  const dialect = new PgDialect();
  let reporter: MigrationReporter | undefined;
  let watch: BlockerWatch | undefined;
  let pid: number | undefined;
  return {
    chain: 'pg',
    place,
    file: null,
    elsewhere: ELSEWHERE,
    tableNames: () => tableNames(client, place),
    catalog: () => readPgCatalog(async (text) => (await client.query(text)).rows),
    replay: async (revisions) => replayPg(await connect(target, place), revisions),
    async query<Row>(statement: SQL) {
      const { sql, params } = dialect.sqlToQuery(statement);
      return (await client.query(sql, params)).rows as Row[];
    },
    run: (statement) => (watch ?? UNWATCHED).during(() => runStatement(client, statement)),
    lock: advisoryLock(client, () => refusePooler(client, () => connect(target, place), place)),
    async prepare() {
      await requireCreate(client, place, target.user);
      await client.query(NOTICE_DEATH);
      const { rows } = await client.query('select pg_backend_pid() as pid');
      pid = rows[0].pid;
      watch ??= new BlockerWatch(
        rows[0].pid,
        () => connect(target, place),
        (line) => reporter?.line(line),
      );
    },
    revision: ({ atomic }, work) => (atomic ? inTransaction(client, work) : work()),
    transaction: (work) => inTransaction(client, work),
    runsAlone,
    rows: () =>
      pgRows(
        (text, params) => readText(client, text, params),
        (statement, data) => copyIn(client, statement, data),
      ),
    reportTo(newReporter) {
      reporter = newReporter;
    },
    blocker: () => watch?.last ?? 'another client',
    isLockTimeout: (error) =>
      error instanceof pg.DatabaseError && (error.code === LOCK_NOT_AVAILABLE || error.code === DEADLOCK),
    advice: pgAdvice,
    async interrupt() {
      if (pid === undefined) return;
      const other = await connect(target, place);
      await other.query('select pg_cancel_backend($1)', [pid]);
      await other.end();
    },
    async close() {
      await watch?.close();
      await client.end().catch(() => {});
    },
  };
}

const LOCK_NOT_AVAILABLE = '55P03';
const DEADLOCK = '40P01';

const UNWATCHED = { during: <T>(work: () => Promise<T>): Promise<T> => work() };

async function connect(target: PostgresTarget, place: string): Promise<pg.Client> {
  try {
    const client = new pg.Client(await connectionConfig(forMigration(target)));
    // Without a listener a lost connection would end the process before the statement that it breaks can tell.
    client.on('error', () => {});
    await client.connect();
    return client;
  } catch (error) {
    if (/unsupported startup parameter/.test(reasonOf(error))) throw refusedByPooler(place, error);
    throw new MigrationError(
      'unreachable',
      `${place} can't be reached as ${target.user} (${reasonOf(error)}): check that it runs, and PREFECT_DATABASE_URL.`,
      { cause: error },
    );
  }
}

function forMigration(target: PostgresTarget): PostgresTarget {
  return {
    ...target,
    // What the waiting processes see as the holder of the lock; PostgreSQL keeps 63 bytes.
    applicationName: `prefect-server migration, process ${process.pid} on ${hostname()}`.slice(0, 63),
    sessionParameters: {
      // While a change of a table waits for its lock, everyone else waits behind it: it gives way, and tries again.
      lock_timeout: '5000',
      ...target.sessionParameters,
      // A change of a large table takes as long as it takes.
      statement_timeout: String((target.migrationTimeout ?? 0) * 1000),
      idle_in_transaction_session_timeout: '0',
    },
  };
}

interface Looked {
  number: number;
  version: string;
  schema: string | null;
  names: string[];
}

/** Tables, partitioned tables, views and sequences of extensions aren't anyone's data. */
async function tableNames(client: pg.Client, place: string): Promise<string[]> {
  const { rows } = await client.query<Looked>(`
    select current_setting('server_version_num')::int as number, current_setting('server_version') as version,
      current_schema() as schema, array(
      select relname::text from pg_class
      where relnamespace = quote_ident(current_schema())::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')
        and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = pg_class.oid and deptype = 'e')
    ) as names`);
  const { number, version, schema, names } = rows[0]!;
  requirePostgres(number, version, place);
  if (schema !== null) return names;
  throw new MigrationError(
    'not_ours',
    `${place} has no schema of the search path: create it, or correct the path.`,
  );
}

/** From PostgreSQL 15 on only the owner of a database may create tables in its schema public. */
async function requireCreate(client: pg.Client, place: string, user: string): Promise<void> {
  const { rows } = await client.query<{ schema: string; allowed: boolean }>(
    `select quote_ident(current_schema()) as schema, has_schema_privilege(current_schema(), 'create') as allowed`,
  );
  const { schema, allowed } = rows[0]!;
  if (allowed) return;
  throw new MigrationError(
    'unreachable',
    `${place} doesn't let ${user} create tables: run GRANT CREATE ON SCHEMA ${schema} TO ${user} as its owner.`,
  );
}
