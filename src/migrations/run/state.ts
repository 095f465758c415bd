import { dirname, join } from 'node:path';
import { ALEMBIC, isBookKeeping, LEDGER, PROGRESS_TABLE } from '../catalog/book-keeping.ts';
import { type RevisionNames, resolveRevision } from '../chain/resolve.ts';
import { type ChainName, chainFolder, type Revision, readChain } from '../chain/revisions.ts';
import { withoutComments } from '../chain/script.ts';
import { type ChainOptions, folderOf } from '../connect.ts';
import type { MigrationConnection } from '../connection.ts';
import { refuseUnfinishedCopy } from '../copy/unfinished.ts';
import { MigrationError, ofAnother, some } from '../errors.ts';
import { interruptedUp } from './interrupted.ts';
import { type LedgerRow, readLedger } from './ledger.ts';
import { pendingRevisions } from './pending.ts';
import { type ProgressRow, readProgress } from './progress-table.ts';

/** A database as its ledger has it, beside the chain of the code. */
export interface DatabaseState {
  readonly chain: readonly Revision[];
  readonly ledger: readonly LedgerRow[];
  /** Of a revision that broke off halfway. */
  readonly progress: ProgressRow | null;
  /** Tables were there, so that it isn't made anew. */
  readonly exists: boolean;
}

/** @throws MigrationError when the database is someone else's, or can't be read */
export async function readState(
  connection: MigrationConnection,
  options: ChainOptions,
): Promise<DatabaseState> {
  const chain = readChain(folderOf(connection, options));
  const tables = await connection.tableNames();
  await refuseUnfinishedCopy(connection, tables);
  if (tables.includes(LEDGER)) {
    return { chain, ...(await readTables(connection, tables)), exists: true };
  }
  const exists = hasLostLedger(tables, chain);
  if (!exists) refuseOthers(tables, connection);
  return { chain, ledger: [], progress: null, exists };
}

/** All tables of the first revision are nobody else's, unless Prefect made them. */
function hasLostLedger(tables: readonly string[], [first]: readonly Revision[]): boolean {
  if (first === undefined || tables.includes(ALEMBIC)) return false;
  const made = [...tablesMadeBy([first])].filter((name) => !isBookKeeping(name));
  return made.length > 0 && made.every((name) => tables.includes(name));
}

/**
 * The ledger and the progress of one moment. Another process may be migrating: when it has begun or finished a
 * revision between two reads, they are done again, so that nobody takes its revision for one that he doesn't have.
 */
async function readTables(
  connection: MigrationConnection,
  tables: readonly string[],
): Promise<Pick<DatabaseState, 'ledger' | 'progress'>> {
  if (!tables.includes(PROGRESS_TABLE)) return { ledger: await readLedger(connection), progress: null };
  for (let before = await readProgress(connection); ; ) {
    const ledger = await readLedger(connection);
    const progress = await readProgress(connection);
    if (progress?.revision === before?.revision && progress?.direction === before?.direction)
      return { ledger, progress };
    before = progress;
  }
}

export interface Pending {
  readonly ledger: readonly LedgerRow[];
  /** How far the first of them has come already. */
  readonly progress: ProgressRow | null;
  readonly revisions: Revision[];
  /** Where the database is after them; null for base. */
  readonly head: string | null;
}

/** The revisions that lead to `to` (head, unless it is given). */
export async function readPending(
  connection: MigrationConnection,
  options: ChainOptions & { to?: string | undefined },
): Promise<Pending> {
  const { chain, ledger, progress } = await readState(connection, options);
  const all = pendingRevisions(chain, ledger, connection.place);
  interruptedUp(connection, progress, all, ledger);
  const revisions = options.to === undefined ? all : upTo(options.to, all, ledger, connection, options);
  return { ledger, progress, revisions, head: revisions.at(-1)?.id ?? ledger.at(-1)?.id ?? null };
}

function upTo(
  to: string,
  pending: Revision[],
  ledger: readonly LedgerRow[],
  connection: MigrationConnection,
  options: ChainOptions,
): Revision[] {
  const id = resolveRevision(to, namesOf(connection, options, ledger));
  const at = pending.findIndex((revision) => revision.id === id);
  if (at >= 0) return pending.slice(0, at + 1);
  if (id === null ? ledger.length === 0 : ledger.at(-1)?.id === id) return [];
  throw new MigrationError(
    'unknown_revision',
    `${connection.place} is past ${id ?? 'base'} already: run prefect-server database downgrade -r ${id ?? 'base'} to go back to it.`,
  );
}

export function namesOf(
  connection: MigrationConnection,
  options: ChainOptions,
  ledger: readonly LedgerRow[],
): RevisionNames {
  return { ...readChains(connection.chain, options), ledger };
}

/** A chain and its twin, each in the order of its parents. A chain of one's own has a twin only if it lies beside it. */
export function readChains(name: ChainName, { folder }: ChainOptions): Omit<RevisionNames, 'ledger'> {
  const other = name === 'sqlite' ? 'pg' : 'sqlite';
  const own = folder ?? chainFolder(name);
  const twin = join(dirname(own), other);
  const chain = readChain(own);
  try {
    return { chain, twins: own === twin ? [] : readChain(twin) };
  } catch (error) {
    if (folder === undefined) throw error;
    return { chain, twins: [] };
  }
}

/** A ledger that has lost its rows: all would be applied a second time. Told apart only under the lock. */
export async function refuseLostLedger(
  connection: MigrationConnection,
  { ledger, progress, revisions }: Pick<Pending, 'ledger' | 'progress' | 'revisions'>,
): Promise<void> {
  if (ledger.length > 0 || progress !== null) return;
  const made = tablesMadeBy(revisions);
  const others = (await connection.tableNames()).filter((name) => !isBookKeeping(name) && made.has(name));
  if (others.length === 0) return;
  throw new MigrationError(
    'changed',
    `${connection.place} has tables (${some(others)}), but no revision in its ledger (_migrations): restore that table from a backup, or, ` +
      'knowing the revision of the tables, run prefect-server database stamp with it.',
  );
}

/** What anyone else has put beside them is in nobody's way. */
function tablesMadeBy(revisions: readonly Revision[]): Set<string> {
  const made = revisions
    .flatMap(({ statements }) => statements)
    .map((statement) => MAKES.exec(withoutComments(statement)));
  return new Set(made.flatMap((found) => found?.[1] ?? []));
}

const MAKES = /^create\s+table\s+(?:if\s+not\s+exists\s+)?"?(\w+)/i;

function refuseOthers(tables: string[], connection: MigrationConnection): void {
  if (tables.includes(ALEMBIC)) {
    throw new MigrationError(
      'made_by_prefect',
      `${connection.place} was made by Prefect itself and is left as it is: ` +
        `run prefect-server database adopt to take it over, or ${connection.elsewhere}.`,
    );
  }
  if (tables.length > 0) throw ofAnother(connection, tables);
}
