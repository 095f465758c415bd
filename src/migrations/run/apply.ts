import { packageVersion } from '../../version.ts';
import { loadDataStep } from '../chain/data-step.ts';
import { kindHints } from '../chain/kind-hints.ts';
import type { Revision } from '../chain/revisions.ts';
import { type RunOptions, TABLE_LOCK_SECONDS } from '../connect.ts';
import type { MigrationConnection } from '../connection.ts';
import { adviceOn, MigrationError, reasonOf } from '../errors.ts';
import { sayBegin } from '../progress.ts';
import { shellWord } from '../quotes.ts';
import { refuseEdited } from './interrupted.ts';
import { type Job, type JobContext, JobFailed, type JobResult } from './job.ts';
import { runJob } from './job-run.ts';
import { writeLedgerRow } from './ledger.ts';
import { lower } from './pending.ts';
import type { ProgressRow } from './progress-table.ts';

export interface ApplyOptions extends RunOptions {
  /** The copy that was made before. */
  backup?: string | undefined;
  /** Of the first of the revisions. */
  interrupted: ProgressRow | null;
  chainFolder: string;
}

export async function applyRevisions(
  connection: MigrationConnection,
  revisions: readonly Revision[],
  options: ApplyOptions,
): Promise<void> {
  const { reporter, tableLockSeconds = TABLE_LOCK_SECONDS } = options;
  const context: JobContext = { connection, reporter, tableLockSeconds };
  connection.reportTo(reporter);
  for (const [index, revision] of revisions.entries()) {
    const progress = index === 0 ? options.interrupted : null;
    const job = await upJob(connection, revision, options.chainFolder, [index + 1, revisions.length]);
    if (progress) refuseEdited(connection, progress, job);
    sayBegin(reporter, `${progress ? 'going on with' : 'applying'}: ${job.id}`);
    try {
      reporter.line(doneLine('applied', job, await runJob(job, progress, context)));
    } catch (error) {
      throw error instanceof JobFailed ? failure(connection, job, revision.parent, error, options) : error;
    }
  }
}

export function doneLine(verb: string, job: Job, { milliseconds, rows }: JobResult): string {
  const data = job.data ? `, ${rows} rows` : '';
  return `${verb} ${job.id} (${job.statements.length} statements${data}, ${milliseconds} ms), ${job.number} of ${job.of}`;
}

async function upJob(
  connection: MigrationConnection,
  revision: Revision,
  chainFolder: string,
  [number, of]: [number, number],
): Promise<Job> {
  const { id, slug, statements, transactional, checksum } = revision;
  return {
    ...{ direction: 'up', id, name: slug, number, of, statements, transactional, checksum },
    data: revision.data && (await loadDataStep(revision.data)),
    hint: kindHints(connection.chain, chainFolder, revision.folder),
    finish: (milliseconds) => writeLedgerRow(connection, revision, milliseconds, packageVersion()),
  };
}

function failure(
  connection: MigrationConnection,
  job: Job,
  parent: string | null,
  at: JobFailed,
  { backup }: ApplyOptions,
): MigrationError {
  const { cause } = at;
  const locked = connection.isLockTimeout(cause);
  const where = at.inData
    ? `in its data step after ${at.rows} rows`
    : `at statement ${Math.max(at.statement, 1)} of ${job.statements.length}`;
  const holder = locked ? `; the lock is kept by ${connection.blocker()}` : '';
  const next = locked ? 'stop whatever else is using the database' : adviceOn(connection, cause);
  const back = backup
    ? ` (the database as it was before: prefect-server database restore ${shellWord(backup)})`
    : '';
  return new MigrationError(
    locked ? 'locked' : 'failed',
    `Revision ${job.id} (${job.name}) failed ${where} on ${lower(connection.place)} (${reasonOf(cause)}${holder}); ` +
      `${whatStays(job, parent, at)}: ${next}, then start again${back}.`,
    { cause },
  );
}

function whatStays(job: Job, parent: string | null, { inData }: JobFailed): string {
  if (inData) return 'the rows that it had done stay, and the next start goes on after them';
  if (job.transactional) return `it was rolled back, which leaves the database at ${parent ?? 'base'}`;
  return 'it runs without a transaction, so what it had done before stays, and the next start goes on from there';
}
