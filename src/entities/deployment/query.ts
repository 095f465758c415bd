import { eq, inArray, type SQL } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { deploymentsWhere, type RunFilters } from '../filters/related.ts';
import { type DeploymentSort, deploymentSorts } from '../filters/sorts.ts';
import { countRows, type Part, type Slice } from '../list.ts';
import type { WorkQueue } from '../work-pool/work-queue.ts';
import type { QueueFilter } from '../work-pool/work-queue-query.ts';
import { type Deployment, selectDeployments, toDeployment } from './deployment.ts';
import { type DeploymentSchedule, readSchedules } from './schedule.ts';

export function findDeployments(
  db: Database,
  filters: RunFilters,
  slice: Slice<DeploymentSort>,
): Promise<Deployment[]> {
  return db.longRead(async () => {
    const order = deploymentSorts(db, slice.sort);
    const rows = await selectDeployments(db)
      .where(inArray(db.tables.deployment.id, chosenIds(db, filters, order, slice)))
      .orderBy(...order);
    const ids = rows.map(({ deployment }) => deployment.id);
    const schedules = new Map<string, DeploymentSchedule[]>(ids.map((id) => [id, []]));
    for (const schedule of ids.length > 0 ? await readSchedules(db, ids) : []) {
      schedules.get(schedule.deployment_id)!.push(schedule);
    }
    return rows.map((row) => toDeployment(row, schedules.get(row.deployment.id)!));
  });
}

export function countDeployments(db: Database, filters: RunFilters): Promise<number> {
  return countRows(db, db.tables.deployment, deploymentsWhere(db, filters));
}

/** The ids of the first deployments by name that match. */
export async function findDeploymentIds(db: Database, filters: RunFilters, limit: number): Promise<string[]> {
  const order = deploymentSorts(db, 'NAME_ASC');
  const rows = await chosenIds(db, filters, order, { limit, offset: 0 });
  return rows.map(({ id }) => id);
}

/** The wanted ones are chosen before anything is joined to them. */
function chosenIds(db: Database, filters: RunFilters, order: SQL[], { limit, offset }: Part) {
  const { deployment } = db.tables;
  return db.orm
    .select({ id: deployment.id })
    .from(deployment)
    .where(deploymentsWhere(db, filters))
    .orderBy(...order)
    .limit(limit)
    .offset(offset);
}

/**
 * The queues that would take this deployment's runs by their filters; one without a filter takes any. Nobody has made
 * filters since there are work pools. Undefined when there is no such deployment.
 */
export async function findChoosingQueues(db: Database, id: string): Promise<WorkQueue[] | undefined> {
  const { deployment, work_queue } = db.tables;
  const [found] = await db.orm
    .select({ tags: deployment.tags })
    .from(deployment)
    .where(eq(deployment.id, id));
  if (!found) return undefined;
  const queues = await db.longRead(async () => db.orm.select().from(work_queue).orderBy(work_queue.name));
  return queues.filter(({ filter }) => {
    const { tags, deployment_ids } = (filter ?? {}) as QueueFilter;
    const isMeant = !deployment_ids?.length || deployment_ids.includes(id);
    return isMeant && (tags ?? []).every((tag) => found.tags.includes(tag));
  });
}
