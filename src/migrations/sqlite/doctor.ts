import { sql } from 'drizzle-orm';
import type { Catalog } from '../catalog/catalog.ts';
import { folderOf } from '../connect.ts';
import type { MigrationConnection } from '../connection.ts';
import type { Physician } from '../doctor/doctor.ts';
import { type Finding, finding } from '../doctor/findings.ts';
import { judged } from '../doctor/judgement.ts';
import { valueFindings } from '../doctor/values.ts';
import { sqliteProblems } from './copy/find.ts';
import { checkCopies, checkFile } from './doctor-file.ts';
import { sqliteRemedy } from './remedies.ts';
import { OLDEST_SQLITE, sqliteVersion } from './version.ts';

export const sqlitePhysician: Physician = {
  async engine() {
    // Of the driver, not by way of the file: one that isn't there isn't made by looking.
    return `SQLite ${sqliteVersion()}`;
  },

  async examine(connection, found, { deep = false, ...options }) {
    const damage = await checkPages(connection, deep);
    // What lies on damaged pages says nothing, and nothing but this server has written to one in memory.
    const readValues = deep && damage.length === 0 && connection.file !== null;
    return [
      ...checkVersion(sqliteVersion()),
      ...damage,
      ...(await checkOrphans(connection, found)),
      ...checkLeftovers(found),
      ...(await checkFile(connection)),
      ...(await checkCopies(connection)),
      ...(readValues
        ? valueFindings(await sqliteProblems(connection, found, folderOf(connection, options)))
        : []),
    ];
  },

  judge: (difference, expected) => judged(difference, sqliteRemedy(difference, expected)),
};

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
