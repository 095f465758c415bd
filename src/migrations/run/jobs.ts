import type { RunOptions } from '../connect.ts';
import type { MigrationConnection } from '../connection.ts';
import { sayBegin } from '../progress.ts';
import { failure } from './failure.ts';
import { refuseEdited } from './interrupted.ts';
import { type Job, JobFailed, type JobResult } from './job.ts';
import { runJob } from './job-run.ts';
import type { ProgressRow } from './progress-table.ts';

export interface JobsOptions extends RunOptions {
  /** The copy that was made before. */
  backup?: string | undefined;
  /** Of the first of them. */
  interrupted: ProgressRow | null;
}

const TABLE_LOCK_SECONDS = 120;

const WORDS = {
  up: { begin: 'applying', goOn: 'going on with', done: 'applied' },
  down: { begin: 'reverting', goOn: 'going on with reverting', done: 'reverted' },
} as const;

/** Does one job after the other, each made ready when it is its turn; the first from where an interrupted run has come to. */
export async function runJobs(
  connection: MigrationConnection,
  jobs: readonly (() => Promise<Job>)[],
  { reporter, interrupted, backup, tableLockSeconds = TABLE_LOCK_SECONDS }: JobsOptions,
): Promise<void> {
  connection.reportTo(reporter);
  for (const [index, ready] of jobs.entries()) {
    const progress = index === 0 ? interrupted : null;
    const job = await ready();
    const words = WORDS[job.direction];
    if (progress) refuseEdited(connection, progress, job);
    sayBegin(reporter, `${progress ? words.goOn : words.begin}: ${job.id}`);
    try {
      const result = await runJob(job, progress, { connection, reporter, tableLockSeconds });
      reporter.line(doneLine(words.done, job, result));
    } catch (error) {
      throw error instanceof JobFailed ? failure(connection, job, error, backup) : error;
    }
  }
}

function doneLine(verb: string, job: Job, { milliseconds, rows }: JobResult): string {
  const data = job.data ? `, ${rows} rows` : '';
  return `${verb} ${job.id} (${job.statements.length} statements${data}, ${milliseconds} ms), ${job.number} of ${job.of}`;
}
