import type { Revision } from '../../migrations/chain/revisions.ts';
import { pendingOf, upgrade } from '../../migrations/run/upgrade.ts';
import { confirm } from '../confirm.ts';
import { answer, type OutputOptions } from '../output.ts';
import { type DatabaseContext, openContext } from './context.ts';
import { type DryRunFlags, printUpgrade } from './dry-run.ts';

export interface UpgradeFlags extends OutputOptions, DryRunFlags {
  revision: string;
  yes?: boolean;
  /** False for `--no-backup`. */
  backup?: boolean;
}

/** `database upgrade`: to the head of the chain unless another revision is named, after a yes. */
export async function upgradeDatabase(flags: UpgradeFlags): Promise<void> {
  if (flags.dryRun) return printUpgrade(flags);
  const context = await openContext(flags);
  const { target, database, log, reporter } = context;
  const to = flags.revision;
  const pending = await pendingOf(target, { to });
  if (pending.length > 0 && !flags.yes)
    await confirm({
      what: whatUpgradeDoes(context, pending),
      ask: 'Upgrade it?',
      flag: '-y',
      json: flags.json,
    });
  context.makeHome();
  const start = performance.now();
  const { applied, head, backup } = await upgrade(target, {
    to,
    reporter,
    backup: context.backup,
  });
  const milliseconds = Math.round(performance.now() - start);
  const revisions = applied.map(({ id, slug, statements }) => ({
    id,
    name: slug,
    statements: statements.length,
  }));
  if (flags.json)
    return answer(
      { database, revision: head, applied: revisions, backup: backup ?? null, milliseconds },
      '',
      flags,
    );
  const verb = applied.length === 0 ? 'was' : 'is';
  const where = to === 'head' ? 'up to date, at revision' : 'at revision';
  log.info(`${database} ${verb} ${where} ${head ?? 'base'}`);
}

function whatUpgradeDoes({ database, missing }: DatabaseContext, pending: Revision[]): string {
  if (missing) return `${database} will be created.`;
  const [first] = pending;
  const names =
    pending.length === 1 ? `revision ${first!.id} (${first!.slug})` : `${pending.length} revisions`;
  const breaking = pending.some((revision) => revision.breaking)
    ? ', after which an older prefect-server cannot work with it'
    : '';
  return `${database} will be brought up to date by ${names}${breaking}.`;
}
