import type { DatabaseTarget } from '../../settings/settings.ts';
import { connected, folderOf, type RunOptions } from '../connect.ts';
import type { MigrationConnection } from '../connection.ts';
import { applyRevisions } from './apply.ts';
import type { BackupPolicy } from './backup-before.ts';
import { planDowngrade, revertPlanned } from './downgrade.ts';
import { refuseInUse } from './in-use.ts';
import { createLedger } from './ledger.ts';
import { withLock } from './lock.ts';
import { refuseLoss } from './losses.ts';
import { readPending, refuseLostLedger } from './state.ts';

export interface ResetOptions extends RunOptions {
  backup?: BackupPolicy | false;
  ignoreClients?: boolean;
}

export interface Reset {
  readonly head: string | null;
  /** The copy that was made before; null where nothing was there. */
  readonly backup: string | null;
}

/**
 * Undoes all revisions and applies them anew, all under one lock, so that nobody meets what lies between; killed, it
 * goes on where it was.
 * @throws MigrationError
 */
export function reset(on: DatabaseTarget | MigrationConnection, options: ResetOptions): Promise<Reset> {
  return connected(on, async (connection) => {
    // What is nobody's to reset is refused without the file of a lock being made beside it.
    await planDowngrade(connection, { ...options, to: 'base' });
    return withLock(connection, options, async () => {
      const plan = await planDowngrade(connection, { ...options, to: 'base' });
      refuseLoss(connection, plan.steps, { acceptDataLoss: true });
      if (plan.steps.length === 0) await refuseLostLedger(connection, await readPending(connection, options));
      else await refuseInUse(connection, 'reset', options);
      await connection.prepare();
      await createLedger(connection);
      const backup = await revertPlanned(connection, plan, options);
      const { revisions, head } = await readPending(connection, options);
      const chainFolder = folderOf(connection, options);
      await applyRevisions(connection, revisions, { ...options, backup, interrupted: null, chainFolder });
      return { head, backup: backup ?? null };
    });
  });
}
