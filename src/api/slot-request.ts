import type { Database } from '../db/database.ts';
import { grantEmptyLease } from '../entities/concurrency/empty-lease.ts';
import { grantLease, type LeaseHolder } from '../entities/concurrency/lease.ts';
import { type ConcurrencyLimit, readLimitsByName } from '../entities/concurrency/limit.ts';
import type { SlotWaits } from '../entities/concurrency/slot-decay.ts';
import { countRefusal, takeSlots } from '../entities/concurrency/slots.ts';
import { detail, type HttpError } from '../errors.ts';
import { jittered } from '../orchestration/rules/retries.ts';

export interface SlotRequest {
  names: string[];
  slots: number;
  mode: 'concurrency' | 'rate_limit';
  /** With a lease the slots come back when nobody renews it. */
  lease?: { seconds: number; holder: LeaseHolder | null | undefined };
}

/** A limit as the answers about slots name it. */
export type NamedLimit = Pick<ConcurrencyLimit, 'id' | 'name' | 'limit'>;

export const named = ({ id, name, limit }: ConcurrencyLimit): NamedLimit => ({ id, name, limit });

/**
 * Takes slots of all limits of these names that there are; those that are switched off take none.
 * @throws HttpError 423 with Retry-After when there are too few.
 */
export async function requestSlots(
  db: Database,
  request: SlotRequest,
  waits: SlotWaits,
): Promise<{ limits: NamedLimit[]; leaseId: string | null }> {
  const { slots, lease } = request;
  const limits = await readLimitsByName(db, request.names);
  const answer = limits.map(named);
  // A client comes back to a lease only where the answer names a limit.
  if (limits.length === 0) return { limits: [], leaseId: lease ? grantEmptyLease(db, lease.seconds) : null };
  const active = limits.filter((limit) => limit.active);
  requirePossible(active, request);
  const ids = active.map(({ id }) => id);
  const grant = await db.transaction(async () => {
    if (!(await takeSlots(db, ids, slots, waits))) return null;
    const leaseId = lease ? await grantLease(db, { limitIds: ids, slots, ...lease }) : null;
    return { limits: answer, leaseId };
  });
  if (grant) return grant;
  await countRefusal(db, ids, slots, waits);
  throw locked(retryAfter(active, slots, waits));
}

function requirePossible(active: ConcurrencyLimit[], { slots, mode }: SlotRequest): void {
  if (active.some(({ limit }) => limit < slots))
    throw detail(422, 'Slots requested is greater than the limit');
  const lasting = active.filter(({ slot_decay_per_second }) => slot_decay_per_second === 0);
  if (mode === 'rate_limit' && lasting.length > 0) {
    const names = lasting.map(({ name }) => name).join(',');
    throw detail(
      422,
      `Only concurrency limits with slot decay can be used for rate limiting. The following limits do not have a decay configured: '${names}'`,
    );
  }
}

const locked = (seconds: number): HttpError => detail(423, 'Locked', { 'Retry-After': String(seconds) });

/** Seconds until the limit that is most in demand may have these slots, spread so that not all come back at once. */
function retryAfter(limits: ConcurrencyLimit[], slots: number, waits: SlotWaits): number {
  const queue = ({ slot_decay_per_second, denied_slots, limit }: ConcurrencyLimit) =>
    (slots + denied_slots) / (slot_decay_per_second > 0 ? 1 : limit);
  const blocking = limits.reduce((most, limit) => (queue(limit) > queue(most) ? limit : most));
  if (blocking.slot_decay_per_second > 0) {
    return jittered(queue(blocking) / blocking.slot_decay_per_second, JITTER);
  }
  const longest = blocking.name.startsWith('tag:') ? waits.tag : waits.other;
  const perSlot = Math.min(blocking.avg_slot_occupancy_seconds, longest);
  return jittered(Math.min(perSlot * queue(blocking), longest), JITTER);
}

const JITTER = 0.3;
