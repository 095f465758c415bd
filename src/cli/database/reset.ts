import { reset } from '../../migrations/run/reset.ts';
import { confirm } from '../confirm.ts';
import { answer, type OutputOptions } from '../output.ts';
import { openContext } from './context.ts';

export interface ResetFlags extends OutputOptions {
  yes?: boolean;
  /** False for `--no-backup`. */
  backup?: boolean;
  ignoreClients?: boolean;
}

/** `database reset`: everything goes, and empty tables come. */
export async function resetDatabase(flags: ResetFlags): Promise<void> {
  const context = await openContext(flags);
  const { target, database, log, reporter } = context;
  if (!flags.yes)
    await confirm({
      what: `All tables of ${database} and everything in them will be lost.`,
      ask: 'Reset it?',
      flag: '-y',
      json: flags.json,
    });
  context.makeHome();
  const { ignoreClients = false } = flags;
  const { head, backup } = await reset(target, {
    reporter,
    ignoreClients,
    backup: context.backup,
  });
  if (flags.json) return answer({ database, revision: head, backup }, '', flags);
  log.info(`${database} is empty, at revision ${head ?? 'base'}`);
}
