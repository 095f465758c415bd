import { and, eq, isNotNull, or, sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import type { StateType } from '../../schema/types.ts';
import { endAllLeases, endLastingLeases, endLastingLeasesWhere } from './lease.ts';
import { giveBackUnleased, isOurLease } from './unleased-slots.ts';

/** A run in one of these states holds a slot of its deployment, if that has a limit. */
export const HOLDING_STATES: StateType[] = ['PENDING', 'RUNNING', 'CANCELLING'];

/**
 * For flow runs that are about to be deleted: gives back the slots of their deployments, and what their task runs hold.
 * A lease that a client renews is left to it: while its process lives, so does what it holds.
 */
export async function endLeasesOfFlowRuns(db: Database, flowRunIds: string[]): Promise<void> {
  const { task_run } = db.tables;
  const runs = await runsWithSlots(db, flowRunIds);
  const leaseIds = runs.flatMap(({ leaseId }) => leaseId ?? []);
  if (leaseIds.length > 0) await endAllLeases(db, leaseIds);
  const others = runs.filter(({ state, leaseId }) => HOLDING_STATES.includes(state) && !isOurLease(leaseId));
  if (others.length > 0) await giveBackWithoutLease(db, others);
  const taskRuns = db.orm
    .select({ id: task_run.id })
    .from(task_run)
    .where(db.dialect.isIn(task_run.flow_run_id, flowRunIds));
  await endLastingLeases(db, taskRuns);
}

interface RunWithSlot {
  id: string;
  state: StateType;
  leaseId: string | null;
  limitId: string | null;
}

function runsWithSlots(db: Database, flowRunIds: string[]): Promise<RunWithSlot[]> {
  const { deployment, flow_run, flow_run_state } = db.tables;
  const leaseId = db.dialect.jsonField(flow_run_state.state_details, 'deployment_concurrency_lease_id');
  const mayHold = or(isNotNull(leaseId), db.dialect.isIn(flow_run_state.type, HOLDING_STATES));
  return db.orm
    .select({
      id: flow_run.id,
      state: flow_run_state.type,
      leaseId,
      limitId: deployment.concurrency_limit_id,
    })
    .from(flow_run)
    .innerJoin(flow_run_state, eq(flow_run_state.id, flow_run.state_id))
    .leftJoin(deployment, eq(deployment.id, flow_run.deployment_id))
    .where(and(db.dialect.isIn(flow_run.id, flowRunIds), isNotNull(flow_run.deployment_id), mayHold));
}

/** A state that was forced doesn't tell of the lease, and Prefect's server kept its leases in memory. */
async function giveBackWithoutLease(db: Database, runs: RunWithSlot[]): Promise<void> {
  const { _concurrency_lease: lease } = db.tables;
  const limitIds = [...new Set(runs.flatMap(({ limitId }) => limitId ?? []))];
  if (limitIds.length === 0) return;
  const ofRuns = db.dialect.isIn(
    lease.holder_id,
    runs.map(({ id }) => id),
  );
  const held = await db.orm
    .select({ id: lease.id, holderId: lease.holder_id })
    .from(lease)
    .where(and(ofRuns, db.dialect.jsonHasAny(lease.limit_ids, limitIds)));
  if (held.length > 0)
    await endAllLeases(
      db,
      held.map(({ id }) => id),
    );
  const most = new Map<string, number>();
  for (const { id, limitId } of runs) {
    if (limitId === null || held.some(({ holderId }) => holderId === id)) continue;
    most.set(limitId, (most.get(limitId) ?? 0) + 1);
  }
  if (most.size > 0) await giveBackUnleased(db, most);
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
