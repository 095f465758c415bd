import { eq } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { JsonText } from '../../json/json.ts';
import { isEqual } from '../../json/schema/types.ts';
import { now, type Timestamp } from '../../time/timestamp.ts';
import { uuid7 } from '../../time/uuid7.ts';
import { type EventInput, insertEvents, type Labels } from '../event/event.ts';
import type { DeploymentRow } from './deployment.ts';

/** What an event of a deployment names beside it. */
interface Related {
  deployment: DeploymentRow;
  flow: { id: string; name: string };
  queue: { id: string; name: string } | null;
  pool: { id: string; name: string; type: string } | null;
}

type Happening = 'created' | 'updated' | 'deleted' | 'ready' | 'not-ready';

/** Reads these deployments with what their events name. */
function readRelated(db: Database, ids: string[]): Promise<Related[]> {
  const { deployment, flow, work_pool, work_queue } = db.tables;
  return db.orm
    .select({
      deployment,
      flow: { id: flow.id, name: flow.name },
      queue: { id: work_queue.id, name: work_queue.name },
      pool: { id: work_pool.id, name: work_pool.name, type: work_pool.type },
    })
    .from(deployment)
    .innerJoin(flow, eq(flow.id, deployment.flow_id))
    .leftJoin(work_queue, eq(work_queue.id, deployment.work_queue_id))
    .leftJoin(work_pool, eq(work_pool.id, work_queue.work_pool_id))
    .where(db.dialect.isIn(deployment.id, ids));
}

/** Writes an event for each of these deployments, in the caller's transaction. */
export async function recordDeployments(
  db: Database,
  happening: Happening,
  ids: string[],
  occurred: Timestamp = now(),
): Promise<void> {
  if (ids.length === 0) return;
  const related = await readRelated(db, ids);
  await insertEvents(
    db,
    related.map((one) => deploymentEvent(happening, one, occurred)),
  );
}

/** Writes what an update changed; nothing when it changed nothing that events tell of. */
export async function recordUpdate(db: Database, before: DeploymentRow): Promise<void> {
  const [after] = await readRelated(db, [before.id]);
  if (!after) return;
  const updates = changedFields(before, after.deployment);
  const updated_fields = Object.keys(updates);
  if (updated_fields.length === 0) return;
  const payload = JsonText.of({ updated_fields, updates });
  await insertEvents(db, [{ ...deploymentEvent('updated', after, now()), payload }]);
}

function deploymentEvent(happening: Happening, related: Related, occurred: Timestamp): EventInput {
  const { id, name } = related.deployment;
  return {
    id: uuid7(),
    occurred,
    event: `prefect.deployment.${happening}`,
    resource: { 'prefect.resource.id': `prefect.deployment.${id}`, 'prefect.resource.name': name },
    related: relatedResources(related),
  };
}

function relatedResources({ deployment, flow, queue, pool }: Related): Labels[] {
  const { storage_document_id, infrastructure_document_id, concurrency_limit_id } = deployment;
  return [
    ...resource('flow', flow.id, 'flow', { 'prefect.resource.name': flow.name }),
    ...resource('work-queue', queue?.id, 'work-queue', { 'prefect.resource.name': queue?.name ?? '' }),
    ...resource('work-pool', pool?.id, 'work-pool', {
      'prefect.resource.name': pool?.name ?? '',
      'prefect.work-pool.type': pool?.type ?? '',
    }),
    ...resource('block-document', storage_document_id, 'storage'),
    ...resource('block-document', infrastructure_document_id, 'infrastructure'),
    ...resource('concurrency-limit', concurrency_limit_id, 'concurrency-limit'),
  ];
}

function resource(kind: string, id: string | null | undefined, role: string, more: Labels = {}): Labels[] {
  if (!id) return [];
  return [{ 'prefect.resource.id': `prefect.${kind}.${id}`, ...more, 'prefect.resource.role': role }];
}

/** What an event of an update tells of. */
const TOLD = [
  'description',
  'tags',
  'parameters',
  'parameter_openapi_schema',
  'enforce_parameter_schema',
  'entrypoint',
  'path',
  'pull_steps',
  'work_queue_id',
  'infra_overrides',
  'paused',
  'labels',
  'version',
  'concurrency_limit_id',
  'concurrency_options',
] as const;

function changedFields(before: DeploymentRow, after: DeploymentRow) {
  const changed: Record<string, { from: unknown; to: unknown }> = {};
  for (const field of TOLD) {
    const [from, to] = [before[field], after[field]];
    if (!isEqual(plain(from), plain(to))) changed[field] = { from, to };
  }
  return changed;
}

function plain(value: unknown): unknown {
  return value instanceof JsonText ? value.parse() : value;
}
