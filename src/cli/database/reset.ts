import { downgrade } from '../../migrations/run/downgrade.ts';
import { upgrade } from '../../migrations/run/runner.ts';
import { confirm } from '../confirm.ts';
import { answer, type OutputOptions } from '../output.ts';
import { openContext } from './context.ts';

/** `database reset`: everything goes, and empty tables come. */
export async function resetDatabase(flags: OutputOptions & { yes?: boolean }): Promise<void> {
  const context = await openContext();
  const { target, database, log, reporter } = context;
  if (!flags.yes)
    await confirm({
      what: `All tables of ${database} and everything in them will be lost.`,
      ask: 'Reset it?',
      flag: '-y',
      json: flags.json,
    });
  context.makeHome();
  if (!context.missing) await downgrade(target, { to: 'base', acceptDataLoss: true, reporter });
  const { head } = await upgrade(target, { reporter });
  if (flags.json) return answer({ database, revision: head }, '', flags);
  log.info(`${database} is empty, at revision ${head ?? 'base'}`);
}
