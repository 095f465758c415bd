import { current, heads, history } from '../../migrations/run/status.ts';
import { textTable } from '../../migrations/text-table.ts';
import { answer, type OutputOptions } from '../output.ts';
import { openContext } from './context.ts';

/** `database current`: where the database is. */
export async function printCurrent(flags: OutputOptions): Promise<void> {
  const { target, database } = await openContext();
  const { head, pending, unknown } = await current(target);
  const named = ({ id, slug }: { id: string; slug: string }) => ({ id, name: slug });
  const document = {
    database,
    revision: head?.id ?? null,
    name: head?.name ?? null,
    applied_at: head?.applied_at ?? null,
    pending: pending.map(named),
    unknown: unknown.map(({ id, name, breaking, app_version }) => ({ id, name, breaking, app_version })),
  };
  const state =
    unknown.length > 0
      ? `${unknown.length} not known to this version`
      : pending.length > 0
        ? `${pending.length} pending`
        : 'head';
  answer(document, `${head ? `${head.id} (${head.name})` : 'base'}, ${state}`, flags);
}

/** `database history`: every revision that the code or the database knows, the newest first. */
export async function printHistory(flags: OutputOptions): Promise<void> {
  const { target, database } = await openContext();
  const entries = await history(target);
  const rows = entries
    .toReversed()
    .map(({ id, twin, name, label, breaking, known, applied }) => [
      id,
      twin ?? '-',
      applied ? applied.applied_at.slice(0, 19) : known ? 'pending' : 'unknown',
      applied ? `${applied.duration_ms} ms` : '-',
      `${label}${breaking ? ', breaking' : ''}`,
      `${name}${known ? '' : ` (of ${applied?.app_version})`}`,
    ]);
  const header = ['revision', 'twin', 'applied', 'took', 'down', 'name'];
  answer({ database, revisions: entries }, textTable([header, ...rows]), flags);
}

/** `database heads`: the newest revision of each chain in the code. */
export function printHeads(flags: OutputOptions): void {
  const newest = Object.entries(heads()).map(([chain, revision]) => ({
    dialect: chain === 'pg' ? 'postgresql' : chain,
    revision: revision?.id ?? null,
    name: revision?.slug ?? null,
  }));
  const rows = newest.map(({ dialect, revision, name }) => [dialect, revision ?? 'base', name ?? '']);
  answer(newest, textTable(rows), flags);
}
