import { sql } from 'drizzle-orm';
import type { DatabaseTarget } from '../../settings/settings.ts';
import { PREFECT_VERSION } from '../../version.ts';
import { LEDGER, PROGRESS_TABLE } from '../catalog/book-keeping.ts';
import { type Revision, readChain } from '../chain/revisions.ts';
import { type ChainOptions, connected, folderOf, type RunOptions } from '../connect.ts';
import type { MigrationConnection } from '../connection.ts';
import { MigrationError } from '../errors.ts';
import type { BackupPolicy } from '../run/backup-before.ts';
import { backUpAs } from '../run/backup-before.ts';
import { type DowngradePlan, planDowngrade, type Step } from '../run/downgrade.ts';
import { refuseInUse } from '../run/in-use.ts';
import { withLock } from '../run/lock.ts';
import { lossesOf, refuseLoss } from '../run/losses.ts';
import { revertSteps } from '../run/revert.ts';
import { writeAlembic } from './alembic.ts';
import { compareWith, type Extra, wrongInWords } from './compare.ts';
import { keepIndexes } from './extras.ts';
import { ownerOf } from './origin.ts';
import { prefectHead } from './prefect-revisions.ts';

export interface GiveBackOptions extends RunOptions {
  /** Of what only our revisions have a place for. */
  acceptDataLoss?: boolean;
  backup?: BackupPolicy | false;
  ignoreClients?: boolean;
}

export interface GiveBackPlan {
  /** The database is Prefect's already. */
  readonly given: boolean;
  /** The newest first. */
  readonly steps: readonly Step[];
  readonly losses: readonly string[];
  /** Our tables, which go. */
  readonly drops: readonly string[];
}

export interface GivenBack {
  /** False where the database was Prefect's before. */
  readonly given: boolean;
  readonly reverted: readonly { id: string; name: string }[];
  readonly dropped: readonly string[];
  /** Where Prefect finds it. */
  readonly revision: string;
  readonly backup: string | null;
}

/** Our book-keeping. What revisions have made goes with them, and whatever else there is is someone else's. */
const OUR_TABLES = [LEDGER, PROGRESS_TABLE];

/** What `giveBack` would do. Nothing is written. */
export function giveBackPlan(target: DatabaseTarget, options: ChainOptions = {}): Promise<GiveBackPlan> {
  return connected(target, async (connection) => {
    if ((await ownerOf(connection)) === 'prefect') return { given: true, steps: [], losses: [], drops: [] };
    const { steps } = await planBack(connection, options);
    return { given: false, steps, losses: steps.flatMap(lossesOf), drops: await ourTables(connection) };
  });
}

/**
 * Makes a database Prefect's own again, also one that never was: undoes all that came after the revision that Prefect's
 * migrations lead to, and notes that where Prefect looks. It is ours until one transaction makes it Prefect's.
 * @throws MigrationError
 */
export function giveBack(target: DatabaseTarget, options: GiveBackOptions): Promise<GivenBack> {
  return connected(target, async (connection) => {
    const revision = prefectHead(connection.chain);
    const isPrefects = async () => (await ownerOf(connection)) === 'prefect';
    const already: GivenBack = { given: false, reverted: [], dropped: [], revision, backup: null };
    if (await isPrefects()) return already;
    refuseLoss(connection, (await planBack(connection, options)).steps, options);
    return withLock(connection, options, async () =>
      (await isPrefects()) ? already : handOver(connection, options),
    );
  });
}

async function handOver(connection: MigrationConnection, options: GiveBackOptions): Promise<GivenBack> {
  const { reporter } = options;
  const { steps, progress, chain, first } = await planBack(connection, options);
  refuseLoss(connection, steps, options);
  const head = steps[0]?.row.id ?? first;
  // What a newer version has made, or an interrupted run has left, can't be judged before it is undone.
  const isKnown = progress === null && chain.some(({ id }) => id === head);
  const extras = isKnown ? await requireIntact(connection, chain, head, options) : [];
  await refuseInUse(connection, 'adopt --give-back', options);
  await connection.prepare();
  const backup = (await backUpAs(connection, 'before-give-back', options)) ?? null;
  await revertSteps(connection, steps, { ...options, interrupted: progress, backup: backup ?? undefined });
  await keepIndexes(connection, extras, reporter);
  await requireIntact(connection, chain, first, options);
  const dropped = await ourTables(connection);
  const revision = prefectHead(connection.chain);
  await connection.transaction(async () => {
    for (const table of dropped) await connection.query(sql`drop table ${sql.identifier(table)}`);
    await writeAlembic(connection, revision);
  });
  reporter.line(`gave it back to Prefect ${PREFECT_VERSION}: alembic_version is at ${revision}`);
  return { given: true, reverted: steps.map(({ row }) => row), dropped, revision, backup };
}

async function planBack(
  connection: MigrationConnection,
  options: ChainOptions,
): Promise<DowngradePlan & { chain: readonly Revision[]; first: string }> {
  const chain = readChain(folderOf(connection, options));
  const first = chain[0]!.id;
  return { ...(await planDowngrade(connection, { ...options, to: first })), chain, first };
}

async function ourTables(connection: MigrationConnection): Promise<string[]> {
  const tables = await connection.tableNames();
  return OUR_TABLES.filter((table) => tables.includes(table));
}

async function requireIntact(
  connection: MigrationConnection,
  chain: readonly Revision[],
  revision: string,
  { reporter }: GiveBackOptions,
): Promise<readonly Extra[]> {
  const { wrong, extras } = await compareWith(connection, chain, revision);
  if (wrong.length === 0) return extras;
  const { named, advice } = wrongInWords(wrong, reporter);
  throw new MigrationError(
    'changed',
    `${connection.place} isn't as its revision ${revision} makes it, and was not given back (${named}): ` +
      `${advice}, then run prefect-server database adopt --give-back again.`,
  );
}
