import { type AdoptPlan, adopt, adoptPlan } from '../../migrations/adopt/adopt.ts';
import { type GiveBackPlan, giveBack, giveBackPlan } from '../../migrations/adopt/give-back.ts';
import { pgDumpLine } from '../../migrations/pg/backup.ts';
import { PREFECT_VERSION } from '../../version.ts';
import { confirm } from '../confirm.ts';
import { answer, type OutputOptions } from '../output.ts';
import { type DatabaseContext, openContext } from './context.ts';

export interface AdoptFlags extends OutputOptions {
  giveBack?: boolean;
  yes?: boolean;
  acceptDataLoss?: boolean;
  ignoreClients?: boolean;
  /** False for `--no-backup`. */
  backup?: boolean;
}

/** `database adopt`: a database that Prefect has made becomes ours; with `--give-back` it becomes Prefect's again. */
export async function adoptDatabase(flags: AdoptFlags): Promise<void> {
  const context = await openContext(flags);
  await (flags.giveBack ? giveItBack(context, flags) : takeItOver(context, flags));
}

async function takeItOver(context: DatabaseContext, flags: AdoptFlags): Promise<void> {
  const { target, database, log, reporter } = context;
  const plan = await adoptPlan(target, { reporter });
  if (!flags.yes && plan.pending.length > 0)
    await confirm({ what: whatAdoptDoes(context, plan), ask: 'Go on?', flag: '-y', json: flags.json });
  const { adopted, kept, applied, head, backup } = await adopt(target, options(context, flags));
  if (flags.json) {
    const revisions = applied.map(({ id, slug }) => ({ id, name: slug }));
    const document = { database, adopted, revision: head, applied: revisions, kept, backup: backup ?? null };
    return answer(document, '', flags);
  }
  const how = adopted ? "is this server's now" : "was this server's before";
  log.info(`${database} ${how}, at revision ${head}`);
}

async function giveItBack(context: DatabaseContext, flags: AdoptFlags): Promise<void> {
  const { target, database, log } = context;
  const plan = await giveBackPlan(target);
  if (!flags.yes && !plan.given) {
    const flag = plan.losses.length > 0 ? '-y --accept-data-loss' : '-y';
    await confirm({ what: whatGivingBackDoes(context, plan), ask: 'Go on?', flag, json: flags.json });
  }
  const { acceptDataLoss = false } = flags;
  const done = await giveBack(target, { ...options(context, flags), acceptDataLoss });
  if (flags.json) {
    const { given, reverted, dropped, revision, backup } = done;
    const revisions = reverted.map(({ id, name }) => ({ id, name }));
    return answer({ database, given_back: given, revision, reverted: revisions, dropped, backup }, '', flags);
  }
  const how = done.given ? "is Prefect's now" : "was Prefect's before";
  log.info(`${database} ${how}, at its revision ${done.revision}: start Prefect ${PREFECT_VERSION} with it`);
}

function options({ reporter, backup }: DatabaseContext, flags: AdoptFlags) {
  const { ignoreClients = false } = flags;
  return { reporter, ignoreClients, backup };
}

function whatAdoptDoes(context: DatabaseContext, { adopted, pending, kept }: AdoptPlan): string {
  const { database } = context;
  const count = pending.length - (adopted ? 0 : 1);
  const revisions = count === 1 ? '1 revision' : `${count} revisions`;
  if (adopted) return `${database} is this server's already, and will be brought up to date by ${revisions}.`;
  const left = kept.length > 0 ? ` (${kept.join(', ')} stays as it is)` : '';
  return (
    `${database} was made by Prefect ${PREFECT_VERSION} and will be this server's, brought up to date by ${revisions}${left}; ` +
    `from then on Prefect refuses it until it is given back with --give-back${dumpAdvice(context)}.`
  );
}

function whatGivingBackDoes(context: DatabaseContext, { steps, losses, drops }: GiveBackPlan): string {
  const names = steps.map(({ row }) => `${row.id} (${row.name})`).join(', ');
  const undone = steps.length > 0 ? `${names} will be undone and ` : '';
  const lost = losses.length > 0 ? `, with a loss of data (${losses.join('; ')})` : '';
  return (
    `${context.database} will be Prefect's own: ${undone}${drops.join(' and ')} dropped${lost}` +
    `${dumpAdvice(context)}.`
  );
}

/** Of PostgreSQL no copy is made. */
const dumpAdvice = ({ target }: DatabaseContext): string =>
  'file' in target ? '' : `; a copy to go back to is made by ${pgDumpLine(target)}`;
