import { and, asc, eq, type SQL } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import type { Timestamp } from '../../time/timestamp.ts';
import type { Part } from '../list.ts';
import { forgetLeasesOfLimit } from './forgotten-leases.ts';
import { FOREVER_SECONDS, grantLease, readHolders } from './lease.ts';
import { type ConcurrencyLimit, createLimit, deleteLimit, updateLimit } from './limit.ts';
import type { SlotWaits } from './slot-decay.ts';
import { takeSlots } from './slots.ts';

const PREFIX = 'tag:';

/** The limit of a tag's task runs as Prefect's first API showed it: a view of the limit `tag:<tag>`. */
export interface TagLimit {
  id: string;
  created: Timestamp;
  updated: Timestamp;
  tag: string;
  concurrency_limit: number;
  /** The task runs that hold slots. */
  active_slots: string[];
}

export type TagLimitKey = { id: string } | { tag: string };

export const limitNameOfTag = (tag: string): string => PREFIX + tag;
export const tagOfLimit = ({ name }: Pick<ConcurrencyLimit, 'name'>): string => name.slice(PREFIX.length);

/** Makes the limit of a tag, or changes its number; says which. */
export function setTagLimit(
  db: Database,
  tag: string,
  limit: number,
): Promise<{ limit: TagLimit; isNew: boolean }> {
  const name = limitNameOfTag(tag);
  return db.transaction(async () => {
    const isNew = !(await updateLimit(db, { name }, { limit }));
    if (isNew) await createLimit(db, { name, limit });
    return { limit: (await readTagLimit(db, { tag }))!, isNew };
  });
}

export async function readTagLimit(db: Database, key: TagLimitKey): Promise<TagLimit | undefined> {
  const { concurrency_limit_v2: limit } = db.tables;
  const rows = await db.orm.select().from(limit).where(isTagLimit(db, key));
  const [found] = await withHolders(db, rows);
  return found;
}

/** By tag. */
export async function findTagLimits(db: Database, { limit: most, offset }: Part): Promise<TagLimit[]> {
  const { concurrency_limit_v2: limit } = db.tables;
  return db.longRead(async () => {
    const rows = await db.orm
      .select()
      .from(limit)
      .where(db.dialect.startsWith(limit.name, PREFIX))
      .orderBy(asc(limit.name))
      .limit(most)
      .offset(offset);
    return withHolders(db, rows);
  });
}

/** Frees all slots of a tag, but for those that these task runs are said to hold. False when there is no such limit. */
export function resetTagLimit(db: Database, tag: string, holders: string[]): Promise<boolean> {
  return db.transaction(async () => {
    const { concurrency_limit_v2: limits } = db.tables;
    const where = eq(limits.name, limitNameOfTag(tag));
    const [limit] = await db.orm.select({ id: limits.id }).from(limits).where(where);
    if (!limit) return false;
    const stillHeld = await forgetLeasesOfLimit(db, limit.id);
    // Prefect forgets the leases and leaves their slots taken.
    const active_slots = stillHeld + holders.length;
    await db.orm.update(limits).set({ active_slots }).where(eq(limits.id, limit.id));
    for (const id of holders) await grantLasting(db, [limit.id], id);
    return true;
  });
}

/** False when there is no such limit. */
export function deleteTagLimit(db: Database, key: TagLimitKey): Promise<boolean> {
  const { concurrency_limit_v2: limit } = db.tables;
  return db.transaction(async () => {
    const where = 'id' in key ? eq(limit.id, key.id) : isTagLimit(db, key);
    const [found] = await db.orm.select({ id: limit.id }).from(limit).where(where);
    if (!found) return false;
    await forgetLeasesOfLimit(db, found.id);
    return deleteLimit(db, found);
  });
}

function isTagLimit(db: Database, key: TagLimitKey): SQL | undefined {
  const { concurrency_limit_v2: limit } = db.tables;
  if ('tag' in key) return eq(limit.name, limitNameOfTag(key.tag));
  return and(eq(limit.id, key.id), db.dialect.startsWith(limit.name, PREFIX));
}

async function withHolders(db: Database, limits: ConcurrencyLimit[]): Promise<TagLimit[]> {
  const holders = await readHolders(
    db,
    limits.map(({ id }) => id),
  );
  return limits.map((limit) => ({
    id: limit.id,
    created: limit.created,
    updated: limit.updated,
    tag: tagOfLimit(limit),
    concurrency_limit: limit.limit,
    active_slots: holders
      .get(limit.id)!
      .filter(({ type }) => type === 'task_run')
      .map(({ id }) => id),
  }));
}

/** Takes a slot of each of these limits for a task run that gives them back when it ends: nobody renews such a lease. */
export async function takeSlotsForTaskRun(
  db: Database,
  limitIds: string[],
  taskRunId: string,
  waits?: SlotWaits,
): Promise<string | null> {
  if (!(await takeSlots(db, limitIds, 1, waits))) return null;
  return grantLasting(db, limitIds, taskRunId);
}

function grantLasting(db: Database, limitIds: string[], taskRunId: string): Promise<string> {
  const holder = { type: 'task_run', id: taskRunId } as const;
  return grantLease(db, { limitIds, slots: 1, seconds: FOREVER_SECONDS, holder });
}
