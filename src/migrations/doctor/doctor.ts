import type { DatabaseTarget } from '../../settings/settings.ts';
import { ADOPTED, readAlembic } from '../adopt/alembic.ts';
import { ALEMBIC, COPY_TABLE, isBookKeeping, LEDGER } from '../catalog/book-keeping.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { compareCatalogs, type Difference } from '../catalog/diff.ts';
import { expectedCatalog, revisionsUpTo } from '../catalog/expected.ts';
import { type Revision, readChain } from '../chain/revisions.ts';
import { type ChainOptions, connected, folderOf } from '../connect.ts';
import type { MigrationConnection } from '../connection.ts';
import { unfinishedCopy } from '../copy/unfinished.ts';
import { MigrationError, ofAnother, reasonOf } from '../errors.ts';
import { bySeverity, type Diagnosis, type Finding, finding } from './findings.ts';
import { checkLedger, checkProgress, cutShort, isCutShort } from './ledger.ts';
import { checkReferences } from './references.ts';

export interface DoctorOptions extends ChainOptions {
  /** Reads everything: each page of an SQLite file with its indexes, each value, and rows that refer to nothing where no key forbids it. */
  deep?: boolean;
}

/** What an engine has to say and to advise; `{sqlite,pg}/doctor.ts` implement it. */
export interface Physician {
  /** Its name and version: `PostgreSQL 18.1`. */
  engine(connection: MigrationConnection): Promise<string>;
  /** The database apart from its tables' structure: versions, files, damage, orphans. */
  examine(connection: MigrationConnection, found: Catalog, options: DoctorOptions): Promise<Finding[]>;
  /** A difference as a finding, with what to do. */
  judge(difference: Difference, expected: Catalog, found: Catalog): Finding;
  /** The findings beside one another: what is no fix any more since there is another one. */
  weigh?(findings: readonly Finding[]): readonly Finding[];
}

/** Of the engine that a connection is to. */
export const physicianFor = async ({ chain }: MigrationConnection): Promise<Physician> =>
  chain === 'sqlite'
    ? (await import('../sqlite/doctor.ts')).sqlitePhysician
    : (await import('../pg/doctor.ts')).pgPhysician;

/**
 * Compares a live database with what its chain should have built. It is only read, and nobody has to wait for it.
 * @throws MigrationError when it can't be reached or is another program's
 */
export function diagnose(
  on: DatabaseTarget | MigrationConnection,
  options: DoctorOptions = {},
): Promise<Diagnosis> {
  return connected(on, async (connection) => {
    const physician = await physicianFor(connection);
    const chain = readChain(folderOf(connection, options));
    const engine = await physician.engine(connection);
    const { findings, revision } = await examine(connection, physician, chain, options).catch(unreadable);
    const weighed = physician.weigh?.(findings) ?? findings;
    return { place: connection.place, engine, revision, findings: bySeverity(weighed) };
  });
}

type Examined = Pick<Diagnosis, 'findings' | 'revision'>;

async function examine(
  connection: MigrationConnection,
  physician: Physician,
  chain: readonly Revision[],
  options: DoctorOptions,
): Promise<Examined> {
  const tables = await connection.tableNames();
  if (tables.length === 0) return { findings: [empty()], revision: null };
  if (tables.includes(COPY_TABLE)) return { findings: [await unfinishedCopy(connection)], revision: null };
  const found = await connection.catalog();
  if (!tables.includes(LEDGER)) return withoutLedger(connection, physician, chain, tables, found);
  const { findings: ledger, revision, applied } = await checkLedger(connection, chain);
  if (applied === 0 && Object.keys(found.tables).some((name) => !isBookKeeping(name)))
    return withoutLedger(connection, physician, chain, tables, found);
  const unfinished = await checkProgress(connection, tables);
  const differences =
    revision === undefined || revision === null || unfinished.length > 0
      ? []
      : await compare(connection, physician, chain, revision, found);
  if (revision !== undefined && unfinished.length === 0 && isCutShort(ledger, differences)) {
    const fitting = await revisionOf(connection, physician, chain, found);
    if (fitting) return { findings: [cutShort(ledger, fitting)], revision: fitting.id };
  }
  const findings = [
    ...ledger,
    ...unfinished,
    ...(tables.includes(ALEMBIC) ? await checkAlembic(connection) : []),
    ...differences,
    ...(await physician.examine(connection, found, options)),
    ...(options.deep ? await checkReferences(connection, found) : []),
  ];
  return { findings, revision: revision ?? null };
}

async function compare(
  connection: MigrationConnection,
  physician: Physician,
  chain: readonly Revision[],
  revision: string,
  found: Catalog,
): Promise<Finding[]> {
  let expected: Catalog;
  try {
    expected = await expectedCatalog(connection, chain, revision);
  } catch (error) {
    const advice =
      'let the user make temporary tables (GRANT TEMPORARY ON DATABASE), and ask a primary, not a standby';
    const problem = `can't be told, since its revisions can't be replayed aside (${reasonOf(error)})`;
    const object = 'what the database should hold';
    return [finding({ code: 'catalog.unknown', severity: 'error', object, problem, advice })];
  }
  return compareCatalogs(expected, found).map((difference) => physician.judge(difference, expected, found));
}

/** The tables without a word on where they come from: they may still be those of a revision. */
async function withoutLedger(
  connection: MigrationConnection,
  physician: Physician,
  chain: readonly Revision[],
  tables: readonly string[],
  found: Catalog,
): Promise<Examined> {
  if (tables.includes(ALEMBIC)) {
    throw new MigrationError(
      'made_by_prefect',
      `${connection.place} was made by Prefect itself and has nothing of ours to look at: ` +
        `run prefect-server database adopt to take it over, or ${connection.elsewhere}.`,
    );
  }
  const fitting = await revisionOf(connection, physician, chain, found);
  if (fitting) {
    const { id, slug } = fitting;
    return { findings: [lost(`run prefect-server database stamp ${id}`, `${id} (${slug})`)], revision: id };
  }
  const ours = Object.keys((await connection.replay(revisionsUpTo(chain, chain.at(-1)?.id ?? null))).tables);
  if (tables.some((name) => ours.includes(name)))
    return { findings: [lost(`restore the table _migrations from a backup`, null)], revision: null };
  throw ofAnother(connection, tables);
}

/** The newest revision whose tables are exactly these. */
async function revisionOf(
  connection: MigrationConnection,
  physician: Physician,
  chain: readonly Revision[],
  found: Catalog,
): Promise<Revision | undefined> {
  for (const revision of chain.toReversed())
    if ((await compare(connection, physician, chain, revision.id, found)).length === 0) return revision;
  return undefined;
}

function lost(advice: string, revision: string | null): Finding {
  return finding({
    ...{ code: 'ledger.missing', severity: 'error', object: `the ledger (_migrations)`, advice },
    problem:
      revision === null
        ? 'is gone or empty, and the tables are those of no revision'
        : `is gone or empty; the tables are exactly those of revision ${revision}`,
  });
}

const empty = (): Finding =>
  finding({
    ...{ code: 'ledger.behind', severity: 'warning', object: 'the database', problem: 'is empty' },
    advice: 'run prefect-server database upgrade, or start the server',
  });

/** What would let Prefect take the database for its own. */
async function checkAlembic(connection: MigrationConnection): Promise<Finding[]> {
  const versions = await readAlembic(connection);
  if (versions.length === 1 && versions[0] === ADOPTED) return [];
  const at = versions.length === 0 ? 'no revision' : versions.join(', ');
  return [
    finding({
      ...{ code: 'alembic.present', severity: 'notice', object: "Prefect's own ledger (alembic_version)" },
      problem: `is there beside ours, at ${at}, so that Prefect would take the database for its own and migrate it`,
      advice:
        'give the database back with prefect-server database adopt --give-back, or let --fix close it to Prefect',
      fix: [`DELETE FROM ${ALEMBIC}`, `INSERT INTO ${ALEMBIC} (version_num) VALUES ('${ADOPTED}')`],
    }),
  ];
}

/** A file may be too damaged to be asked anything else, wherever that shows. */
function unreadable(error: unknown): Examined {
  const reason = reasonOf(error);
  if (error instanceof MigrationError || !/malformed|corrupt|not a database/i.test(`${error} ${reason}`))
    throw error;
  const damage = finding({
    ...{ code: 'file.damaged', severity: 'error', object: 'the database file' },
    problem: `is damaged (${reason})`,
    advice: 'run prefect-server database restore with the newest backup',
  });
  return { findings: [damage], revision: null };
}
