import { float, maybe, optional, timestamp } from '../kinds/index.ts';

/** When a run was under way and for how long, as every answer about a run tells it. */
export const runTimes = {
  start_time: maybe(timestamp()),
  end_time: maybe(timestamp()),
  total_run_time: optional(float(), 0),
  estimated_run_time: optional(float(), 0),
  estimated_start_time_delta: optional(float(), 0),
};
