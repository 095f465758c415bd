import { isDeepStrictEqual } from 'node:util';
import { eq, sql } from 'drizzle-orm';
import { CommitListeners } from '../../db/commit-listeners.ts';
import type { Database } from '../../db/database.ts';
import { JsonText } from '../../json/json.ts';
import type { WorkPoolStatus } from '../../schema/types.ts';
import { now } from '../../time/timestamp.ts';
import { uuid7 } from '../../time/uuid7.ts';
import { insertEvents } from '../event/event.ts';
import { type Changes, poolStatusEvent, poolUpdatedEvent, type WorkPool } from './event.ts';
import { lockWorkPool } from './work-pool-lookup.ts';

/** The type of pools that agents polled, before there were workers; nobody tells of their status. */
export const AGENT_TYPE = 'prefect-agent';

export type WorkPoolChanges = Partial<
  Pick<
    WorkPool,
    'description' | 'base_job_template' | 'is_paused' | 'concurrency_limit' | 'storage_configuration'
  >
>;

/** Writes the members that are given, null included. @throws HttpError 404 */
export function updateWorkPool(db: Database, name: string, changes: WorkPoolChanges): Promise<WorkPool> {
  return db.transaction(async () => {
    const before = await lockWorkPool(db, name);
    const status = before.type === AGENT_TYPE ? undefined : await statusAfter(db, before.id, changes);
    return writeWorkPool(db, before, { ...changes, ...(status && { status }) });
  });
}

/** Pausing and unpausing set the status, even one that it has already; whether a worker is online decides the latter. */
async function statusAfter(
  db: Database,
  id: string,
  { is_paused }: WorkPoolChanges,
): Promise<WorkPoolStatus | undefined> {
  if (is_paused) return 'PAUSED';
  if (is_paused !== false) return undefined;
  const { worker } = db.tables;
  const [online] = await db.orm
    .select({ id: worker.id })
    .from(worker)
    .where(sql`${worker.work_pool_id} = ${id} and ${worker.status} = 'ONLINE'`)
    .limit(1);
  return online ? 'READY' : 'NOT_READY';
}

/** Writes changes to a pool that the current transaction has locked, and the events of what really changed. */
export async function writeWorkPool(
  db: Database,
  before: WorkPool,
  changes: WorkPoolChanges & { status?: WorkPoolStatus },
): Promise<WorkPool> {
  const { work_pool } = db.tables;
  const moment = now();
  const transition = changes.status && {
    last_status_event_id: uuid7(),
    last_transitioned_status_at: moment,
  };
  const [pool] = await db.orm
    .update(work_pool)
    .set({ ...changes, ...transition, updated: moment })
    .where(eq(work_pool.id, before.id))
    .returning();
  const changed = changedFields(before, pool!, changes);
  if (SHOWN_TO_WORKERS.some((field) => field in changes)) listeners.tell(db, pool!.id);
  await insertEvents(db, [
    ...(Object.keys(changed).length > 0 ? [poolUpdatedEvent(pool!, changed)] : []),
    ...(transition
      ? [poolStatusEvent(pool!, { id: transition.last_status_event_id, occurred: moment, before })]
      : []),
  ]);
  return pool!;
}

/** What workers are told of at once; of a status they hear nothing. */
export const SHOWN_TO_WORKERS = [
  'base_job_template',
  'concurrency_limit',
  'is_paused',
  'storage_configuration',
] as const;

const listeners = new CommitListeners<string>();

/** Tells those who listen, once the transaction is committed. */
export const tellOfWorkPool = (db: Database, poolId: string): void => listeners.tell(db, poolId);

/** Calls `listener` after each change or end of a pool by this server that workers care for. @returns what ends it */
export function onWorkPoolChanged(db: Database, listener: (poolId: string) => void): () => void {
  return listeners.add(db, listener);
}

/** What an event of an update tells of; pausing is told by the status. */
const TOLD = ['description', 'base_job_template', 'concurrency_limit', 'storage_configuration'] as const;

/** Two texts may say the same: spaces, and the order of members, differ from writer to writer. */
const plain = (value: unknown): unknown => (value instanceof JsonText ? value.parse() : value);

function changedFields(before: WorkPool, after: WorkPool, changes: WorkPoolChanges): Changes {
  const changed: Changes = {};
  for (const field of TOLD) {
    if (!(field in changes)) continue;
    const [from, to] = [before[field], after[field]];
    if (!isDeepStrictEqual(plain(from), plain(to))) changed[field] = { from, to };
  }
  return changed;
}
