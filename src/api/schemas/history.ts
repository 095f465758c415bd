import { float, int, list, model, string, timestamp } from '../kinds/index.ts';
import { StateType } from './states.ts';

const HistoryResponseState = model('HistoryResponseState', {
  state_type: StateType,
  state_name: string(),
  count_runs: int(),
  sum_estimated_run_time: float(),
  sum_estimated_lateness: float(),
});

export const HistoryResponse = model('HistoryResponse', {
  interval_start: timestamp(),
  interval_end: timestamp(),
  states: list(HistoryResponseState),
});
