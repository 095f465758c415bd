import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import { DatabaseUnavailable, unwrapDatabaseError, withoutParameters } from '../db/errors.ts';
import type { TaskRunRecord } from '../entities/task-run/event.ts';
import { recordTaskRuns } from '../entities/task-run/recorder.ts';

/** Seconds before each further attempt; Prefect makes five, five seconds apart. */
const PAUSES = [1, 2, 4, 8, 10];

/** More than these wait only when something is badly wrong; memory is not given to it. */
const MOST = 10_000;

interface Late {
  record: TaskRunRecord;
  attempts: number;
  due: number;
}

/**
 * Task runs that the database refuses, mostly because their flow run isn't there (deleted, or not there yet). Each is
 * tried a few times more and then dropped with an error in the log; its event is stored in any case.
 */
export class LateTaskRuns {
  private readonly db: Database;
  private readonly log: Logger;
  private readonly pauses: readonly number[];
  private waiting: Late[] = [];
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(db: Database, log: Logger, pauses: readonly number[] = PAUSES) {
    this.db = db;
    this.log = log;
    this.pauses = pauses;
  }

  /** `error` is what the database said, where it isn't only that the flow run is missing. */
  add(records: TaskRunRecord[], attempts = 0, error?: unknown): void {
    for (const record of records) {
      const pause = this.waiting.length < MOST ? this.pauses[attempts] : undefined;
      if (pause === undefined) this.drop(record, error);
      else this.waiting.push({ record, attempts, due: Date.now() + pause * 1000 });
    }
    this.schedule();
  }

  /** Makes a last attempt at once. */
  async close(): Promise<void> {
    clearTimeout(this.timer);
    await this.running;
    const rest = this.waiting.splice(0);
    for (const late of rest) late.attempts = this.pauses.length;
    await this.retry(rest);
  }

  private schedule(): void {
    // A new one may be due before those that have waited for long.
    clearTimeout(this.timer);
    if (this.waiting.length === 0) return;
    const next = Math.min(...this.waiting.map(({ due }) => due));
    this.timer = setTimeout(
      () => {
        this.running = this.running.then(() => this.retryDue());
      },
      Math.max(0, next - Date.now()),
    );
    this.timer.unref();
  }

  private async retryDue(): Promise<void> {
    const moment = Date.now();
    const due = this.waiting.filter((late) => late.due <= moment);
    this.waiting = this.waiting.filter((late) => late.due > moment);
    await this.retry(due);
    this.schedule();
  }

  private async retry(lates: Late[]): Promise<void> {
    // One by one, since each may be the one that spoils a transaction; there are never many.
    for (const [i, { record, attempts }] of lates.entries()) {
      let refused = [record];
      let reason: unknown;
      try {
        refused = await this.db.transaction(() => recordTaskRuns(this.db, [record]));
      } catch (error) {
        if (unwrapDatabaseError(error) instanceof DatabaseUnavailable)
          return this.postpone(lates.slice(i), error);
        reason = error;
      }
      this.add(refused, attempts + 1, reason);
    }
  }

  /** That the database can't be used says nothing against a task run, unless there is no later time. */
  private postpone(lates: Late[], error: unknown): void {
    for (const { record, attempts } of lates) this.add([record], attempts, error);
  }

  private drop({ eventId, id, columns }: TaskRunRecord, err: unknown): void {
    const fields = {
      event_id: eventId,
      task_run_id: id,
      flow_run_id: columns.flow_run_id,
      ...(err !== undefined && { err: withoutParameters(err) }),
    };
    this.log.error(
      fields,
      err === undefined
        ? 'a task run is not recorded: its flow run is not there'
        : 'a task run is not recorded: the database refuses it',
    );
  }
}
