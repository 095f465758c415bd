import { and, eq, isNotNull, sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { endAllLeases, endLastingLeases, endLastingLeasesWhere } from './lease.ts';

/**
 * For flow runs that are about to be deleted: gives back the slots of their deployments, and what their task runs hold.
 * A lease that a client renews is left to it: while its process lives, so does what it holds.
 */
export async function endLeasesOfFlowRuns(db: Database, flowRunIds: string[]): Promise<void> {
  const { flow_run, flow_run_state, task_run } = db.tables;
  const leaseId = db.dialect.jsonField(flow_run_state.state_details, 'deployment_concurrency_lease_id');
  const held = await db.orm
    .select({ leaseId })
    .from(flow_run)
    .innerJoin(flow_run_state, eq(flow_run_state.id, flow_run.state_id))
    .where(
      and(db.dialect.isIn(flow_run.id, flowRunIds), isNotNull(flow_run.deployment_id), isNotNull(leaseId)),
    );
  const leaseIds = held.map(({ leaseId }) => leaseId!);
  if (leaseIds.length > 0) await endAllLeases(db, leaseIds);
  const taskRuns = db.orm
    .select({ id: task_run.id })
    .from(task_run)
    .where(db.dialect.isIn(task_run.flow_run_id, flowRunIds));
  await endLastingLeases(db, taskRuns);
}

/** The same for task runs. */
export async function endLeasesOfTaskRuns(db: Database, ids: string[]): Promise<void> {
  const { task_run } = db.tables;
  const taskRuns = db.orm.select({ id: task_run.id }).from(task_run).where(db.dialect.isIn(task_run.id, ids));
  await endLastingLeases(db, taskRuns);
}

/**
 * For flows that are about to be deleted, which may have a million runs, and their runs task runs: so it begins at the
 * leases, which are as few as the slots. What runs out by itself is left to that.
 */
export async function endLeasesOfFlows(db: Database, flowIds: string[]): Promise<void> {
  const { flow_run, task_run, _concurrency_lease: lease } = db.tables;
  const ofFlows = db.dialect.isIn(flow_run.flow_id, flowIds);
  const isRun = sql`exists (select 1 from ${flow_run} where ${flow_run.id} = ${lease.holder_id} and ${ofFlows})`;
  const isTaskRun = sql`exists (select 1 from ${task_run} join ${flow_run} on ${flow_run.id} = ${task_run.flow_run_id}
    where ${task_run.id} = ${lease.holder_id} and ${ofFlows})`;
  await endLastingLeasesWhere(db, sql`(${isRun} or ${isTaskRun})`);
}
