import type { Database } from '../../db/database.ts';
import { now, secondsBetween } from '../../time/timestamp.ts';
import { countFlowRuns } from '../flow-run/query.ts';
import { readWorkQueueById } from './work-queue.ts';

/** Prefect's own, the same for every queue. */
const POLICY = { maximum_late_runs: 0, maximum_seconds_since_last_polled: 60 };

/** Whether a queue is polled and its runs start in time; undefined when there is no such queue. */
export async function readQueueHealth(db: Database, id: string) {
  const queue = await readWorkQueueById(db, id);
  if (!queue) return undefined;
  const late = await countFlowRuns(db, {
    flow_runs: { state: { name: { any_: ['Late'] } } },
    work_pool_queues: { id: { any_: [id] } },
  });
  const { last_polled } = queue;
  const isPolled =
    last_polled !== null && secondsBetween(last_polled, now()) <= POLICY.maximum_seconds_since_last_polled;
  return {
    healthy: isPolled && late <= POLICY.maximum_late_runs,
    late_runs_count: late,
    last_polled,
    health_check_policy: POLICY,
  };
}
