import { bool, float, list, model, nullable, string, timestamp, uuid } from '../kinds/index.ts';
import { State } from './states.ts';
import { TaskRunResult } from './task-inputs.ts';

export const DependencyResult = model('DependencyResult', {
  id: uuid(),
  name: string(),
  upstream_dependencies: list(TaskRunResult),
  state: nullable(State),
  expected_start_time: nullable(timestamp()),
  start_time: nullable(timestamp()),
  end_time: nullable(timestamp()),
  total_run_time: nullable(float()),
  estimated_run_time: nullable(float()),
  untrackable_result: bool(),
});
