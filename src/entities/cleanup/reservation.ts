import { randomBytes } from 'node:crypto';
import { and, asc, eq, gte, isNull, lt, lte, or, type SQL } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { addSeconds, now } from '../../time/timestamp.ts';
import { type CleanupMessage, type ReservedCleanup, tellCleanupWaits } from './message.ts';

export interface CleanupPolicy {
  leaseSeconds: number;
  /** A message that so many workers have had is given up. */
  mostDeliveries: number;
}

/** What a worker takes. */
export interface CleanupWish {
  poolId: string;
  kinds: readonly string[];
  /** Of these queues only; null for any. */
  queueIds: readonly string[] | null;
}

/**
 * The oldest message that waits and that the worker takes: reserved, so that nobody else gets it until its lease is over.
 * @param giveUp is told of each message that is found to have been tried too often
 */
export async function reserveCleanup(
  db: Database,
  wish: CleanupWish,
  policy: CleanupPolicy,
  giveUp: (message: CleanupMessage) => void,
): Promise<ReservedCleanup | undefined> {
  const { _cleanup_message: message } = db.tables;
  for (;;) {
    const [next] = await db.orm
      .select()
      .from(message)
      .where(wanted(db, wish))
      .orderBy(asc(message.created), asc(message.id))
      .limit(1);
    if (!next) return undefined;
    const asFound = and(eq(message.id, next.id), eq(message.delivery_count, next.delivery_count), waits(db));
    if (next.delivery_count >= policy.mostDeliveries) {
      const gone = await db.orm.delete(message).where(asFound).returning();
      for (const one of gone) giveUp(one);
      continue;
    }
    const [reserved] = await db.orm
      .update(message)
      .set({
        reservation_token: randomBytes(32).toString('base64url'),
        lease_expires_at: addSeconds(now(), policy.leaseSeconds),
        delivery_count: next.delivery_count + 1,
      })
      .where(asFound)
      .returning();
    // Another server was quicker, otherwise.
    if (reserved) return reserved as ReservedCleanup;
  }
}

function wanted(db: Database, { poolId, kinds, queueIds }: CleanupWish): SQL | undefined {
  const { _cleanup_message: message } = db.tables;
  return and(
    eq(message.work_pool_id, poolId),
    db.dialect.isIn(message.kind, [...kinds]),
    queueIds ? db.dialect.isIn(message.work_queue_id, [...queueIds]) : undefined,
    waits(db),
  );
}

/** Nobody has it, or who had it has let its lease run out. */
function waits(db: Database): SQL | undefined {
  const { lease_expires_at } = db.tables._cleanup_message;
  return or(isNull(lease_expires_at), lte(lease_expires_at, now()));
}

/** Those of the pools for which a message waits. */
export async function poolsWithCleanups(db: Database, poolIds: string[]): Promise<string[]> {
  const { _cleanup_message: message } = db.tables;
  const rows = await db.orm
    .selectDistinct({ id: message.work_pool_id })
    .from(message)
    .where(and(db.dialect.isIn(message.work_pool_id, poolIds), waits(db)));
  return rows.map(({ id }) => id);
}

/** Ends leases that ran out, so many at most: the messages wait again, or are given up. */
export async function endCleanupLeases(
  db: Database,
  limit: number,
  { mostDeliveries }: CleanupPolicy,
): Promise<{ waiting: CleanupMessage[]; givenUp: CleanupMessage[] }> {
  const { _cleanup_message: message } = db.tables;
  return db.transaction(async () => {
    const overdue = lte(message.lease_expires_at, now());
    const found = await db.orm
      .select({ id: message.id })
      .from(message)
      .where(overdue)
      .orderBy(asc(message.lease_expires_at))
      .limit(limit);
    const among = and(
      db.dialect.isIn(
        message.id,
        found.map(({ id }) => id),
      ),
      overdue,
    );
    if (found.length === 0) return { waiting: [], givenUp: [] };
    const givenUp = await db.orm
      .delete(message)
      .where(and(among, gte(message.delivery_count, mostDeliveries)))
      .returning();
    const waiting = await db.orm
      .update(message)
      .set({ reservation_token: null, lease_expires_at: null })
      .where(and(among, lt(message.delivery_count, mostDeliveries)))
      .returning();
    for (const poolId of new Set(waiting.map((one) => one.work_pool_id))) tellCleanupWaits(db, poolId);
    return { waiting, givenUp };
  });
}
