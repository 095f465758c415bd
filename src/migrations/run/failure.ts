import type { MigrationConnection } from '../connection.ts';
import { adviceOn, lower, MigrationError, reasonOf } from '../errors.ts';
import { shellWord } from '../shell-word.ts';
import type { Job, JobFailed } from './job.ts';

/** Why a revision could not be applied, or undone, and what to do then. */
export function failure(
  connection: MigrationConnection,
  job: Job,
  at: JobFailed,
  backup: string | undefined,
): MigrationError {
  const { cause } = at;
  const locked = connection.isLockTimeout(cause);
  const kind = locked ? 'locked' : 'failed';
  const where = at.inData
    ? `in its data step after ${at.rows} rows`
    : `at statement ${Math.max(at.statement, 1)} of ${job.statements.length}`;
  const place = lower(connection.place);
  const next = locked ? 'stop whatever else is using the database' : adviceOn(connection, cause);
  const back = backup
    ? ` (the database as it was before: prefect-server database restore ${shellWord(backup)})`
    : '';
  const stays = whatStays(job, at);
  if (job.direction === 'down')
    return new MigrationError(
      kind,
      `Revision ${job.id} (${job.name}) could not be undone ${where} on ${place} (${reasonOf(cause)}); ` +
        `${stays}: ${next}, then run it again${back}.`,
      { cause },
    );
  const holder = locked ? `; the lock is kept by ${connection.blocker()}` : '';
  return new MigrationError(
    kind,
    `Revision ${job.id} (${job.name}) failed ${where} on ${place} (${reasonOf(cause)}${holder}); ` +
      `${stays}: ${next}, then start again${back}.`,
    { cause },
  );
}

function whatStays({ direction, transactional, data, from }: Job, { inData }: JobFailed): string {
  const isUp = direction === 'up';
  if (isUp && inData) return 'the rows that it had done stay, and the next start goes on after them';
  // On the way down its rows come first, so that not all of it is one transaction.
  if (transactional && (isUp || data === null))
    return `it was rolled back, which leaves the database at ${from ?? 'base'}`;
  return isUp
    ? 'it runs without a transaction, so what it had done before stays, and the next start goes on from there'
    : 'what it had undone before stays so, and the same command goes on from there';
}
