import { downgrade, downgradeSteps, type Step } from '../../migrations/run/downgrade.ts';
import { confirm } from '../confirm.ts';
import { answer, type OutputOptions } from '../output.ts';
import { openContext } from './context.ts';
import { type DryRunFlags, printDowngrade } from './dry-run.ts';

export interface DowngradeFlags extends OutputOptions, DryRunFlags {
  revision: string;
  yes?: boolean;
  acceptDataLoss?: boolean;
  /** False for `--no-backup`. */
  backup?: boolean;
}

/** `database downgrade`: one revision back, as Prefect does, unless another one is named. */
export async function downgradeDatabase(flags: DowngradeFlags): Promise<void> {
  if (flags.dryRun) return printDowngrade(flags);
  const { target, database, log, reporter, backup: policy } = await openContext(flags);
  const { revision: to, acceptDataLoss = false } = flags;
  const steps = await downgradeSteps(target, { to });
  if (steps.length > 0 && !flags.yes)
    await confirm({
      what: whatDowngradeDoes(database, steps),
      ask: 'Downgrade it?',
      flag: steps.some(isLossy) ? '-y --accept-data-loss' : '-y',
      json: flags.json,
    });
  const { reverted, head, backup } = await downgrade(target, {
    to,
    acceptDataLoss,
    reporter,
    backup: policy,
  });
  const revisions = reverted.map(({ id, name, label }) => ({ id, name, down: label }));
  if (flags.json)
    return answer({ database, revision: head, reverted: revisions, backup: backup ?? null }, '', flags);
  const verb = reverted.length === 0 ? 'was' : 'is';
  log.info(`${database} ${verb} at revision ${head ?? 'base'}`);
}

const isLossy = ({ down }: Step): boolean => down.label === 'lossy';

function whatDowngradeDoes(database: string, steps: readonly Step[]): string {
  const undone = steps.map(({ row }) => `${row.id} (${row.name})`).join(', ');
  const lost = steps.filter(isLossy).map(({ down, row }) => down.detail || `what ${row.id} added`);
  const loss = lost.length > 0 ? `, with a loss of data (${lost.join('; ')})` : '';
  return `${undone} will be undone on ${database}${loss}.`;
}
