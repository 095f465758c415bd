import { sql } from 'drizzle-orm';
import { isWorkingState } from '../catalog/book-keeping.ts';
import { loadDataStep } from '../chain/data-step.ts';
import { kindHints } from '../chain/kind-hints.ts';
import type { MigrationConnection } from '../connection.ts';
import { adviceOn, MigrationError, reasonOf } from '../errors.ts';
import { shellWord } from '../quotes.ts';
import type { Step } from './downgrade.ts';
import type { Job, JobFailed } from './job.ts';
import { lower } from './pending.ts';
import { checksumOfDone } from './progress-table.ts';

export async function downJob(
  connection: MigrationConnection,
  { row, down, data }: Step,
  chainFolder: string,
  [number, of]: [number, number],
): Promise<Job> {
  const { id, name } = row;
  const { statements, transactional } = down;
  const loaded = data && (await loadDataStep(data));
  const undone = loaded?.step.down ? loaded : null;
  return {
    ...{ direction: 'down', id, name, number, of, statements, transactional },
    data: undone,
    hint: kindHints(connection.chain, chainFolder, data?.name ?? ''),
    checksum: checksumOfDone([...statements, undone?.checksum ?? ''], statements.length + 1),
    finish: async () => {
      await connection.query(sql`delete from _migrations where id = ${id}`);
    },
  };
}

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

export function downFailure(
  connection: MigrationConnection,
  job: Job,
  at: JobFailed,
  backup: string | undefined,
): MigrationError {
  const { cause } = at;
  const locked = connection.isLockTimeout(cause);
  const where = at.inData
    ? `in its data step after ${at.rows} rows`
    : `at statement ${Math.max(at.statement, 1)} of ${job.statements.length}`;
  const stays =
    at.inData || !job.transactional || job.data
      ? 'what it had undone before stays so, and the same command goes on from there'
      : `it was rolled back, which leaves the database at ${job.id}`;
  const next = locked ? 'stop whatever else is using the database' : adviceOn(connection, cause);
  const back = backup
    ? ` (the database as it was before: prefect-server database restore ${shellWord(backup)})`
    : '';
  return new MigrationError(
    locked ? 'locked' : 'failed',
    `Revision ${job.id} (${job.name}) could not be undone ${where} on ${lower(connection.place)} (${reasonOf(cause)}); ` +
      `${stays}: ${next}, then run it again${back}.`,
    { cause },
  );
}
