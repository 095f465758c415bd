import { and, gte, lt, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { float } from '../../json/float.ts';
import type { JsonNumber } from '../../json/json.ts';
import { fromMicros, now, type Timestamp, toMicros } from '../../time/timestamp.ts';
import { flowRunsWhere, type RunFilters, taskRunsWhere } from '../filters/related.ts';
import type { StateType } from './state.ts';
import { latenessMicros, runTimeMicros } from './time-sql.ts';

/** A span of time cut into pieces of one length; times are whole microseconds since 1970. */
export interface HistorySpan {
  start: Timestamp;
  interval: number;
  pieces: number;
}

const MAX_PIECES = 500;
const LAST_MOMENT = toMicros('9999-12-31T23:59:59.999999Z');

/**
 * The pieces from one moment to another, the last of which may reach past the end; the first 500 of them.
 * Null when they would reach past the last year that can be written.
 */
export function historySpan(start: Timestamp, end: Timestamp, seconds: number): HistorySpan | null {
  const interval = Math.round(seconds * 1e6);
  const elapsed = toMicros(end) - toMicros(start);
  const pieces = elapsed > 0 ? Math.min(Math.ceil(elapsed / interval), MAX_PIECES) : 0;
  return toMicros(start) + pieces * interval > LAST_MOMENT ? null : { start, interval, pieces };
}

export interface HistoryPiece {
  interval_start: Timestamp;
  interval_end: Timestamp;
  states: {
    state_type: StateType;
    state_name: string;
    count_runs: number;
    sum_estimated_run_time: number | JsonNumber;
    sum_estimated_lateness: number | JsonNumber;
  }[];
}

/** How many runs were expected to start in each piece, by their current state. */
export function flowRunHistory(
  db: Database,
  span: HistorySpan,
  filters: RunFilters,
): Promise<HistoryPiece[]> {
  return history(db, 'flow_run', span, flowRunsWhere(db, filters));
}

export function taskRunHistory(
  db: Database,
  span: HistorySpan,
  filters: RunFilters,
): Promise<HistoryPiece[]> {
  return history(db, 'task_run', span, taskRunsWhere(db, filters));
}

interface Counted {
  piece: number;
  state_type: StateType;
  state_name: string;
  count_runs: number;
  run_time: number | string;
  lateness: number | string;
}

async function history(
  db: Database,
  table: 'flow_run' | 'task_run',
  { start, interval, pieces }: HistorySpan,
  where: SQL | undefined,
): Promise<HistoryPiece[]> {
  const first = toMicros(start);
  const result: HistoryPiece[] = Array.from({ length: pieces }, (_, i) => ({
    interval_start: fromMicros(first + i * interval),
    interval_end: fromMicros(first + (i + 1) * interval),
    states: [],
  }));
  if (pieces === 0) return result;
  const run = db.tables[table];
  const moment = now();
  const end = fromMicros(first + pieces * interval);
  const since = db.dialect.microsBetween(db.dialect.timestampValue(start), run.expected_start_time);
  const rows = await db.longRead(() =>
    db.execute<Counted>(sql`
      select ${since} / cast(${interval} as bigint) as piece,
        ${run.state_type} as state_type,
        ${run.state_name} as state_name,
        count(*) as count_runs,
        sum(${runTimeMicros(db, run, moment)}) as run_time,
        sum(${latenessMicros(db, run, moment)}) as lateness
      from ${run}
      where ${and(gte(run.expected_start_time, start), lt(run.expected_start_time, end), sql`${run.state_type} is not null`, where)}
      group by 1, 2, 3
      order by 1, 2, 3`),
  );
  for (const { piece, state_type, state_name, count_runs, run_time, lateness } of rows) {
    result[piece]!.states.push({
      state_type,
      state_name,
      count_runs,
      sum_estimated_run_time: float(Number(run_time) / 1e6),
      sum_estimated_lateness: float(Number(lateness) / 1e6),
    });
  }
  return result;
}
