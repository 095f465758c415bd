import { stamp } from '../../migrations/run/stamp.ts';
import { canAsk, confirm } from '../confirm.ts';
import { answer, type OutputOptions } from '../output.ts';
import { openContext } from './context.ts';

/** `database stamp`: writes into the ledger where the database is, for who knows that better than the ledger. */
export async function stampDatabase(
  revision: string,
  flags: OutputOptions & { yes?: boolean },
): Promise<void> {
  const { target, database, log, reporter } = await openContext();
  let confirmed = flags.yes === true;
  if (!confirmed && !flags.json && canAsk()) {
    const what = `${database} will count as being at ${revision}, without anything being run.`;
    await confirm({ what, ask: 'Stamp it?', flag: '-y' });
    confirmed = true;
  }
  const { added, removed, head } = await stamp(target, { to: revision, confirmed, reporter });
  if (flags.json) return answer({ database, revision: head, added, removed }, '', flags);
  const verb = added.length + removed.length === 0 ? 'was' : 'is';
  log.info(`${database} ${verb} stamped with revision ${head ?? 'base'}`);
}
