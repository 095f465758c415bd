import { and, eq, lt, or, type SQL, sql } from 'drizzle-orm';
import type { Database, Tables } from '../db/database.ts';
import type { DeploymentStatus } from '../schema/types.ts';
import { now, type Timestamp } from '../time/timestamp.ts';
import { uuid7 } from '../time/uuid7.ts';
import { type EventInput, insertEvents, type Labels, RESOURCE_ID, RESOURCE_ROLE } from './event.ts';
import { poolResource } from './work-pool-event.ts';

type Deployment = Pick<
  Tables['deployment']['$inferSelect'],
  'id' | 'name' | 'status' | 'last_polled' | 'storage_document_id' | 'infrastructure_document_id'
>;

/** A deployment with what its events name beside it. */
interface Surrounded {
  deployment: Deployment;
  flow: { id: string; name: string };
  queue: { id: string; name: string } | null;
  pool: { id: string; name: string; type: string } | null;
}

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
function lock(db: Database, chosen: Chosen): Promise<Surrounded[]> {
  const { deployment, flow, work_pool, work_queue } = db.tables;
  const { id, name, status, last_polled, storage_document_id, infrastructure_document_id } = deployment;
  const select = db.orm
    .select({
      deployment: { id, name, status, last_polled, storage_document_id, infrastructure_document_id },
      flow: { id: flow.id, name: flow.name },
      queue: { id: work_queue.id, name: work_queue.name },
      pool: { id: work_pool.id, name: work_pool.name, type: work_pool.type },
    })
    .from(deployment)
    .innerJoin(flow, eq(flow.id, deployment.flow_id))
    .leftJoin(work_queue, eq(work_queue.id, deployment.work_queue_id))
    .leftJoin(work_pool, eq(work_pool.id, work_queue.work_pool_id))
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
  const ids = rows.map((row) => row.deployment.id);
  await db.orm
    .update(deployment)
    // `updated` stays: a newer one would have the scheduler look at them again.
    .set({
      status,
      ...(status === 'READY' && { last_polled: moment }),
      updated: sql`${deployment.updated}`,
    })
    .where(db.dialect.isIn(deployment.id, ids));
  const changed = rows.filter((row) => row.deployment.status !== status);
  await insertEvents(
    db,
    changed.map((row) => statusEvent(row, status, moment)),
  );
}

function statusEvent(
  { deployment, flow, queue, pool }: Surrounded,
  status: DeploymentStatus,
  occurred: Timestamp,
): EventInput {
  const named = (kind: string, { id, name }: { id: string; name: string }): Labels => ({
    [RESOURCE_ID]: `prefect.${kind}.${id}`,
    'prefect.resource.name': name,
    [RESOURCE_ROLE]: kind,
  });
  const block = (id: string | null, role: string): Labels[] =>
    id ? [{ [RESOURCE_ID]: `prefect.block-document.${id}`, [RESOURCE_ROLE]: role }] : [];
  return {
    id: uuid7(),
    occurred,
    event: `prefect.deployment.${status === 'READY' ? 'ready' : 'not-ready'}`,
    resource: {
      [RESOURCE_ID]: `prefect.deployment.${deployment.id}`,
      'prefect.resource.name': deployment.name,
    },
    related: [
      named('flow', flow),
      ...(queue ? [named('work-queue', queue)] : []),
      ...(pool ? [poolResource(pool)] : []),
      ...block(deployment.storage_document_id, 'storage'),
      ...block(deployment.infrastructure_document_id, 'infrastructure'),
    ],
  };
}
