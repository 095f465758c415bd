import { and, eq, gt, ne, type SQL } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { now } from '../time/timestamp.ts';

/**
 * Deletes runs of these deployments that are still scheduled and have never started: those of the scheduler only, or
 * all; those of the future only, or late ones, too. Runs that wait for a concurrency slot stay.
 */
export async function deleteScheduledRuns(
  db: Database,
  deploymentIds: string[],
  { automaticOnly = true, futureOnly = false } = {},
): Promise<void> {
  const { flow_run } = db.tables;
  const conditions: SQL[] = [
    db.dialect.isIn(flow_run.deployment_id, deploymentIds),
    eq(flow_run.state_type, 'SCHEDULED'),
    ne(flow_run.state_name, 'AwaitingConcurrencySlot'),
    eq(flow_run.run_count, 0),
  ];
  if (automaticOnly) conditions.push(eq(flow_run.auto_scheduled, true));
  if (futureOnly) conditions.push(gt(flow_run.next_scheduled_start_time, now()));
  await db.orm.delete(flow_run).where(and(...conditions));
}
