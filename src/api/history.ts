import { type HistorySpan, historySpan } from '../entities/run/history-query.ts';
import { errors } from '../errors.ts';
import type { Timestamp } from '../time/timestamp.ts';

export interface HistoryBounds {
  history_start: Timestamp;
  history_end: Timestamp;
  history_interval_seconds: number;
}

/** The pieces that a request for a history asks for. */
export function spanOf({ history_start, history_end, history_interval_seconds }: HistoryBounds): HistorySpan {
  if (history_interval_seconds < 1) {
    throw errors.unprocessable('History interval must not be less than 1 second.');
  }
  const span = historySpan(history_start, history_end, history_interval_seconds);
  if (!span) {
    throw errors.unprocessable(
      'The history would end after the year 9999: send a smaller history_interval_seconds.',
    );
  }
  return span;
}
