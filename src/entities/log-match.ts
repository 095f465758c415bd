import type { LogFilter } from './filters/log.ts';
import type { Log } from './log.ts';

/**
 * Whether a new log is one that a listener has asked for. As in Prefect, all conditions must be met whatever the filter's
 * operator says, and a search for text is none of them.
 */
export function matchesLog(filter: LogFilter, log: Log): boolean {
  const { level, timestamp, flow_run_id: flowRun, task_run_id: taskRun } = filter;
  return (
    log.level >= (level?.ge_ ?? log.level) &&
    log.level <= (level?.le_ ?? log.level) &&
    log.timestamp <= (timestamp?.before_ ?? log.timestamp) &&
    log.timestamp >= (timestamp?.after_ ?? log.timestamp) &&
    isAnyOf(flowRun?.any_, log.flow_run_id) &&
    isAnyOf(taskRun?.any_, log.task_run_id) &&
    (log.task_run_id === null) === (taskRun?.is_null_ ?? log.task_run_id === null)
  );
}

function isAnyOf(ids: readonly string[] | null | undefined, id: string | null): boolean {
  return !ids || (id !== null && ids.includes(id));
}
