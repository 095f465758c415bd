import { and, desc, eq, inArray } from 'drizzle-orm';
import type { Database, Tables } from '../../db/database.ts';
import type { JsonText } from '../../json/json.ts';
import type { JsonObject } from '../../schema/types.ts';
import { now } from '../../time/timestamp.ts';

export type DeploymentSchedule = Tables['deployment_schedule']['$inferSelect'];

/** What a schedule is made of. A slug is unique within its deployment. */
export interface DeploymentScheduleCreate {
  schedule: JsonObject;
  active?: boolean | null;
  max_scheduled_runs?: number | null;
  parameters: JsonText;
  slug?: string | null;
}

/** The schedules of these deployments, the youngest change first. */
export function readSchedules(db: Database, deploymentIds: string[]): Promise<DeploymentSchedule[]> {
  const { deployment_schedule: schedule } = db.tables;
  return db.orm
    .select()
    .from(schedule)
    .where(db.dialect.isIn(schedule.deployment_id, deploymentIds))
    .orderBy(desc(schedule.updated));
}

/**
 * Adds schedules to a deployment, in the caller's transaction; gives them back in the order given.
 * @throws IntegrityError when a slug is taken
 */
export async function insertSchedules(
  db: Database,
  deploymentId: string,
  given: DeploymentScheduleCreate[],
): Promise<DeploymentSchedule[]> {
  if (given.length === 0) return [];
  const { deployment_schedule: schedule } = db.tables;
  const rows = given.map(({ schedule, active, max_scheduled_runs, parameters, slug }) => {
    const moment = now();
    return {
      schedule,
      active: active ?? true,
      max_scheduled_runs: max_scheduled_runs ?? null,
      parameters,
      slug: slug ?? null,
      deployment_id: deploymentId,
      created: moment,
      updated: moment,
    };
  });
  const made = await db.orm.insert(schedule).values(rows).returning();
  return made.sort((a, b) => (a.updated < b.updated ? -1 : 1));
}

/** Changes the members of a schedule that aren't null; undefined when the deployment has none of this id. */
export async function updateSchedule(
  db: Database,
  deploymentId: string,
  id: string,
  given: Partial<DeploymentScheduleCreate>,
): Promise<DeploymentSchedule | undefined> {
  const { deployment_schedule: schedule } = db.tables;
  const changes = Object.fromEntries(Object.entries(given).filter(([, value]) => value != null));
  const [changed] = await db.orm
    .update(schedule)
    .set({ ...changes, updated: now() })
    .where(and(eq(schedule.deployment_id, deploymentId), eq(schedule.id, id)))
    .returning();
  return changed;
}

/** Takes these schedules' slugs away, so that others of the deployment may have them. */
export async function clearSlugs(db: Database, ids: string[]): Promise<void> {
  const { deployment_schedule: schedule } = db.tables;
  await db.orm.update(schedule).set({ slug: null }).where(inArray(schedule.id, ids));
}

/** False when the deployment has no schedule of this id. */
export async function deleteSchedule(db: Database, deploymentId: string, id: string): Promise<boolean> {
  const { deployment_schedule: schedule } = db.tables;
  const rows = await db.orm
    .delete(schedule)
    .where(and(eq(schedule.deployment_id, deploymentId), eq(schedule.id, id)))
    .returning({ id: schedule.id });
  return rows.length > 0;
}

export async function deleteSchedulesOf(db: Database, deploymentId: string): Promise<void> {
  const { deployment_schedule: schedule } = db.tables;
  await db.orm.delete(schedule).where(eq(schedule.deployment_id, deploymentId));
}
