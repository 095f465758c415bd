import { sql } from 'drizzle-orm';
import type { DatabaseTarget } from '../settings/settings.ts';
import { type ChainOptions, connected, LOCK_TIMEOUT_SECONDS, type RunOptions } from './connect.ts';
import type { MigrationConnection } from './connection.ts';
import { MigrationError, reasonOf } from './errors.ts';
import { type LedgerRow, readDown } from './ledger.ts';
import { withLock } from './lock.ts';
import { lower } from './plan.ts';
import { resolveRevision } from './resolve.ts';
import type { DownScript } from './script.ts';
import { namesOf, readState } from './state.ts';

export interface DowngradeOptions extends RunOptions {
  /** As `resolveRevision` reads it; Prefect's default is -1. */
  to: string;
  acceptDataLoss?: boolean;
}

export interface Downgraded {
  /** In the order in which they were undone. */
  reverted: LedgerRow[];
  head: string | null;
}

/** A revision that a downgrade would undo. */
export interface Step {
  readonly row: LedgerRow;
  readonly down: DownScript;
}

/** What `downgrade` would undo, the newest first. Nothing is written. */
export function downgradeSteps(
  on: DatabaseTarget | MigrationConnection,
  options: ChainOptions & { to: string },
): Promise<Step[]> {
  return connected(on, async (connection) => (await plan(connection, options)).steps);
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
    const before = await plan(connection, options);
    if (before.steps.length === 0) return { reverted: [], head: before.head };
    refuseLoss(connection, before.steps, options);
    const { reporter, lockTimeoutSeconds = LOCK_TIMEOUT_SECONDS } = options;
    return withLock(connection, { reporter, timeoutSeconds: lockTimeoutSeconds }, async () => {
      const { steps, head } = await plan(connection, options);
      refuseLoss(connection, steps, options);
      await connection.prepare();
      for (const [index, step] of steps.entries()) {
        reporter.line(`reverting: ${step.row.id}`);
        const milliseconds = await revert(connection, step);
        reporter.line(
          `reverted ${step.row.id} (${step.down.statements.length} statements, ${milliseconds} ms), ${index + 1} of ${steps.length}`,
        );
      }
      return { reverted: steps.map(({ row }) => row), head };
    });
  });
}

async function plan(
  connection: MigrationConnection,
  options: ChainOptions & { to: string },
): Promise<{ steps: Step[]; head: string | null }> {
  const { ledger } = await readState(connection, options);
  const head = resolveRevision(options.to, namesOf(connection, options, ledger));
  const at = head === null ? -1 : ledger.findIndex(({ id }) => id === head);
  if (head !== null && at < 0) {
    throw new MigrationError(
      'unknown_revision',
      `${connection.place} hasn't come to ${head} yet: run prefect-server database upgrade -r ${head}.`,
    );
  }
  const rows = ledger.slice(at + 1).reverse();
  return { steps: rows.map((row) => ({ row, down: readDown(row) })), head };
}

function refuseLoss(connection: MigrationConnection, steps: Step[], options: DowngradeOptions): void {
  const final = steps.find(({ down }) => down.label === 'irreversible');
  if (final) {
    const { id, name } = final.row;
    throw new MigrationError(
      'irreversible',
      `Revision ${id} (${name}) can't be undone on ${lower(connection.place)}${final.down.detail ? ` (${final.down.detail})` : ''}: ` +
        `go back to ${id} at most, or restore a backup made before it.`,
    );
  }
  const lossy = steps.filter(({ down }) => down.label === 'lossy');
  if (lossy.length === 0 || options.acceptDataLoss) return;
  const list = lossy.map(({ row, down }) => `${down.detail || row.name} by ${row.id}`).join('; ');
  throw new MigrationError(
    'refused',
    `The downgrade would lose data of ${lower(connection.place)} (${list}): make a backup, then add --accept-data-loss.`,
  );
}

async function revert(connection: MigrationConnection, { row, down }: Step): Promise<number> {
  const start = performance.now();
  let at = 0;
  try {
    await connection.revision(down.transactional, async () => {
      for (const statement of down.statements) {
        at++;
        await connection.run(statement);
      }
      await connection.query(sql`delete from _migrations where id = ${row.id}`);
    });
    return Math.round(performance.now() - start);
  } catch (error) {
    throw new MigrationError(
      'failed',
      `Revision ${row.id} (${row.name}) could not be undone at statement ${at} of ${down.statements.length} on ` +
        `${lower(connection.place)} (${reasonOf(error)}), which stays at ${row.id}: put right what the reason names, then start again.`,
      { cause: error },
    );
  }
}
