import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { sql } from 'drizzle-orm';
import type { Catalog } from '../catalog/catalog.ts';
import type { MigrationConnection } from '../connection.ts';
import type { Physician } from '../doctor/doctor.ts';
import { type Finding, finding } from '../doctor/findings.ts';
import { judged } from '../doctor/judgement.ts';
import { sqliteRemedy } from './remedies.ts';
import { OLDEST_SQLITE, sqliteVersion } from './version.ts';

export const sqlitePhysician: Physician = {
  async engine() {
    // Of the driver, not by way of the file: one that isn't there isn't made by looking.
    return `SQLite ${sqliteVersion()}`;
  },

  async examine(connection, found, { deep = false }) {
    return [
      ...checkVersion(sqliteVersion()),
      ...(await checkPages(connection, deep)),
      ...(await checkOrphans(connection, found)),
      ...checkLeftovers(found),
      ...(await checkFile(connection)),
      ...(await checkCopies(connection)),
    ];
  },

  judge: (difference, expected) => judged(difference, sqliteRemedy(difference, expected)),
};

async function pragma<T>(connection: MigrationConnection, name: string): Promise<T> {
  const [row] = await connection.query<Record<string, T>>(sql.raw(`pragma ${name}`));
  return Object.values(row ?? {})[0] as T;
}

function checkVersion(version: string): Finding[] {
  const numbers = (text: string) => text.split('.').map(Number) as [number, number];
  const [[major, minor], [leastMajor, least]] = [numbers(version), numbers(OLDEST_SQLITE)];
  if (major > leastMajor || (major === leastMajor && minor >= least)) return [];
  return [
    finding({
      ...{
        code: 'engine.old',
        severity: 'error',
        object: 'the driver',
        expected: OLDEST_SQLITE,
        found: version,
      },
      problem: `brings SQLite ${version}`,
      advice: `install better-sqlite3 anew: it brings one that is newer than ${OLDEST_SQLITE}`,
    }),
  ];
}

/** `quick_check` reads every page, `integrity_check` compares each index with its table as well. */
async function checkPages(connection: MigrationConnection, deep: boolean): Promise<Finding[]> {
  let answers: string[];
  try {
    const rows = await connection.query<Record<string, string>>(
      sql.raw(`pragma ${deep ? 'integrity_check' : 'quick_check'}(20)`),
    );
    answers = rows.map((row) => Object.values(row)[0]!);
  } catch (error) {
    answers = [String((error as Error).message)];
  }
  if (answers.join() === 'ok') return [];
  const onlyIndexes = answers.every((answer) => /\bindex\b/i.test(answer));
  return [
    finding({
      ...{ code: 'file.damaged', severity: 'error', object: 'the database file', found: answers.join('\n') },
      problem: 'is damaged',
      advice: onlyIndexes
        ? 'make a backup and run REINDEX; if it is still so, run prefect-server database restore with the newest backup'
        : 'run prefect-server database restore with the newest backup',
    }),
  ];
}

interface Violation {
  readonly table: string;
  readonly parent: string;
  readonly fkid: number;
  readonly n: number;
}

async function checkOrphans(connection: MigrationConnection, { tables }: Catalog): Promise<Finding[]> {
  const violations = await connection.query<Violation>(
    sql`select "table", parent, fkid, count(*) as n from pragma_foreign_key_check group by "table", parent, fkid`,
  );
  const findings: Finding[] = [];
  for (const { table, parent, fkid, n } of violations) {
    const keys = await connection.query<{ id: number; from: string; to: string | null }>(
      sql`select id, "from", "to" from pragma_foreign_key_list(${table})`,
    );
    const parts = keys.filter(({ id }) => id === fkid);
    const columns = parts.map((part) => part.from).join(', ');
    const name = tables[table]?.foreignKeys.find((key) => key.columns.join(', ') === columns)?.name;
    const same = parts.map(({ from, to }) => `b."${to ?? 'id'}" = a."${from}"`).join(' AND ');
    findings.push(
      finding({
        ...{
          code: 'rows.orphaned',
          severity: 'error',
          object: `foreign key ${name || `(${columns})`} of ${table}`,
        },
        problem: `is broken by ${n} row${n === 1 ? '' : 's'} whose ${columns} ${n === 1 ? 'is' : 'are'} not in ${parent}`,
        advice:
          `look at them with SELECT * FROM "${table}" a WHERE a."${parts[0]?.from}" IS NOT NULL AND NOT EXISTS ` +
          `(SELECT 1 FROM "${parent}" b WHERE ${same}), and delete them or put back what they refer to`,
      }),
    );
  }
  return findings;
}

/** A table on its way to being rebuilt is only of use while its old self is gone. */
function checkLeftovers({ tables }: Catalog): Finding[] {
  return Object.keys(tables).flatMap((name) => {
    const [, table] = /^__new_(\w+)$/.exec(name) ?? [];
    if (!table) return [];
    const isDead = table in tables;
    const drop = `DROP TABLE "${name}"`;
    return [
      finding({
        ...{ code: 'table.leftover', severity: isDead ? 'warning' : 'error', object: `table ${name}` },
        problem: isDead
          ? `was left behind by a rebuild of ${table} that didn't end`
          : `has the rows of ${table}, which is gone`,
        advice: isDead ? `run ${drop}` : `run ALTER TABLE "${name}" RENAME TO "${table}", and doctor again`,
        fix: isDead ? [drop] : [],
      }),
    ];
  });
}

const MEBIBYTE = 1024 * 1024;
const LARGE_WAL = 64 * MEBIBYTE;

async function checkFile(connection: MigrationConnection): Promise<Finding[]> {
  const findings: Finding[] = [];
  const say = (given: Parameters<typeof finding>[0]) => findings.push(finding(given));
  const encoding = await pragma<string>(connection, 'encoding');
  if (encoding !== 'UTF-8') {
    const problem = `keeps its text as ${encoding}, which is slower and sorts otherwise`;
    const advice = 'copy it into a new file with prefect-server database copy';
    say({ code: 'engine.encoding', severity: 'warning', object: 'the database file', problem, advice });
  }
  const pageSize = await pragma<number>(connection, 'page_size');
  if (pageSize < 4096) {
    const problem = `has pages of ${pageSize} bytes, which makes it slow`;
    const advice = 'stop the server and run PRAGMA journal_mode = DELETE; PRAGMA page_size = 4096; VACUUM';
    say({ code: 'file.pages', severity: 'notice', object: 'the database file', problem, advice });
  }
  const wal = await walSize(connection);
  if (wal > LARGE_WAL) {
    const problem = `has grown to ${Math.round(wal / MEBIBYTE)} MiB, which makes reading slow`;
    const fix = ['PRAGMA wal_checkpoint(TRUNCATE)'];
    const advice = `run ${fix[0]}; if it stays, look for a program that keeps a transaction open`;
    say({ code: 'file.wal', severity: 'notice', object: 'the WAL file', problem, advice, fix });
  }
  const [pages, free] = [
    await pragma<number>(connection, 'page_count'),
    await pragma<number>(connection, 'freelist_count'),
  ];
  if (free * pageSize > 256 * MEBIBYTE && free > pages / 2) {
    const problem = `is ${Math.round((free * pageSize) / MEBIBYTE)} MiB larger than its rows need`;
    const advice = 'run VACUUM while the server is stopped, with as much free space as the file has';
    say({ code: 'file.free', severity: 'notice', object: 'the database file', problem, advice });
  }
  return findings;
}

/** A copy that grows is touched all the time. */
const DEAD_AFTER_MS = 3_600_000;

/** Copies that were never finished, by a backup or a restore that was killed. */
async function checkCopies(connection: MigrationConnection): Promise<Finding[]> {
  const file = await fileOf(connection);
  if (file === '') return [];
  const files = readdirSync(dirname(file))
    .filter(
      (name) =>
        name.startsWith(`${basename(file)}.`) && /\.(?:part|restoring)(?:-wal|-shm|-journal)?$/.test(name),
    )
    .map((name) => join(dirname(file), name))
    .filter(
      (name) =>
        Date.now() - (statSync(name, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > DEAD_AFTER_MS,
    );
  if (files.length === 0) return [];
  return [
    finding({
      ...{ code: 'file.leftover', severity: 'notice', object: `file ${files.join(', ')}`, files },
      problem: 'was left behind by a copy that was never finished',
      advice: `remove ${files.join(' and ')}`,
    }),
  ];
}

/** Empty for a database in memory. */
async function fileOf(connection: MigrationConnection): Promise<string> {
  const [row] = await connection.query<{ file: string }>(
    sql`select file from pragma_database_list where name = 'main'`,
  );
  return row?.file ?? '';
}

async function walSize(connection: MigrationConnection): Promise<number> {
  const file = await fileOf(connection);
  return file === '' ? 0 : (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0);
}
