import { sql } from 'drizzle-orm';
import { isBookKeeping } from '../catalog/book-keeping.ts';
import type { Catalog, CatalogForeignKey } from '../catalog/catalog.ts';
import type { MigrationConnection } from '../connection.ts';
import type { Physician } from '../doctor/doctor.ts';
import { type Finding, finding } from '../doctor/findings.ts';
import { judged } from '../doctor/judgement.ts';
import { valueFindings } from '../doctor/values.ts';
import { quote } from '../quotes.ts';
import { pgProblems } from './copy/find.ts';
import { pgRemedy } from './remedies.ts';
import { OLDEST_POSTGRES } from './version.ts';

export const pgPhysician: Physician = {
  async engine(connection) {
    return `PostgreSQL ${(await readServer(connection)).version.split(' ', 1)[0]}`;
  },

  async examine(connection, found, { deep = false }) {
    const server = await readServer(connection);
    return [
      ...checkServer(server),
      ...(await checkCollation(connection, server)),
      ...(await checkDeadRows(connection)),
      ...(await checkOrphans(connection, found, deep)),
      ...(deep ? valueFindings(await pgProblems(connection, found)) : []),
    ];
  },

  judge: (difference, expected, found) => judged(difference, pgRemedy(difference, expected, found)),

  weigh: rowsFirst,
};

/** A key that is switched on again counts as kept by all rows, so that those which break it would not be told of any more. */
function rowsFirst(findings: readonly Finding[]): readonly Finding[] {
  if (!findings.some(({ code }) => code === 'rows.orphaned')) return findings;
  return findings.map((one) =>
    one.fix.some((statement) => statement.endsWith(' ENABLE TRIGGER ALL'))
      ? { ...one, fix: [], advice: `put right the rows that break foreign keys, then ${one.advice}` }
      : one,
  );
}

interface Server {
  readonly version: string;
  readonly number: number;
  readonly database: string;
  readonly encoding: string;
  readonly autovacuum: string;
  /** Transactions since the oldest row that isn't frozen. */
  readonly age: number;
}

async function readServer(connection: MigrationConnection): Promise<Server> {
  const [row] = await connection.query<Server>(sql`
    select current_setting('server_version') as version, current_setting('server_version_num')::int as number,
      quote_ident(current_database()) as database, current_setting('server_encoding') as encoding,
      current_setting('autovacuum') as autovacuum, age(datfrozenxid)::int as age
    from pg_database where datname = current_database()`);
  return row!;
}

/** PostgreSQL refuses all writes at two thousand million. */
const OLD_AGE = 1_200_000_000;

function checkServer({ version, number, database, encoding, autovacuum, age }: Server): Finding[] {
  const findings: Finding[] = [];
  const say = (
    code: string,
    severity: Finding['severity'],
    object: string,
    problem: string,
    advice: string,
  ) => findings.push(finding({ code, severity, object, problem, advice }));
  if (number < OLDEST_POSTGRES * 10_000)
    say(
      'engine.old',
      'error',
      'the server',
      `is PostgreSQL ${version}`,
      `upgrade it to ${OLDEST_POSTGRES} or newer`,
    );
  if (encoding !== 'UTF8') {
    const advice = `make a database with ENCODING 'UTF8' and copy this one into it`;
    say(
      'engine.encoding',
      'error',
      `database ${database}`,
      `keeps its text as ${encoding}, which hasn't all characters`,
      advice,
    );
  }
  if (autovacuum !== 'on') {
    const advice = 'set autovacuum = on in postgresql.conf and reload it';
    say('vacuum.off', 'warning', 'autovacuum', 'is off, so that tables grow and get slow', advice);
  }
  if (age > OLD_AGE) {
    const problem = `has rows that are ${age} transactions old; PostgreSQL stops at 2000000000`;
    say(
      'vacuum.age',
      'error',
      `database ${database}`,
      problem,
      'run VACUUM (FREEZE), and find out what keeps autovacuum from it',
    );
  }
  return findings;
}

/** After an upgrade of the operating system, indexes of text may be in an order that it doesn't have any more. */
async function checkCollation(connection: MigrationConnection, server: Server): Promise<Finding[]> {
  if (server.number < 150_000) return [];
  const [row] = await connection.query<{ recorded: string | null; actual: string | null }>(sql`
    select datcollversion as recorded, pg_database_collation_actual_version(oid) as actual
    from pg_database where datname = current_database()`);
  const { recorded, actual } = row!;
  if (recorded === null || actual === null || recorded === actual) return [];
  return [
    finding({
      ...{
        code: 'engine.collation',
        severity: 'warning',
        object: `database ${server.database}`,
        expected: recorded,
        found: actual,
      },
      problem: 'was built with another version of its collation, so that indexes of text may miss rows',
      advice: `run REINDEX DATABASE CONCURRENTLY ${server.database}; ALTER DATABASE ${server.database} REFRESH COLLATION VERSION`,
    }),
  ];
}

const MANY_DEAD_ROWS = 100_000;

async function checkDeadRows(connection: MigrationConnection): Promise<Finding[]> {
  const rows = await connection.query<{ name: string; dead: string; live: string }>(sql`
    select relname as name, n_dead_tup as dead, n_live_tup as live from pg_stat_user_tables
    where schemaname = current_schema() and n_dead_tup > ${MANY_DEAD_ROWS} and n_dead_tup > n_live_tup order by n_dead_tup desc`);
  return rows.map(({ name, dead, live }) =>
    finding({
      ...{ code: 'vacuum.dead_rows', severity: 'notice', object: `table ${name}` },
      problem: `has ${dead} dead rows beside ${live} living ones`,
      advice: `run VACUUM (ANALYZE) "${name}", and look for a transaction that is open for long`,
    }),
  );
}

/** Rows that a key forbids are only possible where it isn't, or wasn't, enforced; `all` looks everywhere. */
async function checkOrphans(
  connection: MigrationConnection,
  { tables }: Catalog,
  all: boolean,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [table, { foreignKeys }] of Object.entries(tables)) {
    if (isBookKeeping(table)) continue;
    for (const key of foreignKeys.filter(
      ({ marks }) => all || marks.includes('not valid') || marks.includes('disabled'),
    )) {
      const from = orphansOf(table, key);
      const [row] = await connection.query<{ n: string }>(sql.raw(`select count(*) as n from ${from}`));
      if (Number(row!.n) > 0) findings.push(orphans(table, key, Number(row!.n), from));
    }
  }
  return findings;
}

function orphansOf(table: string, { columns, refTable, refColumns }: CatalogForeignKey): string {
  const filled = columns.map((column) => `a.${quote(column)} IS NOT NULL`).join(' AND ');
  const same = columns.map((column, at) => `b.${quote(refColumns[at]!)} = a.${quote(column)}`).join(' AND ');
  return `${quote(table)} a WHERE ${filled} AND NOT EXISTS (SELECT FROM ${quote(refTable)} b WHERE ${same})`;
}

function orphans(
  table: string,
  { name, columns, refTable }: CatalogForeignKey,
  count: number,
  from: string,
): Finding {
  return finding({
    ...{ code: 'rows.orphaned', severity: 'error', object: `foreign key ${name} of ${table}` },
    problem: `is broken by ${count} row${count === 1 ? '' : 's'} whose ${columns.join(', ')} ${count === 1 ? 'is' : 'are'} not in ${refTable}`,
    advice: `look at them with SELECT * FROM ${from}, and delete them or put back what they refer to`,
  });
}
