import { isWorkingState } from '../catalog/book-keeping.ts';
import type { MigrationConnection } from '../connection.ts';
import { lower, MigrationError } from '../errors.ts';
import type { Step } from './downgrade.ts';

/** @throws MigrationError for what can't be undone, and for what can't be undone without a loss unless that is accepted */
export function refuseLoss(
  { place }: MigrationConnection,
  steps: readonly Step[],
  { acceptDataLoss }: { acceptDataLoss?: boolean },
): void {
  const final = steps.find(({ down }) => down.label === 'irreversible');
  if (final) {
    const { id, name } = final.row;
    throw new MigrationError(
      'irreversible',
      `Revision ${id} (${name}) can't be undone on ${lower(place)}${inParentheses(final.down.detail)}: ` +
        `go back to ${id} at most, or restore a backup that was made before it.`,
    );
  }
  if (acceptDataLoss) return;
  const losses = steps.flatMap(lossesOf);
  if (losses.length === 0) return;
  throw new MigrationError(
    'refused',
    `The downgrade would lose data of ${lower(place)} (${losses.join('; ')}): make a backup, then add --accept-data-loss.`,
  );
}

/** What undoing a revision loses, in words; empty for one that loses nothing of a user's. */
export function lossesOf({ row: { id, name }, down, data }: Step): string[] {
  const lost = down.detail.split(', ').filter((what) => !isWorkingState(what));
  const loses = down.label === 'lossy' && lost.length > 0;
  const losses = loses ? [`${lost.join(', ') || name} by ${id}`] : [];
  if (down.data !== null && data === null)
    losses.push(
      `what the data step of ${id} changed stays changed, since this version doesn't have that step`,
    );
  return losses;
}

const inParentheses = (text: string): string => (text === '' ? '' : ` (${text})`);
