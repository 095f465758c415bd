import { and, asc, eq, type SQL, sql } from 'drizzle-orm';
import type { Database, Tables } from '../../db/database.ts';
import { activeSlots, DEFAULT_WAITS, deniedSlots, SHORTEST_OCCUPANCY, type SlotWaits } from './slot-decay.ts';

export type ConcurrencyLimit = Tables['concurrency_limit_v2']['$inferSelect'];

/** The average of how long a slot is held goes over the last uses of each slot, this many of each. */
const SAMPLES_PER_SLOT = 2;

/**
 * Takes this many slots of each limit, or none of any. False when one of them has too few, is switched off or gone.
 * For more than one limit inside a transaction, which holds them until it ends.
 */
export async function takeSlots(
  db: Database,
  ids: string[],
  slots: number,
  waits: SlotWaits = DEFAULT_WAITS,
): Promise<boolean> {
  if (ids.length === 0) return true;
  const { concurrency_limit_v2: limit } = db.tables;
  const isFree = sql`${activeSlots(db)} + ${slots} <= ${limit.limit}`;
  // All of them or none: with the locks in hand nothing changes before the update.
  if (ids.length > 1 && (await lockLimits(db, ids, isFree)).length < ids.length) return false;
  const taken = await db.orm
    .update(limit)
    .set({
      active_slots: sql`${activeSlots(db)} + ${slots}`,
      denied_slots: deniedSlots(db, waits),
      updated: lastChange(db),
    })
    .where(and(db.dialect.isIn(limit.id, ids), eq(limit.active, true), isFree))
    .returning({ id: limit.id });
  return taken.length === ids.length;
}

export interface GivingBack {
  /** For how long the slots were held; it goes into the limit's average. */
  occupancySeconds?: number | undefined;
  waits?: SlotWaits | undefined;
}

/** Gives back this many slots of each limit, also of one that was switched off since; limits that are gone are passed over. */
export async function giveBackSlots(
  db: Database,
  ids: string[],
  slots: number,
  { occupancySeconds, waits = DEFAULT_WAITS }: GivingBack = {},
): Promise<void> {
  if (ids.length === 0) return;
  const { concurrency_limit_v2: limit } = db.tables;
  if (ids.length > 1) await lockLimits(db, ids);
  await db.orm
    .update(limit)
    .set({
      active_slots: db.dialect.greatest(sql.raw('0.0'), sql`${activeSlots(db)} - ${slots}`),
      denied_slots: deniedSlots(db, waits),
      updated: lastChange(db),
      ...(occupancySeconds && { avg_slot_occupancy_seconds: newAverage(db, occupancySeconds / slots) }),
    })
    .where(db.dialect.isIn(limit.id, ids));
}

/**
 * Notes that so many slots were asked for and not there, by which the next ones are told to wait longer. A limit that
 * decays keeps its clock: Prefect starts it anew here, so that clients who ask often enough never get a slot.
 */
export function countRefusal(
  db: Database,
  ids: string[],
  slots: number,
  waits: SlotWaits = DEFAULT_WAITS,
): Promise<void> {
  const { concurrency_limit_v2: limit } = db.tables;
  const decays = sql`${limit.slot_decay_per_second} > 0.0`;
  return db.transaction(async () => {
    if (ids.length > 1) await lockLimits(db, ids);
    await db.orm
      .update(limit)
      .set({
        denied_slots: deniedSlots(db, waits, slots),
        updated: sql`(case when ${decays} then ${limit.updated} else ${lastChange(db)} end)`,
      })
      .where(db.dialect.isIn(limit.id, ids));
  });
}

/** Always in one order, so that two who want the same limits don't wait for each other. */
export function lockLimits(db: Database, ids: string[], condition?: SQL): Promise<{ id: string }[]> {
  const { concurrency_limit_v2: limit } = db.tables;
  const select = db.orm
    .select({ id: limit.id })
    .from(limit)
    .where(and(db.dialect.isIn(limit.id, ids), condition))
    .orderBy(asc(limit.id));
  return db.dialect.lockRows(select, limit);
}

function newAverage({ dialect, tables }: Database, seconds: number): SQL {
  const { concurrency_limit_v2: limit } = tables;
  const perSlot = sql.raw(Math.max(seconds, SHORTEST_OCCUPANCY).toFixed(6));
  const samples = dialect.greatest(sql.raw('1.0'), sql`${limit.limit} * ${sql.raw(`${SAMPLES_PER_SLOT}.0`)}`);
  const average = limit.avg_slot_occupancy_seconds;
  return sql`${average} + (${perSlot} - ${average}) / ${samples}`;
}

/** From it on slots decay. A transaction that waited began before the change that it waited for. */
function lastChange({ dialect, tables }: Database): SQL {
  return dialect.greatest(tables.concurrency_limit_v2.updated, dialect.currentTime);
}
