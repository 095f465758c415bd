import type { Tables } from '../../db/database.ts';
import { JsonText } from '../../json/json.ts';
import { now, secondsBetween, type Timestamp } from '../../time/timestamp.ts';
import { uuid7 } from '../../time/uuid7.ts';
import { type EventInput, type Labels, RESOURCE_ID, RESOURCE_ROLE } from '../event/event.ts';

export type WorkPool = Tables['work_pool']['$inferSelect'];
export type WorkQueue = Tables['work_queue']['$inferSelect'];

type Named = Pick<WorkPool, 'id' | 'name' | 'type'>;

/** A field's value before and after, as it is stored. */
export type Changes = Record<string, { from: unknown; to: unknown }>;

/** A work pool as the resource of an event or beside one. */
function poolResource({ id, name, type }: Named): Labels {
  return {
    [RESOURCE_ID]: `prefect.work-pool.${id}`,
    'prefect.resource.name': name,
    'prefect.work-pool.type': type,
    [RESOURCE_ROLE]: 'work-pool',
  };
}

export function poolEvent(action: 'created' | 'deleted', pool: WorkPool): EventInput {
  const related: Labels[] = [];
  // Prefect looks for it when the pool is made, too, but not where it is then.
  const storage = action === 'deleted' && pool.storage_configuration['default_result_storage_block_id'];
  if (pool.default_queue_id) {
    related.push({
      [RESOURCE_ID]: `prefect.work-queue.${pool.default_queue_id}`,
      [RESOURCE_ROLE]: 'default-queue',
    });
  }
  if (storage) {
    related.push({ [RESOURCE_ID]: `prefect.block-document.${storage}`, [RESOURCE_ROLE]: 'result-storage' });
  }
  return {
    id: uuid7(),
    occurred: now(),
    event: `prefect.work-pool.${action}`,
    resource: poolResource(pool),
    related,
  };
}

export function poolUpdatedEvent(pool: WorkPool, changes: Changes): EventInput {
  return {
    id: uuid7(),
    occurred: now(),
    event: 'prefect.work-pool.updated',
    resource: poolResource(pool),
    payload: updates(changes),
  };
}

/** A status event names the one before it, so that readers can put two that are close together in order. */
const FOLLOWS_WITHIN_SECONDS = 600;

/** Of the status that the pool has now; `before` is the pool as it was, null for a new one. */
export function poolStatusEvent(
  pool: WorkPool,
  { id, occurred, before }: { id: string; occurred: Timestamp; before: WorkPool | null },
): EventInput {
  const { [RESOURCE_ROLE]: _, ...resource } = poolResource(pool);
  const since = before?.last_transitioned_status_at;
  const isRecent = since && secondsBetween(since, occurred) < FOLLOWS_WITHIN_SECONDS;
  return {
    id,
    occurred,
    event: `prefect.work-pool.${statusWord(pool.status)}`,
    resource,
    follows: isRecent ? before.last_status_event_id : null,
  };
}

export function queueEvent(action: 'created' | 'deleted', queue: WorkQueue, pool: Named): EventInput {
  return queueEventNamed(action, queue, pool);
}

export function queueUpdatedEvent(queue: WorkQueue, pool: Named, changes: Changes): EventInput {
  return { ...queueEventNamed('updated', queue, pool), payload: updates(changes) };
}

/** Of the status that the queue has now. */
export function queueStatusEvent(queue: Pick<WorkQueue, 'id' | 'name' | 'status'>, pool: Named): EventInput {
  return queueEventNamed(statusWord(queue.status), queue, pool);
}

function queueEventNamed(
  what: string,
  { id, name }: Pick<WorkQueue, 'id' | 'name'>,
  pool: Named,
): EventInput {
  return {
    id: uuid7(),
    occurred: now(),
    event: `prefect.work-queue.${what}`,
    resource: {
      [RESOURCE_ID]: `prefect.work-queue.${id}`,
      'prefect.resource.name': name,
      [RESOURCE_ROLE]: 'work-queue',
    },
    related: [poolResource(pool)],
  };
}

function updates(changes: Changes): JsonText {
  return JsonText.of({ updated_fields: Object.keys(changes), updates: changes });
}

function statusWord(status: string): string {
  return status.toLowerCase().replaceAll('_', '-');
}
