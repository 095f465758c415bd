import type { Database } from '../../db/database.ts';
import type { SlotWaits } from './slot-decay.ts';
import { giveBackSlots, lockLimits } from './slots.ts';

/**
 * Whether this server granted a lease, going by its id. Prefect's, of version 4, were kept in its memory: of an adopted
 * run's only the id is left.
 */
export const isOurLease = (leaseId: string | null): boolean => leaseId?.[14] === '7';

/**
 * Gives back up to so many slots of each limit, of those for which no lease speaks: taken by Prefect's server before its
 * database was adopted, by a client without leases, or by hand. A slot under a lease is somebody's.
 */
export function giveBackUnleased(
  db: Database,
  most: ReadonlyMap<string, number>,
  waits?: SlotWaits,
): Promise<void> {
  return db.transaction(async () => {
    const unleased = await unleasedSlots(db, [...most.keys()]);
    const limitsBySlots = new Map<number, string[]>();
    for (const [id, wanted] of most) {
      const slots = Math.min(wanted, unleased.get(id) ?? 0);
      if (slots > 0) limitsBySlots.set(slots, [...(limitsBySlots.get(slots) ?? []), id]);
    }
    for (const [slots, ids] of limitsBySlots) await giveBackSlots(db, ids, slots, { waits });
  });
}

/** Nobody takes or gives back slots of these limits from then on, until the transaction ends. */
async function unleasedSlots(db: Database, ids: string[]): Promise<Map<string, number>> {
  const { concurrency_limit_v2: limit, _concurrency_lease: lease } = db.tables;
  await lockLimits(db, ids);
  const limits = await db.orm
    .select({ id: limit.id, slots: limit.active_slots })
    .from(limit)
    .where(db.dialect.isIn(limit.id, ids));
  const unleased = new Map(limits.map(({ id, slots }) => [id, slots]));
  const leases = await db.orm
    .select({ limit_ids: lease.limit_ids, slots: lease.slots })
    .from(lease)
    .where(db.dialect.jsonHasAny(lease.limit_ids, ids));
  for (const { limit_ids, slots } of leases) {
    for (const id of limit_ids) unleased.set(id, (unleased.get(id) ?? 0) - slots);
  }
  return unleased;
}
