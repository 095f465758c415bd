import { and, desc, eq } from 'drizzle-orm';
import type { Database, Tables } from '../../db/database.ts';
import { JsonText } from '../../json/json.ts';
import { ScheduleProblem } from '../../schedules/problem.ts';
import {
  type ScheduledDate,
  scheduledDates,
  scheduleKind,
  storedSchedule,
} from '../../schedules/schedule.ts';
import { addSeconds, now, type Timestamp } from '../../time/timestamp.ts';
import { uuid7 } from '../../time/uuid7.ts';
import { completeFlowRunPolicy } from '../run/policy.ts';
import { newState, type State } from '../run/state.ts';
import { randomSlug } from '../slug.ts';
import type { DeploymentSchedule } from './schedule.ts';

/** As much of a deployment and a schedule as the runs of a thousand of them need. */
const columnsOf = ({ deployment, deployment_schedule: schedule }: Tables) => ({
  deployment: {
    id: deployment.id,
    flow_id: deployment.flow_id,
    version: deployment.version,
    paused: deployment.paused,
    work_queue_name: deployment.work_queue_name,
    work_queue_id: deployment.work_queue_id,
    parameters: deployment.parameters,
    infrastructure_document_id: deployment.infrastructure_document_id,
    tags: deployment.tags,
    labels: deployment.labels,
  },
  schedule: {
    id: schedule.id,
    updated: schedule.updated,
    deployment_id: schedule.deployment_id,
    schedule: schedule.schedule,
    parameters: schedule.parameters,
    slug: schedule.slug,
  },
});
type Columns = ReturnType<typeof columnsOf>;
type DeploymentRow = Pick<Tables['deployment']['$inferSelect'], keyof Columns['deployment']>;
type ScheduleRow = Pick<DeploymentSchedule, keyof Columns['schedule']>;

export type NewScheduledRun = Tables['flow_run']['$inferInsert'] & { id: string };

/** How far ahead runs are made, per schedule: the fewest that reach `minRuns` and `minSeconds`, and never more than the rest. */
export interface Horizon {
  start: Timestamp;
  end: Timestamp;
  minSeconds: number;
  minRuns: number;
  maxRuns: number;
}

/** An active schedule with its deployment. */
export interface Schedulable {
  deployment: DeploymentRow;
  schedule: ScheduleRow;
}

/** The dates of schedules, and those that have none because something is wrong with them. */
export interface Plan {
  dates: Map<string, { of: Timestamp | null; dates: ScheduledDate[] }>;
  problems: { schedule: ScheduleRow; problem: string }[];
}

/** The active schedules of these deployments, those of one together, the youngest change first. */
export async function readSchedulable(db: Database, deploymentIds: string[]): Promise<Schedulable[]> {
  const { deployment, deployment_schedule: schedule } = db.tables;
  return db.orm
    .select(columnsOf(db.tables))
    .from(deployment)
    .innerJoin(schedule, eq(schedule.deployment_id, deployment.id))
    .where(and(db.dialect.isIn(deployment.id, deploymentIds), eq(schedule.active, true)))
    .orderBy(deployment.id, desc(schedule.updated));
}

/** Works out dates, which may take a while: not in a transaction. */
export function planDates(schedulable: Schedulable[], horizon: Horizon): Plan {
  const plan: Plan = { dates: new Map(), problems: [] };
  for (const { schedule } of schedulable) {
    try {
      const dates = datesOf(schedule, horizon);
      plan.dates.set(schedule.id, { of: schedule.updated, dates });
    } catch (error) {
      if (!(error instanceof ScheduleProblem)) throw error;
      plan.problems.push({ schedule, problem: error.message });
    }
  }
  return plan;
}

function datesOf({ schedule }: ScheduleRow, horizon: Horizon): ScheduledDate[] {
  const { start, end, minSeconds, minRuns, maxRuns } = horizon;
  const farEnough = addSeconds(start, minSeconds);
  const dates: ScheduledDate[] = [];
  const expansion = { after: start, before: end, limit: maxRuns };
  for (const date of scheduledDates(storedSchedule(schedule), expansion)) {
    dates.push(date);
    if (dates.length >= minRuns && date.at >= farEnough) break;
  }
  return dates;
}

export interface PlannedRun {
  run: NewScheduledRun;
  state: State;
}

/** The runs of a plan, as far as its schedules are still the same. */
export function plannedRuns(schedulable: Schedulable[], plan: Plan): PlannedRun[] {
  return schedulable.flatMap(({ deployment, schedule }) => {
    const planned = plan.dates.get(schedule.id);
    if (!planned || planned.of !== schedule.updated) return [];
    const shared = sharedColumns(deployment, schedule);
    return planned.dates.map((date) => plannedRun(shared, date));
  });
}

/** What all runs of a schedule have. */
function sharedColumns(deployment: DeploymentRow, schedule: ScheduleRow) {
  const key = `scheduled ${deployment.id} ${schedule.id}`;
  const columns = {
    flow_id: deployment.flow_id,
    deployment_id: deployment.id,
    deployment_version: deployment.version,
    work_queue_name: deployment.work_queue_name,
    work_queue_id: deployment.work_queue_id,
    parameters: merged(deployment.parameters, schedule.parameters),
    infrastructure_document_id: deployment.infrastructure_document_id,
    empirical_policy: { ...completeFlowRunPolicy(null) },
    tags: ['auto-scheduled', ...deployment.tags],
    labels: {
      ...deployment.labels,
      'prefect.flow.id': deployment.flow_id,
      'prefect.deployment.id': deployment.id,
    },
    auto_scheduled: true,
    state_type: 'SCHEDULED' as const,
    state_name: 'Scheduled',
    created_by: {
      id: schedule.id,
      type: 'SCHEDULE',
      display_value: schedule.slug ?? scheduleKind(storedSchedule(schedule.schedule)),
    },
  };
  return { key, columns };
}

function plannedRun(
  { key, columns }: ReturnType<typeof sharedColumns>,
  { at, local }: ScheduledDate,
): PlannedRun {
  const moment = now();
  const state = newState({
    type: 'SCHEDULED',
    message: 'Flow run scheduled',
    state_details: { scheduled_time: at },
  });
  const run = {
    id: uuid7(),
    created: moment,
    updated: moment,
    name: randomSlug(),
    ...columns,
    // Prefect's own key: what it planned in this database isn't planned again.
    idempotency_key: `${key} ${local}`,
    state_id: state.id,
    expected_start_time: at,
    next_scheduled_start_time: at,
  };
  return { run, state };
}

function merged(base: JsonText, over: JsonText): JsonText {
  if (over.text === '{}') return base;
  return JsonText.of({ ...(base.parse() as object), ...(over.parse() as object) });
}
