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
import { FanOut } from './fan-out.ts';

interface LogSubscriber {
  filter: LogFilter;
  /** A log as /logs/out sends it, made once for all subscribers. */
  deliver(frame: string): void;
}

/** Hands new logs to who asked for them. */
export class LogFanOut extends FanOut<LogSubscriber, Log> {
  constructor(db: Database, log: Logger) {
    super(db, log, {
      table: {
        what: 'logs',
        latestChange: () => latestLogChange(db),
        idsSince: (since) => readLogIdsSince(db, since, this.wantedRuns()),
        byIds: (ids) => readLogsByIds(db, ids),
      },
      onCommitted: (listener) => onLogsCommitted(db, listener),
    });
  }

  /** The flow runs that somebody listens to; null when somebody listens to all. */
  private wantedRuns(): string[] | null {
    const lists = [...this.subscribers].map(({ filter }) => filter.flow_run_id?.any_);
    return lists.every((ids) => ids != null) ? [...new Set(lists.flat())] : null;
  }

  protected publish(logs: Log[]): void {
    for (const log of logs) {
      let frame: string | undefined;
      for (const subscriber of this.subscribers) {
        if (!matchesLog(subscriber.filter, log)) continue;
        frame ??= `{"type":"log","log":${stringifyJson(log)}}`;
        subscriber.deliver(frame);
      }
    }
  }
}
