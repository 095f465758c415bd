import { type DatabaseTarget, isInMemory } from '../../settings/settings.ts';
import { PREFECT_VERSION, packageVersion } from '../../version.ts';
import { type Revision, readChain } from '../chain/revisions.ts';
import { connected, folderOf, interruptOn } from '../connect.ts';
import type { MigrationConnection } from '../connection.ts';
import { lower, MigrationError } from '../errors.ts';
import type { MigrationReporter } from '../progress.ts';
import { applyRevisions } from '../run/apply.ts';
import { backUpAs } from '../run/backup-before.ts';
import { refuseInUse } from '../run/in-use.ts';
import { createLedger, writeLedgerRow } from '../run/ledger.ts';
import { withLock } from '../run/lock.ts';
import { readPending } from '../run/state.ts';
import { type MigrateResult, pendingOf, type UpgradeOptions, upgrade } from '../run/upgrade.ts';
import { ADOPTED, writeAlembic } from './alembic.ts';
import { keepBareIntegers } from './bare-integers.ts';
import { compareWith, type Extra, extraName, wrongInWords } from './compare.ts';
import { keepIndexes } from './extras.ts';
import { ownerOf } from './origin.ts';

export interface AdoptOptions extends Omit<UpgradeOptions, 'to'> {
  /** Goes on though other clients are connected to PostgreSQL, of which nobody can tell what they are. */
  ignoreClients?: boolean;
}

export interface Adopted extends MigrateResult {
  /** False where the database was ours before, and was only brought up to date. */
  readonly adopted: boolean;
  /** Objects that aren't Prefect's, and were left as they are. */
  readonly kept: readonly string[];
}

export interface AdoptPlan {
  readonly adopted: boolean;
  /** What would be applied; its first one only counts as applied, where the tables are Prefect's. */
  readonly pending: readonly Revision[];
  readonly kept: readonly string[];
}

/** What `adopt` would do. Nothing is written. @throws MigrationError where it would refuse */
export async function adoptPlan(
  target: DatabaseTarget,
  options: Pick<AdoptOptions, 'folder' | 'reporter'>,
): Promise<AdoptPlan> {
  const plan = await connected(target, async (connection) => {
    if ((await ownerOf(connection)) === 'ours') return null;
    const chain = readChain(folderOf(connection, options));
    const extras = await requirePrefects(connection, chain, options.reporter);
    return { adopted: false, pending: chain, kept: extras.map(extraName) };
  });
  return plan ?? { adopted: true, pending: await pendingOf(target, options), kept: [] };
}

/**
 * Takes a database over that Prefect itself has made, and brings it up to date. It is Prefect's until one transaction
 * makes it ours, so that whatever ends the process the next run goes on.
 * @throws MigrationError for a database that isn't at the head of PREFECT_VERSION, or isn't as that has made it
 */
export async function adopt(target: DatabaseTarget, options: AdoptOptions): Promise<Adopted> {
  if (isInMemory(target)) throw new Error('A database in memory is never one that Prefect has made.');
  const taken = await connected(target, async (connection) => {
    if ((await ownerOf(connection)) === 'ours') return null;
    interruptOn(options.signal, connection);
    return withLock(connection, options, () => takeOver(connection, options));
  });
  return taken ?? { adopted: false, kept: [], ...(await upgrade(target, options)) };
}

async function takeOver(connection: MigrationConnection, options: AdoptOptions): Promise<Adopted | null> {
  // Whoever had the lock before may have done it.
  if ((await ownerOf(connection)) === 'ours') return null;
  const { reporter } = options;
  const chainFolder = folderOf(connection, options);
  const chain = readChain(chainFolder);
  const extras = await requirePrefects(connection, chain, reporter);
  await refuseInUse(connection, 'adopt', options);
  for (const extra of extras) reporter.line(`${extraName(extra)} is no part of Prefect's schema, and stays`);
  await connection.prepare();
  const backup = await backUpAs(connection, 'before-adopt', options);
  const first = chain[0]!;
  await connection.transaction(async () => {
    await keepBareIntegers(connection);
    await createLedger(connection);
    await writeLedgerRow(connection, first, 0, packageVersion());
    await writeAlembic(connection, ADOPTED);
  });
  reporter.line(
    `took ${lower(connection.place)} over from Prefect ${PREFECT_VERSION}, at revision ${first.id}`,
  );
  const { revisions, head } = await readPending(connection, options);
  await applyRevisions(connection, revisions, { ...options, backup, interrupted: null, chainFolder });
  await keepIndexes(connection, extras, reporter);
  const kept = extras.map(extraName);
  return { adopted: true, kept, applied: revisions, head, ...(backup === undefined ? {} : { backup }) };
}

async function requirePrefects(
  connection: MigrationConnection,
  chain: readonly Revision[],
  reporter: MigrationReporter,
): Promise<readonly Extra[]> {
  const { wrong, extras } = await compareWith(connection, chain, chain[0]!.id);
  if (wrong.length === 0) return extras;
  const { named, advice } = wrongInWords(wrong, reporter);
  throw new MigrationError(
    'changed',
    `${connection.place} isn't as Prefect ${PREFECT_VERSION} makes it, and was not taken over (${named}): ` +
      `${advice}, then run prefect-server database adopt again.`,
  );
}
