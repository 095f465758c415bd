import type { Database } from '../db/database.ts';
import { openDatabase } from '../db/open.ts';
import { type DatabaseTarget, isInMemory } from '../settings/settings.ts';
import { packageVersion } from '../version.ts';
import type { MigrationConnection } from './connection.ts';
import { MigrationError, reasonOf } from './errors.ts';
import { createLedger, LEDGER, type LedgerRow, readLedger, writeLedgerRow } from './ledger.ts';
import { withLock } from './lock.ts';
import { lower, pendingRevisions } from './plan.ts';
import { chainFolder, type Revision, readChain } from './revisions.ts';

export interface MigrateOptions {
  log(line: string): void;
  /** The chain to apply instead of the package's own one for the engine. */
  folder?: string;
  /** How long to wait for another process that is migrating the same database. */
  lockTimeoutSeconds?: number;
}

export interface MigrateResult {
  /** In the order in which they were applied; empty when there was nothing to do. */
  applied: Revision[];
  /** Null for a chain without revisions. */
  head: string | null;
}

const LOCK_TIMEOUT_SECONDS = 300;

/**
 * Brings a database to the head of its chain. Nothing pending means that nothing is locked or written.
 * @throws MigrationError
 */
export async function migrate(
  on: DatabaseTarget | MigrationConnection,
  options: MigrateOptions,
): Promise<MigrateResult> {
  return connected(on, async (connection) => {
    const chain = readChain(options.folder ?? chainFolder(connection.chain));
    const before = await inspect(connection, chain);
    if (before.pending.length === 0) return { applied: [], head: before.head };
    const wait = { log: options.log, timeoutSeconds: options.lockTimeoutSeconds ?? LOCK_TIMEOUT_SECONDS };
    return withLock(connection, wait, () => applyPending(connection, chain, options.log));
  });
}

/** Refuses a database that isn't at the head, for a start that may not migrate; gives the head. */
export async function requireMigrated(
  on: DatabaseTarget | MigrationConnection,
  folder?: string,
): Promise<string | null> {
  return connected(on, async (connection) => {
    const { pending, head } = await inspect(connection, readChain(folder ?? chainFolder(connection.chain)));
    if (pending.length === 0) return head;
    const count = pending.length === 1 ? 'revision' : `${pending.length} revisions, the first one`;
    throw new MigrationError(
      'behind',
      `${connection.place} is behind this version of prefect-server by the ${count} ${pending[0]!.id} ` +
        `(${pending[0]!.slug}): run prefect-server database upgrade.`,
    );
  });
}

/** Migrates and opens; the only way for a database in memory, which lives as long as its own connection. */
export async function openMigrated(
  target: DatabaseTarget,
  options: MigrateOptions,
  open: (target: DatabaseTarget) => Promise<Database> = openDatabase,
): Promise<MigrateResult & { db: Database }> {
  if (!isInMemory(target)) {
    const result = await migrate(target, options);
    return { ...result, db: await open(target) };
  }
  const db = await open(target);
  const { memoryConnection } = await import('./sqlite/memory.ts');
  try {
    return { ...(await migrate(memoryConnection(db), options)), db };
  } catch (error) {
    await db.close();
    throw error;
  }
}

async function connected<T>(
  on: DatabaseTarget | MigrationConnection,
  work: (connection: MigrationConnection) => Promise<T>,
): Promise<T> {
  const connection = 'backend' in on ? await connect(on) : on;
  try {
    return await work(connection);
  } catch (error) {
    if (error instanceof MigrationError) throw error;
    throw new MigrationError('failed', `${connection.place} can't be migrated: ${reasonOf(error)}.`, {
      cause: error,
    });
  } finally {
    await connection.close();
  }
}

async function connect(target: DatabaseTarget): Promise<MigrationConnection> {
  if (isInMemory(target))
    throw new Error('A database in memory is migrated by openMigrated, on its own connection.');
  return target.backend === 'sqlite'
    ? (await import('./sqlite/connection.ts')).connectSqlite(target)
    : (await import('./pg/connection.ts')).connectPg(target);
}

interface State {
  pending: Revision[];
  head: string | null;
}

async function inspect(connection: MigrationConnection, chain: readonly Revision[]): Promise<State> {
  const tables = await connection.tableNames();
  let ledger: LedgerRow[] = [];
  if (tables.includes(LEDGER)) ledger = await readLedger(connection);
  else refuseOthers(tables, connection);
  const pending = pendingRevisions(chain, ledger, connection.place);
  return { pending, head: pending.at(-1)?.id ?? ledger.at(-1)?.id ?? null };
}

function refuseOthers(tables: string[], { place, elsewhere }: MigrationConnection): void {
  if (tables.includes('alembic_version')) {
    throw new MigrationError(
      'made_by_prefect',
      `${place} was made by Prefect itself and is left as it is: ` +
        `run prefect-server database adopt to take it over, or ${elsewhere}.`,
    );
  }
  if (tables.length === 0) return;
  const names = tables.slice(0, 3).join(', ') + (tables.length > 3 ? ', ...' : '');
  throw new MigrationError('not_ours', `${place} holds tables of another program (${names}): ${elsewhere}.`);
}

async function applyPending(
  connection: MigrationConnection,
  chain: readonly Revision[],
  log: MigrateOptions['log'],
): Promise<MigrateResult> {
  // Whoever had the lock before may have applied everything, or something that we don't know.
  const { pending, head } = await inspect(connection, chain);
  if (pending.length === 0) return { applied: [], head };
  const appVersion = packageVersion();
  await connection.prepare();
  await createLedger(connection);
  for (const revision of pending) {
    log(`applying: ${revision.id}`);
    const milliseconds = await apply(connection, revision, appVersion);
    log(`applied ${revision.id} (${revision.statements.length} statements, ${milliseconds} ms)`);
  }
  return { applied: pending, head };
}

async function apply(
  connection: MigrationConnection,
  revision: Revision,
  appVersion: string,
): Promise<number> {
  const { statements, transactional } = revision;
  const start = performance.now();
  let at = 0;
  try {
    return await connection.revision(transactional, async () => {
      for (const statement of statements) {
        at++;
        await connection.run(statement);
      }
      const milliseconds = Math.round(performance.now() - start);
      await writeLedgerRow(connection, revision, milliseconds, appVersion);
      return milliseconds;
    });
  } catch (error) {
    throw failure(connection, revision, at, error);
  }
}

function failure(
  connection: MigrationConnection,
  { id, slug, statements, transactional, parent }: Revision,
  at: number,
  error: unknown,
): MigrationError {
  const locked = connection.isLockTimeout(error);
  const what =
    `Revision ${id} (${slug}) failed at statement ${Math.max(at, 1)} of ${statements.length} on ` +
    `${lower(connection.place)} (${reasonOf(error)})`;
  const where = transactional
    ? `it was rolled back, which leaves the database at ${parent ?? 'base'}`
    : 'it runs without a transaction, so what it had done before stays, and the next start runs it again';
  const next = locked ? 'stop whatever else is using the database' : 'put right what the reason names';
  const message = `${what}; ${where}: ${next}, then start again.`;
  return new MigrationError(locked ? 'locked' : 'failed', message, { cause: error });
}
