import type { DatabaseTarget } from '../../settings/settings.ts';
import { findDataFile } from '../chain/data-step.ts';
import { resolveRevision } from '../chain/resolve.ts';
import type { DataFile } from '../chain/revisions.ts';
import type { DownScript } from '../chain/script.ts';
import {
  type ChainOptions,
  connected,
  folderOf,
  LOCK_TIMEOUT_SECONDS,
  type RunOptions,
  TABLE_LOCK_SECONDS,
} from '../connect.ts';
import type { MigrationConnection } from '../connection.ts';
import { MigrationError } from '../errors.ts';
import { sayBegin } from '../progress.ts';
import { doneLine } from './apply.ts';
import { type BackupPolicy, backUpBefore } from './backup.ts';
import { downFailure, downJob, refuseLoss } from './down-job.ts';
import { refuseInUse } from './in-use.ts';
import { refuseEdited } from './interrupted.ts';
import { JobFailed } from './job.ts';
import { runJob } from './job-run.ts';
import { type LedgerRow, readDown } from './ledger.ts';
import { withLock } from './lock.ts';
import type { ProgressRow } from './progress-table.ts';
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
    const { reporter, lockTimeoutSeconds = LOCK_TIMEOUT_SECONDS } = options;
    return withLock(connection, { reporter, timeoutSeconds: lockTimeoutSeconds }, async () => {
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
  refuseHalfway(connection, progress, steps, ledger);
  return { steps, head, progress, ledger };
}

function refuseHalfway(
  { place }: MigrationConnection,
  progress: ProgressRow | null,
  steps: Step[],
  ledger: readonly LedgerRow[],
): void {
  if (progress === null || steps[0]?.row.id === progress.revision) return;
  const { revision: id, direction } = progress;
  const at = ledger.findIndex((row) => row.id === id);
  throw new MigrationError(
    'interrupted',
    direction === 'up'
      ? `${place} is halfway through revision ${id}: run prefect-server database upgrade -r ${id} to finish it first.`
      : `${place} is halfway back from revision ${id}: run prefect-server database downgrade -r ${ledger[at - 1]?.id ?? 'base'} to finish it.`,
  );
}

/** Under the lock of migrations, after a copy where one is needed; gives that. */
export async function revertPlanned(
  connection: MigrationConnection,
  { steps, ledger, progress }: DowngradePlan,
  options: RunOptions & { backup?: BackupPolicy | false },
): Promise<string | undefined> {
  const changes = steps.map(({ down, data }) => ({ statements: down.statements, data }));
  const backup = await backUpBefore(connection, { changes, ledger, progress }, options);
  await revertAll(connection, steps, { ...options, interrupted: progress, backup });
  return backup;
}

export interface RevertOptions extends RunOptions {
  /** Of the first of the steps. */
  interrupted: ProgressRow | null;
  /** The copy that was made before. */
  backup: string | undefined;
}

/** Under the lock of migrations. */
export async function revertAll(
  connection: MigrationConnection,
  steps: readonly Step[],
  options: RevertOptions,
): Promise<void> {
  const { reporter, interrupted, backup, tableLockSeconds = TABLE_LOCK_SECONDS } = options;
  const context = { connection, reporter, tableLockSeconds };
  connection.reportTo(reporter);
  for (const [index, step] of steps.entries()) {
    const progress = index === 0 ? interrupted : null;
    const job = await downJob(connection, step, folderOf(connection, options), [index + 1, steps.length]);
    if (progress) refuseEdited(connection, progress, job);
    sayBegin(reporter, `${progress ? 'going on with reverting' : 'reverting'}: ${job.id}`);
    try {
      reporter.line(doneLine('reverted', job, await runJob(job, progress, context)));
    } catch (error) {
      throw error instanceof JobFailed ? downFailure(connection, job, error, backup) : error;
    }
  }
}
