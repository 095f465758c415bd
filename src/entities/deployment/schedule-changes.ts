import type { Database } from '../../db/database.ts';
import { detail } from '../../errors.ts';
import type { JsonText } from '../../json/json.ts';
import type { JsonObject } from '../../schema/types.ts';
import {
  clearSlugs,
  type DeploymentSchedule,
  deleteSchedulesOf,
  insertSchedules,
  updateSchedule,
} from './schedule.ts';

/** A schedule as an update of a deployment has it. */
export interface ScheduleChange {
  active?: boolean | null;
  schedule?: JsonObject | null;
  max_scheduled_runs?: number | null;
  parameters: JsonText;
  slug?: string | null;
  /** The slug that it had: the way to give it another one. */
  replaces?: string | null;
}

/** What an update does with a deployment's schedules. */
export interface SchedulePlan {
  /** Instead of all that there are. */
  replacements?: ScheduleChange[];
  changes: { id: string; isRenamed: boolean; to: ScheduleChange }[];
  additions: ScheduleChange[];
}

const NOTHING: SchedulePlan = { changes: [], additions: [] };

/**
 * Where all schedules have slugs, on both sides, those that are given are changed or added and others stay; otherwise
 * they replace all that there are.
 * @throws HttpError 422 when it isn't clear which schedule is meant
 */
export function planSchedules(
  current: DeploymentSchedule[],
  given: ScheduleChange[] | undefined,
): SchedulePlan {
  if (!given) return NOTHING;
  const haveSlugs = current.length > 0 && current.every(({ slug }) => slug !== null);
  const allGiven = given.every(({ slug }) => slug != null);
  if (!haveSlugs) return { ...NOTHING, replacements: given };
  if (!allGiven) {
    throw detail(
      422,
      'Please provide a slug for each schedule in your request to ensure schedules are updated correctly.',
    );
  }
  const bySlug = new Map(current.map((schedule) => [schedule.slug!, schedule]));
  checkRenames(bySlug, given);
  return planBySlug(bySlug, given);
}

function checkRenames(bySlug: Map<string, DeploymentSchedule>, given: ScheduleChange[]): void {
  const replaced = new Set<string>();
  for (const { replaces } of given) {
    if (!replaces) continue;
    if (replaced.has(replaces)) {
      throw detail(422, `Multiple schedules have 'replaces' targeting the same slug: ${replaces}`);
    }
    replaced.add(replaces);
  }
  for (const { slug, replaces } of given) {
    if (slug && replaces && bySlug.has(slug) && !replaced.has(slug)) {
      throw detail(
        422,
        `Cannot rename schedule from '${replaces}' to '${slug}': a schedule with slug '${slug}' already exists.`,
      );
    }
  }
}

function planBySlug(bySlug: Map<string, DeploymentSchedule>, given: ScheduleChange[]): SchedulePlan {
  const plan: SchedulePlan = { changes: [], additions: [] };
  for (const to of given) {
    const target = bySlug.get(to.replaces || to.slug!);
    if (target) plan.changes.push({ id: target.id, isRenamed: Boolean(to.replaces), to });
    else if (to.schedule) plan.additions.push(to);
    else {
      throw detail(422, 'Unable to create new deployment schedules without a schedule configuration.');
    }
  }
  return plan;
}

/** Does it, in the caller's transaction. @throws IntegrityError when a slug is taken */
export async function writeSchedules(db: Database, deploymentId: string, plan: SchedulePlan): Promise<void> {
  if (plan.replacements) {
    await deleteSchedulesOf(db, deploymentId);
    await insertSchedules(db, deploymentId, creatable(plan.replacements));
  }
  // Two schedules may change their slugs with each other.
  const renamed = plan.changes.filter(({ isRenamed }) => isRenamed).map(({ id }) => id);
  if (renamed.length > 0) await clearSlugs(db, renamed);
  for (const { id, to } of plan.changes) {
    const { replaces: _, ...columns } = to;
    const { schedule, ...others } = columns;
    await updateSchedule(db, deploymentId, id, { ...others, ...(schedule && { schedule }) });
  }
  await insertSchedules(db, deploymentId, creatable(plan.additions));
}

/** How many runs are planned isn't taken over here, as in Prefect. */
function creatable(given: ScheduleChange[]) {
  return given.flatMap(({ schedule, active, parameters, slug }) =>
    schedule ? [{ schedule, active, parameters, slug }] : [],
  );
}
