import type { Database } from '../../db/database.ts';
import { openDatabase } from '../../db/open.ts';
import { type DatabaseTarget, isInMemory } from '../../settings/settings.ts';
import type { Revision } from '../chain/revisions.ts';
import { type ChainOptions, connected, folderOf, interruptOn, type RunOptions } from '../connect.ts';
import type { MigrationConnection } from '../connection.ts';
import { MigrationError } from '../errors.ts';
import { applyRevisions } from './apply.ts';
import { type BackupPolicy, backUpBefore } from './backup-before.ts';
import { createLedger } from './ledger.ts';
import { withLock } from './lock.ts';
import { readPending, refuseLostLedger } from './state.ts';

export interface UpgradeOptions extends RunOptions {
  /** As `resolveRevision` reads it; the head unless it is given. */
  to?: string;
  /** Of an SQLite file, before what rebuilds or loses something; false for none. */
  backup?: BackupPolicy | false;
}

export interface MigrateResult {
  /** In the order in which they were applied; empty when there was nothing to do. */
  applied: Revision[];
  /** Null for base. */
  head: string | null;
  /** The copy that was made before. */
  backup?: string;
}

/**
 * Brings a database to a revision, the head of its chain unless another one is asked for. Nothing pending means that
 * nothing is locked or written.
 * @throws MigrationError
 */
export function upgrade(
  on: DatabaseTarget | MigrationConnection,
  options: UpgradeOptions,
): Promise<MigrateResult> {
  return connected(on, async (connection) => {
    const { revisions, head } = await readPending(connection, options);
    if (revisions.length === 0) return { applied: [], head };
    interruptOn(options.signal, connection);
    return withLock(connection, options, () => applyPending(connection, options));
  });
}

export interface MigrateOptions extends ChainOptions, Omit<UpgradeOptions, 'reporter'> {
  log(line: string): void;
}

/** `upgrade` for who only wants its lines. */
export function migrate(
  on: DatabaseTarget | MigrationConnection,
  { log, ...options }: MigrateOptions,
): Promise<MigrateResult> {
  return upgrade(on, { ...options, reporter: { line: log } });
}

/** What `upgrade` would apply, in order. Nothing is written, and a file that isn't there isn't made. */
export function pendingOf(
  on: DatabaseTarget | MigrationConnection,
  options: ChainOptions & { to?: string } = {},
): Promise<Revision[]> {
  return connected(on, async (connection) => (await readPending(connection, options)).revisions);
}

/** Refuses a database that isn't at the head, for a start that may not migrate; gives the head. */
export function requireMigrated(
  on: DatabaseTarget | MigrationConnection,
  folder?: string,
): Promise<string | null> {
  return connected(on, async (connection) => {
    const { revisions, head } = await readPending(connection, folder === undefined ? {} : { folder });
    const [first] = revisions;
    if (!first) return head;
    const count = revisions.length === 1 ? 'revision' : `${revisions.length} revisions, the first one`;
    throw new MigrationError(
      'behind',
      `${connection.place} is behind this version of prefect-server by the ${count} ${first.id} ` +
        `(${first.slug}): run prefect-server database upgrade.`,
    );
  });
}

export type OpenOptions = MigrateOptions | UpgradeOptions;

/** Migrates and opens; the only way for a database in memory, which lives as long as its own connection. */
export async function openMigrated(
  target: DatabaseTarget,
  options: OpenOptions,
  open: (target: DatabaseTarget) => Promise<Database> = openDatabase,
): Promise<MigrateResult & { db: Database }> {
  const run = (on: DatabaseTarget | MigrationConnection) =>
    'log' in options ? migrate(on, options) : upgrade(on, options);
  if (!isInMemory(target)) {
    const result = await run(target);
    return { ...result, db: await open(target) };
  }
  const db = await open(target);
  const { memoryConnection } = await import('../sqlite/memory.ts');
  try {
    return { ...(await run(memoryConnection(db))), db };
  } catch (error) {
    await db.close();
    throw error;
  }
}

async function applyPending(
  connection: MigrationConnection,
  options: UpgradeOptions,
): Promise<MigrateResult> {
  // Whoever had the lock before may have applied everything, or something that we don't know.
  const pending = await readPending(connection, options);
  const { ledger, progress, revisions, head } = pending;
  if (revisions.length === 0) return { applied: [], head };
  await refuseLostLedger(connection, pending);
  await connection.prepare();
  await createLedger(connection);
  const backup = await backUpBefore(connection, { changes: revisions, ledger, progress }, options);
  const chainFolder = folderOf(connection, options);
  await applyRevisions(connection, revisions, { ...options, backup, interrupted: progress, chainFolder });
  return { applied: revisions, head, ...(backup === undefined ? {} : { backup }) };
}
