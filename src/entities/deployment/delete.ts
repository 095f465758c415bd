import type { Database } from '../../db/database.ts';
import { deleteDeploymentLimits } from '../concurrency/deployment-limit.ts';
import type { DeploymentFilter } from '../filters/deployment.ts';
import { recordDeployments } from './event.ts';
import { findDeploymentIds } from './query.ts';
import { deleteScheduledRuns } from './scheduled-runs.ts';

/**
 * Deletes deployments with their schedules, their concurrency limits and whatever of theirs is still scheduled; other
 * runs stay. Gives back the ids that there were.
 */
export function deleteDeployments(db: Database, ids: string[]): Promise<string[]> {
  const { deployment } = db.tables;
  return db.transaction(async () => {
    const select = db.orm
      .select({ id: deployment.id })
      .from(deployment)
      .where(db.dialect.isIn(deployment.id, ids))
      .orderBy(deployment.name);
    const found = await db.dialect.lockRows(select, deployment, 'delete');
    if (found.length === 0) return [];
    const foundIds = found.map(({ id }) => id);
    await recordDeployments(db, 'deleted', foundIds);
    await deleteScheduledRuns(db, foundIds, { automaticOnly: false });
    await deleteDeploymentLimits(db, foundIds);
    await db.orm.delete(deployment).where(db.dialect.isIn(deployment.id, foundIds));
    return foundIds;
  });
}

/** Deletes the first deployments by name that match. */
export function deleteMatchingDeployments(
  db: Database,
  deployments: DeploymentFilter | null | undefined,
  limit: number,
): Promise<string[]> {
  return db.transaction(async () =>
    deleteDeployments(db, await findDeploymentIds(db, { deployments }, limit)),
  );
}
