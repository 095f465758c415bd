import type { DatabaseTarget } from '../../settings/settings.ts';
import { findDataFile } from '../chain/data-step.ts';
import { resolveRevision } from '../chain/resolve.ts';
import type { DataFile } from '../chain/revisions.ts';
import type { DownScript } from '../chain/script.ts';
import { type ChainOptions, connected, folderOf, type RunOptions } from '../connect.ts';
import type { MigrationConnection } from '../connection.ts';
import { MigrationError } from '../errors.ts';
import { type BackupPolicy, backUpBefore } from './backup-before.ts';
import { refuseInUse } from './in-use.ts';
import { interruptedDown } from './interrupted.ts';
import { type LedgerRow, readDown } from './ledger.ts';
import { withLock } from './lock.ts';
import { refuseLoss } from './losses.ts';
import type { ProgressRow } from './progress-table.ts';
import { revertSteps } from './revert.ts';
import { namesOf, readState } from './state.ts';

export interface DowngradeOptions extends RunOptions {
  /** As `resolveRevision` reads it; Prefect's default is -1. */
  to: string;
  acceptDataLoss?: boolean;
  /** Of an SQLite file, before what rebuilds or loses something; false for none. */
  backup?: BackupPolicy | false;
}

export interface Downgraded {
  /** In the order in which they were undone. */
  reverted: LedgerRow[];
  head: string | null;
  /** The copy that was made before. */
  backup?: string;
}

/** A revision that a downgrade would undo. */
export interface Step {
  readonly row: LedgerRow;
  readonly down: DownScript;
  /** Its data step, where the code has it. */
  readonly data: DataFile | null;
}

/** What a downgrade has to do, and from where an interrupted one goes on. */
export interface DowngradePlan {
  readonly steps: Step[];
  readonly head: string | null;
  readonly progress: ProgressRow | null;
  readonly ledger: readonly LedgerRow[];
}

/** What `downgrade` would undo, the newest first. Nothing is written. */
export function downgradeSteps(
  on: DatabaseTarget | MigrationConnection,
  options: ChainOptions & { to: string },
): Promise<Step[]> {
  return connected(on, async (connection) => (await planDowngrade(connection, options)).steps);
}

/**
 * Undoes revisions with the SQL that the ledger keeps of each, so that also those of a newer version can be undone.
 * @throws MigrationError when one can't be undone, or data would be lost that nobody has accepted to lose
 */
export function downgrade(
  on: DatabaseTarget | MigrationConnection,
  options: DowngradeOptions,
): Promise<Downgraded> {
  return connected(on, async (connection) => {
    const before = await planDowngrade(connection, options);
    if (before.steps.length === 0) return { reverted: [], head: before.head };
    refuseLoss(connection, before.steps, options);
    return withLock(connection, options, async () => {
      const plan = await planDowngrade(connection, options);
      refuseLoss(connection, plan.steps, options);
      await refuseInUse(connection, 'downgrade', options);
      await connection.prepare();
      const backup = await revertPlanned(connection, plan, options);
      const reverted = plan.steps.map(({ row }) => row);
      return { reverted, head: plan.head, ...(backup === undefined ? {} : { backup }) };
    });
  });
}

export async function planDowngrade(
  connection: MigrationConnection,
  options: ChainOptions & { to: string },
): Promise<DowngradePlan> {
  const { ledger, progress } = await readState(connection, options);
  const head = resolveRevision(options.to, namesOf(connection, options, ledger));
  const at = head === null ? -1 : ledger.findIndex(({ id }) => id === head);
  if (head !== null && at < 0) {
    throw new MigrationError(
      'unknown_revision',
      `${connection.place} hasn't come to ${head} yet: run prefect-server database upgrade -r ${head}.`,
    );
  }
  const steps = ledger
    .slice(at + 1)
    .reverse()
    .map((row) => {
      const down = readDown(row);
      return { row, down, data: down.data && findDataFile(folderOf(connection, options), down.data) } as Step;
    });
  interruptedDown(connection, progress, steps, ledger);
  return { steps, head, progress, ledger };
}

/** Under the lock of migrations, after a copy where one is needed; gives that. */
export async function revertPlanned(
  connection: MigrationConnection,
  { steps, ledger, progress }: DowngradePlan,
  options: RunOptions & { backup?: BackupPolicy | false },
): Promise<string | undefined> {
  const changes = steps.map(({ down, data }) => ({ statements: down.statements, data }));
  const backup = await backUpBefore(connection, { changes, ledger, progress }, options);
  await revertSteps(connection, steps, { ...options, interrupted: progress, backup });
  return backup;
}
