import { isDeepStrictEqual } from 'node:util';
import { eq, sql } from 'drizzle-orm';
import { CommitListeners } from '../../db/commit-listeners.ts';
import type { Database } from '../../db/database.ts';
import type { LockPurpose } from '../../db/dialect.ts';
import { prepared } from '../../db/prepared.ts';
import { detail, errors } from '../../errors.ts';
import { JsonText } from '../../json/json.ts';
import type { JsonObject, WorkPoolStatus } from '../../schema/types.ts';
import { now } from '../../time/timestamp.ts';
import { uuid7 } from '../../time/uuid7.ts';
import { jobVariablesProblem } from '../deployment/job-variables.ts';
import { insertEvents } from '../event/event.ts';
import {
  type Changes,
  poolEvent,
  poolStatusEvent,
  poolUpdatedEvent,
  queueEvent,
  type WorkPool,
} from './event.ts';
import { insertWorkQueue } from './work-queue-insert.ts';

export type { WorkPool };

/** The type of pools that agents polled, before there were workers; nobody tells of their status. */
const AGENT_TYPE = 'prefect-agent';

export interface WorkPoolCreate {
  name: string;
  type?: string;
  description?: string | null;
  base_job_template?: JsonText;
  is_paused?: boolean;
  concurrency_limit?: number | null;
  storage_configuration?: JsonObject;
}

export type WorkPoolChanges = Partial<
  Pick<
    WorkPool,
    'description' | 'base_job_template' | 'is_paused' | 'concurrency_limit' | 'storage_configuration'
  >
>;

const byName = prepared(({ orm, tables: { work_pool } }) =>
  orm
    .select()
    .from(work_pool)
    .where(eq(work_pool.name, sql.placeholder('name')))
    .prepare('work_pool_by_name'),
);

export async function readWorkPool(db: Database, name: string): Promise<WorkPool | undefined> {
  const [pool] = await byName(db).execute({ name });
  return pool;
}

/** @throws HttpError 404 */
export async function findWorkPool(db: Database, name: string): Promise<WorkPool> {
  const pool = await readWorkPool(db, name);
  if (!pool) throw noSuchPool(name);
  return pool;
}

export function noSuchPool(name: string) {
  return detail(404, `Work pool "${name}" not found.`);
}

/**
 * Makes a pool with its default queue.
 * @throws IntegrityError when there is one of this name
 */
export function createWorkPool(db: Database, given: WorkPoolCreate): Promise<WorkPool> {
  const { work_pool } = db.tables;
  const moment = now();
  const type = given.type ?? AGENT_TYPE;
  return db.transaction(async () => {
    const [pool] = await db.orm
      .insert(work_pool)
      .values({
        ...given,
        type,
        base_job_template: given.base_job_template ?? new JsonText('{}'),
        status: given.is_paused && type !== AGENT_TYPE ? 'PAUSED' : 'NOT_READY',
        created: moment,
        updated: moment,
      })
      .returning();
    const queue = await insertWorkQueue(db, pool!, {
      name: 'default',
      description: "The work pool's default queue.",
    });
    const [complete] = await db.orm
      .update(work_pool)
      .set({ default_queue_id: queue.id, updated: now() })
      .where(eq(work_pool.id, pool!.id))
      .returning();
    await insertEvents(db, [poolEvent('created', complete!)]);
    return complete!;
  });
}

/**
 * Whether the defaults of a template's variables fit their schema, which Prefect looks at when a pool is made and never after.
 * @throws HttpError 422, or 404 for a default that is a block which there isn't
 */
export async function checkTemplateDefaults(db: Database, template: JsonText): Promise<void> {
  const rules = { ignoreRequired: true, ignoreInvalidDefaults: false };
  const problem = await jobVariablesProblem(db, template, [], rules);
  if (problem === undefined) return;
  throw errors.unprocessable(`Validation failed for work pool's job variable defaults: ${problem}`);
}

/** As a client creates one: its template is checked, and its first status is told, too. */
export async function createAnnouncedWorkPool(db: Database, given: WorkPoolCreate): Promise<WorkPool> {
  if (given.base_job_template) await checkTemplateDefaults(db, given.base_job_template);
  return db.transaction(async () => {
    const pool = await createWorkPool(db, given);
    await insertEvents(db, [poolStatusEvent(pool, { id: uuid7(), occurred: now(), before: null })]);
    return pool;
  });
}

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

/** Who locks more than the pool locks it first, then its queues, then deployments: so nobody waits for each other. */
export async function lockWorkPool(db: Database, name: string, purpose?: LockPurpose): Promise<WorkPool> {
  const pool = await lockWorkPoolIfAny(db, name, purpose);
  if (!pool) throw noSuchPool(name);
  return pool;
}

export async function lockWorkPoolIfAny(
  db: Database,
  name: string,
  purpose?: LockPurpose,
): Promise<WorkPool | undefined> {
  const { work_pool } = db.tables;
  const select = db.orm.select().from(work_pool).where(eq(work_pool.name, name));
  const [pool] = await db.dialect.lockRows(select, work_pool, purpose);
  return pool;
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

/** Its queues and workers go with it. @throws HttpError 404 */
export function deleteWorkPool(db: Database, name: string): Promise<WorkPool> {
  const { _cleanup_message, work_pool, work_queue } = db.tables;
  return db.transaction(async () => {
    const pool = await lockWorkPool(db, name, 'delete');
    const queues = await db.orm
      .select()
      .from(work_queue)
      .where(eq(work_queue.work_pool_id, pool.id))
      .orderBy(work_queue.priority);
    await insertEvents(db, [
      ...queues.map((queue) => queueEvent('deleted', queue, pool)),
      poolEvent('deleted', pool),
    ]);
    await db.orm.update(work_pool).set({ default_queue_id: null }).where(eq(work_pool.id, pool.id));
    // Nobody can be asked any more.
    await db.orm.delete(_cleanup_message).where(eq(_cleanup_message.work_pool_id, pool.id));
    await db.orm.delete(work_pool).where(eq(work_pool.id, pool.id));
    listeners.tell(db, pool.id);
    return pool;
  });
}
