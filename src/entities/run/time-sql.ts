import { type Column, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import type { Timestamp } from '../../time/timestamp.ts';
import { TERMINAL_TYPES } from './state.ts';

/** The columns that flow runs and task runs share. */
export type RunColumns = Record<
  'state_type' | 'state_name' | 'state_timestamp' | 'start_time' | 'expected_start_time' | 'total_run_time',
  Column
>;

const terminalTypes = sql.raw(TERMINAL_TYPES.map((type) => `'${type}'`).join(', '));

/** How much later than expected a run started, or hasn't yet; in whole microseconds, so that sums are exact. */
export function latenessMicros({ dialect }: Database, run: RunColumns, moment: Timestamp): SQL<number> {
  const now = dialect.timestampValue(moment);
  return sql`case
    when ${run.start_time} > ${run.expected_start_time}
      then ${dialect.microsBetween(run.expected_start_time, run.start_time)}
    when ${run.start_time} is null and ${run.state_type} not in (${terminalTypes}) and ${run.expected_start_time} < ${now}
      then ${dialect.microsBetween(run.expected_start_time, now)}
    else 0 end`;
}

/** How long a run has been running, the present run included; never less than nothing. */
export function runTimeMicros({ dialect }: Database, run: RunColumns, moment: Timestamp): SQL<number> {
  const past = sql`cast(round(${dialect.intervalSeconds(run.total_run_time)} * 1000000) as bigint)`;
  const present = dialect.microsBetween(run.state_timestamp, dialect.timestampValue(moment));
  const both = sql`${past} + case when ${run.state_type} = 'RUNNING' then coalesce(${present}, 0) else 0 end`;
  return dialect.greatest(sql`0`, both) as SQL<number>;
}
