import { and, eq } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { lockTaskRun } from '../entities/task-run/lock.ts';
import type { Timestamp } from '../time/timestamp.ts';
import { minimalTaskPolicy } from './policies.ts';
import { awaitingRetry } from './rules/retries.ts';
import { setTaskRunStateNow } from './set-task-run-state.ts';
import { taskRunBefore } from './task-run-change.ts';

/**
 * Makes the failed task runs of a flow run wait for their next attempt, which clients before API 0.8.3 leave to the
 * server. One by one: no client of today comes here.
 */
export async function retryFailedTaskRuns(
  db: Database,
  flowRunId: string,
  scheduledTime: Timestamp,
): Promise<void> {
  const { task_run } = db.tables;
  const failed = await db.orm
    .select({ id: task_run.id })
    .from(task_run)
    .where(and(eq(task_run.flow_run_id, flowRunId), eq(task_run.state_type, 'FAILED')));
  for (const { id } of failed) {
    const locked = await lockTaskRun(db, id);
    if (!locked) continue;
    await setTaskRunStateNow(db, taskRunBefore(locked), awaitingRetry(scheduledTime), minimalTaskPolicy);
    await db.orm.update(task_run).set({ run_count: 0 }).where(eq(task_run.id, id));
  }
}
