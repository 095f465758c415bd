import { type DataProgress, runData } from './data-run.ts';
import { type Job, type JobContext, JobFailed, type JobResult } from './job.ts';
import { withPatience } from './patience.ts';
import {
  checksumOfDone,
  clearProgress,
  createProgressTable,
  type ProgressRow,
  saveProgress,
} from './progress-table.ts';

const REPORT_EVERY_MS = 1_000;

/** Does a job from its start, or from where an interrupted run has come to. */
export async function runJob(
  job: Job,
  interrupted: ProgressRow | null,
  context: JobContext,
): Promise<JobResult> {
  const run = new JobRun(job, context, interrupted);
  try {
    if (job.transactional && job.data === null && interrupted === null) await run.atOnce();
    else await run.inSteps();
  } catch (cause) {
    throw new JobFailed(run.at, cause);
  }
  return { milliseconds: run.milliseconds, rows: run.at.rows };
}

class JobRun {
  readonly at: { statement: number; rows: number; inData: boolean };
  milliseconds = 0;
  private readonly job: Job;
  private readonly context: JobContext;
  private readonly start = performance.now();
  private progress: DataProgress;

  constructor(job: Job, context: JobContext, interrupted: ProgressRow | null) {
    this.job = job;
    this.context = context;
    this.progress = interrupted ?? {
      ...{ revision: job.id, direction: job.direction, statements_done: 0 },
      ...{ checksum: job.checksum, data_key: null, rows_done: 0, rows_total: null },
    };
    this.at = {
      statement: this.progress.statements_done,
      rows: Number(this.progress.rows_done),
      inData: false,
    };
  }

  /** What is one transaction leaves nothing to be taken up. */
  async atOnce(): Promise<void> {
    const { connection } = this.context;
    const { statements } = this.job;
    await this.patiently(() =>
      connection.revision({ atomic: true, statements }, async () => {
        await this.runStatements(0);
        await this.job.finish(this.elapsed());
      }),
    );
    this.milliseconds = this.elapsed();
  }

  async inSteps(): Promise<void> {
    await createProgressTable(this.context.connection);
    if (this.job.direction === 'down') await this.data();
    await this.statements();
    if (this.job.direction === 'up') await this.data();
    await this.patiently(() => this.context.connection.transaction(() => this.end()));
    this.milliseconds = this.elapsed();
  }

  private async end(): Promise<void> {
    await this.job.finish(this.elapsed());
    await clearProgress(this.context.connection, this.job.id);
  }

  private statements(): Promise<void> {
    const { connection } = this.context;
    const { statements, transactional } = this.job;
    const from = this.progress.statements_done;
    if (from >= statements.length) return Promise.resolve();
    if (!transactional) return connection.revision({ atomic: false, statements }, () => this.oneByOne(from));
    return this.patiently(() =>
      connection.revision({ atomic: true, statements }, async () => {
        await this.runStatements(from);
        await this.save(statements.length);
      }),
    );
  }

  private async runStatements(from: number): Promise<void> {
    const { statements } = this.job;
    for (const [index, statement] of statements.entries()) {
      if (index < from) continue;
      this.at.statement = index + 1;
      await this.run(statement, index);
    }
  }

  /** PostgreSQL leaves us time to say for how long it has been at it. */
  private async run(statement: string, index: number): Promise<void> {
    this.report(index);
    const timer = setInterval(() => this.report(index), REPORT_EVERY_MS);
    try {
      await this.context.connection.run(statement);
    } finally {
      clearInterval(timer);
    }
  }

  private async oneByOne(from: number): Promise<void> {
    const { connection } = this.context;
    for (const [index, statement] of this.job.statements.entries()) {
      if (index < from) continue;
      this.at.statement = index + 1;
      const alone = connection.runsAlone(statement);
      // What no transaction holds may be done when its own note isn't: that something was begun must be known before.
      if (alone && index === 0) await connection.transaction(() => this.save(0));
      if (alone) await this.patiently(() => this.run(statement, index));
      await this.patiently(() =>
        connection.transaction(async () => {
          if (!alone) await this.run(statement, index);
          await this.save(index + 1);
        }),
      );
    }
  }

  private async save(done: number): Promise<void> {
    const { statements, data, direction, checksum } = this.job;
    const whole = data !== null && (direction === 'down' || done === statements.length);
    this.progress = {
      ...this.progress,
      statements_done: done,
      checksum: whole ? checksum : checksumOfDone(statements, done),
    };
    await saveProgress(this.context.connection, this.progress);
  }

  private async data(): Promise<void> {
    const { data, hint } = this.job;
    // On the way down the statements come after: once one of them is done, so is all of the data.
    if (data === null || (this.job.direction === 'down' && this.progress.statements_done > 0)) return;
    this.at.inData = true;
    this.progress = await runData(this.context.connection, {
      loaded: data,
      rows: this.context.connection.rows(hint),
      start: this.progress,
      batch: (work) => this.patiently(work),
      report: (done, total) => {
        this.at.rows = done;
        this.report(this.progress.statements_done, { done, total });
      },
    });
    this.at.rows = Number(this.progress.rows_done);
    this.at.inData = false;
  }

  private patiently<T>(work: () => Promise<T>): Promise<T> {
    const { connection, reporter, tableLockSeconds: seconds } = this.context;
    return withPatience(connection, { reporter, seconds }, work);
  }

  private elapsed(): number {
    return Math.round(performance.now() - this.start);
  }

  private report(statement: number, rows?: { done: number; total: number }): void {
    const { direction, id, name, number, of, statements } = this.job;
    this.context.reporter.progress?.({
      ...{ direction, revision: id, name, number, of, statement, statements: statements.length },
      ...(rows && { rows }),
      elapsedMs: this.elapsed(),
    });
  }
}
