import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import type { LogFilter } from '../entities/filters/log.ts';
import {
  type Log,
  latestLogChange,
  onLogsCommitted,
  readLogIdsSince,
  readLogsByIds,
} from '../entities/log.ts';
import { matchesLog } from '../entities/log-match.ts';
import { stringifyJson } from '../json/json.ts';
import { TableFollower } from './table-follower.ts';

export interface LogSubscriber {
  filter: LogFilter;
  /** A log as /logs/out sends it, made once for all subscribers. */
  deliver(frame: string): void;
}

/** Hands new logs to who asked for them: this server's right after the commit, other servers' from the table. */
export class LogFanOut {
  private readonly subscribers = new Set<LogSubscriber>();
  private readonly follower: TableFollower<Log> | undefined;
  private readonly stopListening: () => void;
  private settling: Promise<void> = Promise.resolve();

  constructor(db: Database, log: Logger) {
    this.stopListening = onLogsCommitted(db, (logs) => {
      if (this.subscribers.size > 0) this.publish(this.follower?.unseen(logs) ?? logs);
    });
    if (!db.dialect.servesMany) return;
    const table = {
      what: 'logs',
      latestChange: () => latestLogChange(db),
      idsSince: (since: string) => readLogIdsSince(db, since, this.wantedRuns()),
      byIds: (ids: string[]) => readLogsByIds(db, ids),
    };
    this.follower = new TableFollower(table, log, (logs) => this.publish(logs));
  }

  add(subscriber: LogSubscriber): Promise<void> {
    this.subscribers.add(subscriber);
    return this.settle();
  }

  remove(subscriber: LogSubscriber): void {
    this.subscribers.delete(subscriber);
    this.settle().catch(() => {});
  }

  /** The flow runs that somebody listens to; null when somebody listens to all. */
  private wantedRuns(): string[] | null {
    const lists = [...this.subscribers].map(({ filter }) => filter.flow_run_id?.any_);
    return lists.every((ids) => ids != null) ? [...new Set(lists.flat())] : null;
  }

  /** The table is followed while somebody listens; one change after the other, since each takes its time. */
  private settle(): Promise<void> {
    const turn = () => (this.subscribers.size > 0 ? this.follower?.start() : this.follower?.stop());
    this.settling = this.settling.catch(() => {}).then(turn);
    return this.settling;
  }

  private publish(logs: Log[]): void {
    for (const log of logs) {
      let frame: string | undefined;
      for (const subscriber of this.subscribers) {
        if (!matchesLog(subscriber.filter, log)) continue;
        frame ??= `{"type":"log","log":${stringifyJson(log)}}`;
        subscriber.deliver(frame);
      }
    }
  }

  async close(): Promise<void> {
    this.stopListening();
    this.subscribers.clear();
    await this.settle();
  }
}
