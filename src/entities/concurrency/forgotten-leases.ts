import type { Database } from '../../db/database.ts';
import { lockLimits } from './slots.ts';

/**
 * Forgets who holds slots of a limit, without giving them back. What the same leases hold of other limits they keep:
 * whoever holds it is still running. From then on nobody takes or gives back slots of the limit until the transaction
 * ends. @returns how many slots are held by leases that were granted, or that others were about to end, until then
 */
export async function forgetLeasesOfLimit(db: Database, limitId: string): Promise<number> {
  const { _concurrency_lease: lease } = db.tables;
  const ofLimit = db.dialect.jsonHasAny(lease.limit_ids, [limitId]);
  const select = db.orm.select({ id: lease.id, limit_ids: lease.limit_ids }).from(lease).where(ofLimit);
  // Leases before limits, as who gives back slots has them.
  const leases = await db.dialect.lockRows(select, lease);
  await keepOtherLimits(db, limitId, leases);
  await lockLimits(db, [limitId]);
  const left = await db.orm.select({ slots: lease.slots }).from(lease).where(ofLimit);
  return left.reduce((sum, { slots }) => sum + slots, 0);
}

async function keepOtherLimits(
  db: Database,
  limitId: string,
  leases: { id: string; limit_ids: string[] }[],
): Promise<void> {
  const { _concurrency_lease: lease } = db.tables;
  // Tasks with the same tags have leases of the same limits.
  const byLimits = new Map<string, { limit_ids: string[]; ids: string[] }>();
  for (const { id, limit_ids } of leases) {
    const others = limit_ids.filter((one) => one !== limitId);
    const group = byLimits.get(others.join()) ?? { limit_ids: others, ids: [] };
    group.ids.push(id);
    byLimits.set(others.join(), group);
  }
  for (const { limit_ids, ids } of byLimits.values()) {
    const some = db.dialect.isIn(lease.id, ids);
    if (limit_ids.length === 0) await db.orm.delete(lease).where(some);
    else await db.orm.update(lease).set({ limit_ids }).where(some);
  }
}
