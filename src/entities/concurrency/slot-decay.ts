import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';

/** The longest that a client is told to wait for a slot, in seconds; refusals are forgotten at that pace, too. */
export interface SlotWaits {
  /** For the limits of tags, `tag:<tag>`. */
  readonly tag: number;
  readonly other: number;
}

/** As Prefect's settings are when nobody sets them. */
export const DEFAULT_WAITS: SlotWaits = { tag: 10, other: 30 };

/** How short a slot can have been held for the average. */
export const SHORTEST_OCCUPANCY = 0.1;

/** No more refusals are counted than the column of PostgreSQL holds. */
const MOST = 2_147_483_647;

/**
 * The slots of a limit that are taken now. A rate limit gives them back by itself, whole ones only; what is left of a
 * fraction is lost with each change of the limit, as in Prefect.
 */
export function activeSlots(db: Database): SQL<number> {
  const { concurrency_limit_v2: limit } = db.tables;
  return decayed(db, sql`${limit.active_slots}`, sql`${limit.slot_decay_per_second}`);
}

/**
 * How many slots were refused lately. Of a limit that doesn't decay they are forgotten one by one, each in the time
 * for which a slot is held on average.
 */
export function deniedSlots(db: Database, waits: SlotWaits, more = 0): SQL<number> {
  const { dialect, tables } = db;
  const { concurrency_limit_v2: limit } = tables;
  const longest = sql`(case when ${dialect.startsWith(limit.name, 'tag:')} then ${real(waits.tag)} else ${real(waits.other)} end)`;
  const average = limit.avg_slot_occupancy_seconds;
  const occupancy = sql`(case when ${average} < ${longest} then ${average} else ${longest} end)`;
  const perSecond = sql`(case when ${limit.slot_decay_per_second} > 0.0 then ${limit.slot_decay_per_second}
    else 1.0 / ${dialect.greatest(real(SHORTEST_OCCUPANCY), occupancy)} end)`;
  const left = sql`${decayed(db, sql`${limit.denied_slots}`, perSecond)} + ${real(more)}`;
  return sql`(case when ${left} > ${real(MOST)} then ${real(MOST)} else ${left} end)`;
}

/** A number as it stands in the text of a statement: PostgreSQL would take a parameter for a whole one beside those. */
const real = (value: number): SQL => sql.raw(value.toFixed(6));

/** Faster than any limit is; a larger number would overflow with the seconds. */
const FASTEST = real(1e9);

function decayed({ dialect, tables }: Database, slots: SQL, perSecond: SQL): SQL<number> {
  const { updated } = tables.concurrency_limit_v2;
  // On PostgreSQL a transaction that waited for another one began before the other one's change.
  const seconds = dialect.greatest(real(0), dialect.secondsBetween(updated, dialect.currentTime));
  const rate = sql`(case when ${perSecond} > ${FASTEST} then ${FASTEST} else ${perSecond} end)`;
  return sql<number>`${dialect.greatest(real(0), sql`${slots} - floor(${rate} * ${seconds})`)}`;
}
