import type { Tables } from '../../db/database.ts';
import { float } from '../../json/float.ts';
import type { JsonNumber, JsonText } from '../../json/json.ts';
import { secondsBetween, type Timestamp } from '../../time/timestamp.ts';
import { completeDetails, isEmptyValue, isTerminal, type State, type StateDetails } from './state.ts';

export type FlowRunStateRow = Tables['flow_run_state']['$inferSelect'];
export type TaskRunStateRow = Tables['task_run_state']['$inferSelect'];

/** Where the result of a state is kept: on older rows the state's own column, else an artifact. */
export interface ResultColumns {
  data: JsonText | null;
}

/** A stored state as it goes over the wire. */
export function toState(row: FlowRunStateRow | TaskRunStateRow, artifact: ResultColumns | null): State {
  const data = isEmptyValue(row.data) ? (artifact?.data ?? null) : row.data;
  return {
    id: row.id,
    type: row.type,
    name: row.name,
    timestamp: row.timestamp,
    message: row.message,
    data: data === null || data.isNull ? null : data,
    state_details: completeDetails(row.state_details as Partial<StateDetails>),
  };
}

interface RunTimes {
  state_type: State['type'] | null;
  state_timestamp: Timestamp | null;
  expected_start_time: Timestamp | null;
  start_time: Timestamp | null;
  total_run_time: number;
}

/** The members that are worked out at the moment of reading. */
export function runTimes(
  run: RunTimes,
  moment: Timestamp,
): Record<'total_run_time' | 'estimated_run_time' | 'estimated_start_time_delta', JsonNumber | number> {
  return {
    total_run_time: float(run.total_run_time),
    estimated_run_time: float(estimatedRunTime(run, moment)),
    estimated_start_time_delta: float(lateness(run, moment)),
  };
}

function estimatedRunTime({ state_type, state_timestamp, total_run_time }: RunTimes, moment: Timestamp) {
  if (state_type !== 'RUNNING' || !state_timestamp) return total_run_time;
  return Math.round((total_run_time + secondsBetween(state_timestamp, moment)) * 1e6) / 1e6;
}

/** How much later than expected a run started, or hasn't yet. */
function lateness({ start_time, expected_start_time, state_type }: RunTimes, moment: Timestamp): number {
  if (!expected_start_time) return 0;
  if (start_time) return Math.max(0, secondsBetween(expected_start_time, start_time));
  return isTerminal(state_type) ? 0 : Math.max(0, secondsBetween(expected_start_time, moment));
}
