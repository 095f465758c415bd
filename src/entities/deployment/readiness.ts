import { and, lt, or, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import type { DeploymentStatus } from '../../schema/types.ts';
import { now, type Timestamp } from '../../time/timestamp.ts';
import { recordDeployments } from './event.ts';

/** Which deployments: by their own ids, or by those of their queues. */
export interface Chosen {
  ids?: string[];
  queueIds?: string[];
  /** Of these only those that nobody has asked for since. */
  polledBefore?: Timestamp;
}

function where(db: Database, { ids, queueIds, polledBefore }: Chosen): SQL | undefined {
  const { deployment } = db.tables;
  return and(
    or(
      ids && db.dialect.isIn(deployment.id, ids),
      queueIds && db.dialect.isIn(deployment.work_queue_id, queueIds),
    ),
    polledBefore === undefined ? undefined : lt(deployment.last_polled, polledBefore),
  );
}

/** Locks them in one order everywhere, so that two servers wait for each other instead of locking up. */
function lock(db: Database, chosen: Chosen): Promise<{ id: string; status: DeploymentStatus }[]> {
  const { deployment } = db.tables;
  const select = db.orm
    .select({ id: deployment.id, status: deployment.status })
    .from(deployment)
    .where(where(db, chosen))
    .orderBy(deployment.id);
  return db.dialect.lockRows(select, deployment);
}

/** Notes that someone asked for the work of these deployments, and tells of those that weren't ready before. */
export function markDeploymentsReady(db: Database, chosen: Chosen): Promise<void> {
  return db.transaction(() => mark(db, chosen, 'READY'));
}

export function markDeploymentsNotReady(db: Database, chosen: Chosen): Promise<void> {
  return db.transaction(() => mark(db, chosen, 'NOT_READY'));
}

async function mark(db: Database, chosen: Chosen, status: DeploymentStatus): Promise<void> {
  if (!chosen.ids?.length && !chosen.queueIds?.length) return;
  const rows = await lock(db, chosen);
  if (rows.length === 0) return;
  const { deployment } = db.tables;
  const moment = now();
  const ids = rows.map(({ id }) => id);
  await db.orm
    .update(deployment)
    // `updated` stays: a newer one would have the scheduler look at them again.
    .set({
      status,
      ...(status === 'READY' && { last_polled: moment }),
      updated: sql`${deployment.updated}`,
    })
    .where(db.dialect.isIn(deployment.id, ids));
  const changed = rows.filter((row) => row.status !== status).map(({ id }) => id);
  await recordDeployments(db, status === 'READY' ? 'ready' : 'not-ready', changed, moment);
}
