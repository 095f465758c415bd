import type { Revision } from '../chain/revisions.ts';
import { lower, MigrationError } from '../errors.ts';
import type { LedgerRow } from './ledger.ts';

/** An installed package has no chain that could be mended. */
const REBASE = 'reinstall the package, or, in a checkout of the sources, run npm run migrations:rebase';

/**
 * The revisions that bring the database to the chain's head, in order.
 * @throws MigrationError when what is applied isn't the beginning of the chain
 */
export function pendingRevisions(
  chain: readonly Revision[],
  ledger: readonly LedgerRow[],
  place: string,
): Revision[] {
  const applied = new Map(ledger.map((row) => [row.id, row]));
  refuseUnknown(chain, ledger, place);
  refuseMoved(chain, ledger, place);
  for (const revision of chain) {
    const row = applied.get(revision.id);
    if (row && row.checksum !== revision.checksum) throw wasChanged(revision, place);
  }
  const waiting = new Set(chain.filter((revision) => !applied.has(revision.id)));
  const pending: Revision[] = [];
  let head = ledger.at(-1)?.id ?? null;
  while (waiting.size > 0) {
    const next = [...waiting].filter((revision) => revision.parent === head);
    if (next.length > 1) throw branches(next, head);
    const [revision] = next;
    if (!revision) throw outOfOrder([...waiting][0]!, head, place);
    pending.push(revision);
    waiting.delete(revision);
    head = revision.id;
  }
  return pending;
}

function refuseUnknown(chain: readonly Revision[], ledger: readonly LedgerRow[], place: string): void {
  const known = new Set(chain.map((revision) => revision.id));
  const unknown = ledger.filter((row) => !known.has(row.id));
  if (unknown.length === 0) return;
  const first = ledger.indexOf(unknown[0]!);
  if (ledger.slice(first).some((row) => known.has(row.id))) throw isMissing(unknown[0]!, place);
  const names = unknown.map((row) => `${row.id} (${row.name}${row.breaking ? ', breaking' : ''})`).join(', ');
  const last = unknown.at(-1)!.app_version;
  const back = ledger[first - 1]?.id ?? 'base';
  const breaking = unknown.some((row) => row.breaking) ? '' : ', none of them breaking';
  throw new MigrationError(
    'ahead',
    `${place} is ahead of this version of prefect-server, which doesn't know ${names}${breaking}: ` +
      `run prefect-server database downgrade -r ${back}, or install version ${last} or a newer one.`,
  );
}

function isMissing({ id, name }: LedgerRow, place: string): MigrationError {
  return new MigrationError(
    'chain',
    `Revision ${id} (${name}), which was applied to ${lower(place)}, is missing in the chain, though later ones are there: ` +
      'reinstall the package.',
  );
}

/** A revision that was put behind another one after it had been applied: what came between isn't in the database. */
function refuseMoved(chain: readonly Revision[], ledger: readonly LedgerRow[], place: string): void {
  const byId = new Map(chain.map((revision) => [revision.id, revision]));
  for (const { id, parent: before } of ledger) {
    const { parent: after, slug } = byId.get(id)!;
    if (before === after) continue;
    throw new MigrationError(
      'order',
      `Revision ${id} (${slug}) was applied to ${lower(place)} after ${before ?? 'base'}, but now comes after ` +
        `${after ?? 'base'}: run prefect-server database downgrade -r ${before ?? 'base'}, ` +
        'then prefect-server database upgrade.',
    );
  }
}

function wasChanged({ id, slug, folder }: Revision, place: string): MigrationError {
  return new MigrationError(
    'changed',
    `Revision ${id} (${slug}) was changed after it had been applied to ${lower(place)}: ` +
      `bring back ${folder}/up.sql as it was, and put the change into a new revision.`,
  );
}

function branches(next: Revision[], head: string | null): MigrationError {
  const names = next.map(({ id, slug }) => `${id} (${slug})`).join(' and ');
  return new MigrationError(
    'order',
    `The chain branches, since ${names} all revise ${head ?? 'base'}: ${REBASE} ${next.at(-1)!.id} to put it last.`,
  );
}

function outOfOrder({ id, slug, parent }: Revision, head: string | null, place: string): MigrationError {
  return new MigrationError(
    'order',
    `Revision ${id} (${slug}) revises ${parent ?? 'base'}, but ${lower(place)} would be at ${head ?? 'base'}: ` +
      `${REBASE} ${id} to put it after that.`,
  );
}
