import { and, eq, gt, gte, lt, type SQL } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { addSeconds, now, type Timestamp } from '../../time/timestamp.ts';
import { type CleanupMessage, tellCleanupWaits } from './message.ts';
import type { CleanupPolicy } from './reservation.ts';

export type CleanupOperation = 'ack' | 'release' | 'renew';

/** What a worker says of a message that it has. */
export interface CleanupAnswer {
  operation: CleanupOperation;
  poolId: string;
  messageId: string;
  token: string;
}

export interface CleanupResult {
  status:
    | 'accepted'
    | 'not_current'
    | 'not_found'
    | 'expired'
    | 'invalid_token'
    | 'unauthorized'
    | 'dead_lettered'
    | 'error';
  reason: string | null;
  lease_expires_at: Timestamp | null;
  /** The message, when this was the last try. */
  givenUp?: CleanupMessage;
}

const accepted = (lease_expires_at: Timestamp | null = null): CleanupResult => ({
  status: 'accepted',
  reason: null,
  lease_expires_at,
});
const refused = (status: CleanupResult['status'], reason: string): CleanupResult => ({
  status,
  reason,
  lease_expires_at: null,
});
const lastTry = (givenUp: CleanupMessage): CleanupResult => ({
  ...refused('dead_lettered', 'max_delivery_attempts_reached'),
  givenUp,
});

/** Does what a worker says, if it still has the message; otherwise tells why not, as Prefect tells it. */
export function operateCleanup(
  db: Database,
  answer: CleanupAnswer,
  policy: CleanupPolicy,
): Promise<CleanupResult> {
  return db.transaction(async () => (await tried(db, answer, policy)) ?? whyNot(db, answer, policy));
}

function isHeld(db: Database, { poolId, messageId, token }: CleanupAnswer): SQL | undefined {
  const { _cleanup_message: message } = db.tables;
  return and(
    eq(message.id, messageId),
    eq(message.work_pool_id, poolId),
    eq(message.reservation_token, token),
    gt(message.lease_expires_at, now()),
  );
}

async function tried(
  db: Database,
  answer: CleanupAnswer,
  policy: CleanupPolicy,
): Promise<CleanupResult | undefined> {
  const { _cleanup_message: message } = db.tables;
  const held = isHeld(db, answer);
  if (answer.operation === 'ack') {
    const [done] = await db.orm.delete(message).where(held).returning({ id: message.id });
    return done && accepted();
  }
  if (answer.operation === 'renew') {
    const until = addSeconds(now(), policy.leaseSeconds);
    const [renewed] = await db.orm
      .update(message)
      .set({ lease_expires_at: until })
      .where(held)
      .returning({ until: message.lease_expires_at });
    return renewed && accepted(renewed.until);
  }
  return givenBack(db, held, answer.poolId, policy);
}

/** It waits again, or is given up. */
async function givenBack(
  db: Database,
  which: SQL | undefined,
  poolId: string,
  { mostDeliveries }: CleanupPolicy,
): Promise<CleanupResult | undefined> {
  const { _cleanup_message: message } = db.tables;
  const [freed] = await db.orm
    .update(message)
    .set({ reservation_token: null, lease_expires_at: null })
    .where(and(which, lt(message.delivery_count, mostDeliveries)))
    .returning({ id: message.id });
  if (freed) {
    tellCleanupWaits(db, poolId);
    return accepted();
  }
  const [gone] = await db.orm
    .delete(message)
    .where(and(which, gte(message.delivery_count, mostDeliveries)))
    .returning();
  return gone && lastTry(gone);
}

async function whyNot(
  db: Database,
  { poolId, messageId, token }: CleanupAnswer,
  policy: CleanupPolicy,
): Promise<CleanupResult> {
  const { _cleanup_message: message } = db.tables;
  const [found] = await db.orm.select().from(message).where(eq(message.id, messageId));
  if (!found) return refused('not_found', 'message_not_found');
  if (found.work_pool_id !== poolId) return refused('unauthorized', 'work_pool_mismatch');
  if (found.reservation_token === null) return refused('not_current', 'no_active_reservation');
  if (found.reservation_token !== token) return refused('invalid_token', 'reservation_token_mismatch');
  const overdue = and(eq(message.id, messageId), eq(message.reservation_token, token));
  const ended = await givenBack(db, overdue, poolId, policy);
  return ended?.givenUp ? ended : refused('expired', 'lease_expired');
}
