import type { Revision } from '../chain/revisions.ts';
import type { MigrationConnection } from '../connection.ts';
import { lower, MigrationError } from '../errors.ts';
import type { LedgerRow } from './ledger.ts';
import { checksumOfDone, type ProgressRow } from './progress-table.ts';

/** Refuses to go on upwards where something else was begun. */
export function interruptedUp(
  { place }: MigrationConnection,
  progress: ProgressRow | null,
  [first]: readonly Revision[],
  ledger: readonly LedgerRow[],
): void {
  if (progress === null) return;
  const { revision: id, direction, app_version: version } = progress;
  if (direction === 'down') throw halfwayBack(place, id, ledger);
  if (first?.id === id) return;
  throw new MigrationError(
    'ahead',
    `${place} is halfway through revision ${id}, which this version of prefect-server doesn't have next: ` +
      `finish it with the version that began it (${version}), by prefect-server database upgrade.`,
  );
}

/** Refuses to go on downwards where something else was begun. */
export function interruptedDown(
  { place }: MigrationConnection,
  progress: ProgressRow | null,
  [first]: readonly { row: LedgerRow }[],
  ledger: readonly LedgerRow[],
): void {
  if (progress === null || first?.row.id === progress.revision) return;
  const { revision: id, direction } = progress;
  if (direction === 'down') throw halfwayBack(place, id, ledger);
  throw new MigrationError(
    'interrupted',
    `${place} is halfway through revision ${id}: run prefect-server database upgrade -r ${id} to finish it first.`,
  );
}

function halfwayBack(place: string, id: string, ledger: readonly LedgerRow[]): MigrationError {
  const before = ledger[ledger.findIndex((row) => row.id === id) - 1]?.id ?? 'base';
  return new MigrationError(
    'interrupted',
    `${place} is halfway back from revision ${id}: run prefect-server database downgrade -r ${before} to finish it.`,
  );
}

/** Refuses to go on where the part that is done isn't what the file has now. */
export function refuseEdited(
  connection: MigrationConnection,
  progress: ProgressRow,
  job: { id: string; name: string; checksum: string; statements: readonly string[] },
): void {
  const { statements_done: done, checksum } = progress;
  const { id, name, statements } = job;
  if (checksum === job.checksum) return;
  if (done <= statements.length && checksum === checksumOfDone(statements, done)) return;
  throw new MigrationError(
    'changed',
    `Revision ${id} (${name}) was changed after it had come halfway (${done} of its statements, ${progress.rows_done} rows) ` +
      `on ${lower(connection.place)}: bring back its files as they were (version ${progress.app_version}), then start again.`,
  );
}
