import { and, asc, eq, gt, ne, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { now } from '../../time/timestamp.ts';
import {
  type Horizon,
  type Plan,
  type PlannedRun,
  planDates,
  plannedRuns,
  readSchedulable,
  type Schedulable,
} from './schedule-plan.ts';

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
    // Spelled out, so that the partial index of scheduled runs is known to serve it.
    db.dialect.likely(sql`${flow_run.state_type} = 'SCHEDULED'`),
    ne(flow_run.state_name, 'AwaitingConcurrencySlot'),
    eq(flow_run.run_count, 0),
  ];
  if (automaticOnly) conditions.push(eq(flow_run.auto_scheduled, true));
  if (futureOnly) conditions.push(gt(flow_run.next_scheduled_start_time, now()));
  await db.orm.delete(flow_run).where(and(...conditions));
}

/** How the scheduler goes about it. */
export interface Scheduling {
  horizon: Horizon;
  /** Runs in one transaction. */
  batch: number;
  /** A person asks for it: of paused deployments, too, and all or nothing. */
  byHand?: boolean;
}

export interface Scheduled {
  /** Runs that weren't there before. */
  runs: number;
  problems: Plan['problems'];
}

/**
 * Makes the runs of these deployments' active schedules. Any number of servers may do it at once, and again: of one date
 * of a schedule there is one run, and a schedule that changes meanwhile keeps nothing of what it was.
 */
export async function scheduleDeployments(
  db: Database,
  deploymentIds: string[],
  { horizon, batch, byHand = false }: Scheduling,
): Promise<Scheduled> {
  const schedulable = await readSchedulable(db, deploymentIds);
  const plan = planDates(schedulable, horizon);
  const { problems } = plan;
  if (byHand && problems.length > 0) return { runs: 0, problems };
  let runs = 0;
  for (const ids of portions(schedulable, plan, batch)) {
    runs += await db.transaction(async () => {
      await lockDeployments(db, ids);
      const current = await readSchedulable(db, ids);
      const wanted = current.filter(({ deployment }) => byHand || !deployment.paused);
      return insertPlanned(db, plannedRuns(wanted, plan));
    });
  }
  return { runs, problems };
}

/** Deployments whose planned runs together are about a batch. */
function portions(schedulable: Schedulable[], { dates }: Plan, batch: number): string[][] {
  const portions: string[][] = [];
  let size = batch;
  for (const [id, runs] of runsOfDeployments(schedulable, dates)) {
    if (size + runs > batch) {
      portions.push([]);
      size = 0;
    }
    portions.at(-1)!.push(id);
    size += runs;
  }
  return portions;
}

function runsOfDeployments(schedulable: Schedulable[], dates: Plan['dates']): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { deployment, schedule } of schedulable) {
    const runs = dates.get(schedule.id)?.dates.length ?? 0;
    if (runs > 0) counts.set(deployment.id, (counts.get(deployment.id) ?? 0) + runs);
  }
  return counts;
}

/**
 * Whoever changes a deployment or its schedules holds its row, too. What is read afterwards is what they left: a statement that
 * locks and joins would wait for them, and then go on with the schedules that there were before.
 */
export async function lockDeployments(db: Database, ids: string[]): Promise<string[]> {
  const { deployment } = db.tables;
  const select = db.orm
    .select({ id: deployment.id })
    .from(deployment)
    .where(db.dialect.isIn(deployment.id, ids))
    .orderBy(asc(deployment.id));
  const rows = await db.dialect.lockRows(select, deployment);
  return rows.map(({ id }) => id);
}

/** Gives the number of those that weren't there. */
async function insertPlanned(db: Database, planned: PlannedRun[]): Promise<number> {
  if (planned.length === 0) return 0;
  const { flow_run, flow_run_state } = db.tables;
  const inserted = await db.insertPairs({
    first: { table: flow_run, rows: planned.map(({ run }) => run) },
    second: { table: flow_run_state, rows: planned.map(stateRow) },
    by: flow_run_state.flow_run_id,
  });
  return inserted.length;
}

function stateRow({ run: { id, created, updated }, state }: PlannedRun) {
  return { ...state, created, updated, flow_run_id: id };
}
