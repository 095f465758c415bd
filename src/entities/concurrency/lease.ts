import { and, asc, eq, gt, inArray, lt, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { Database, Tables } from '../../db/database.ts';
import { prepared } from '../../db/prepared.ts';
import { addSeconds, now, secondsBetween, type Timestamp } from '../../time/timestamp.ts';
import { uuid7 } from '../../time/uuid7.ts';
import type { SlotWaits } from './slot-decay.ts';
import { giveBackSlots } from './slots.ts';

export type ConcurrencyLease = Tables['_concurrency_lease']['$inferSelect'];

export interface LeaseHolder {
  type: 'flow_run' | 'task_run' | 'deployment';
  id: string;
}

/** Of leases that nobody renews and only the end of a run ends: a hundred years, as in Prefect. */
export const FOREVER_SECONDS = 100 * 365 * 86_400;

/** The longest lease that a client can ask for. Whatever lasts longer is the server's to end. */
const LONGEST_OF_CLIENTS_SECONDS = 86_400;

export interface LeaseGrant {
  limitIds: string[];
  slots: number;
  seconds: number;
  holder?: LeaseHolder | null | undefined;
}

/** For slots that were just taken, in the same transaction. Gives back the lease's id. */
export async function grantLease(
  db: Database,
  { limitIds, slots, seconds, holder }: LeaseGrant,
): Promise<string> {
  const id = uuid7();
  const created = now();
  await db.orm.insert(db.tables._concurrency_lease).values({
    id,
    created,
    expiration: addSeconds(created, seconds),
    limit_ids: limitIds,
    slots,
    holder_type: holder?.type ?? null,
    holder_id: holder?.id ?? null,
  });
  return id;
}

const renewal = prepared(({ orm, tables: { _concurrency_lease: lease } }) =>
  orm
    .update(lease)
    .set({ expiration: sql`${sql.param(sql.placeholder('expiration'), lease.expiration)}` })
    .where(
      and(
        eq(lease.id, sql.placeholder('id')),
        lt(lease.expiration, sql.param(sql.placeholder('lasting'), lease.expiration)),
      ),
    )
    .returning({ id: lease.id })
    .prepare('renew_concurrency_lease'),
);

/**
 * Also one that has run out, as long as nobody has taken its slots away. False when there is no such lease, or it is
 * one that nobody has to renew, which would shorten it.
 */
export async function renewLease(db: Database, id: string, seconds: number): Promise<boolean> {
  const moment = now();
  const lasting = lastingFrom(moment);
  const rows = await renewal(db).execute({ id, lasting, expiration: addSeconds(moment, seconds) });
  return rows.length > 0;
}

/** From now on nobody has to renew it. */
export async function keepLease(db: Database, id: string): Promise<void> {
  const { _concurrency_lease: lease } = db.tables;
  const expiration = addSeconds(now(), FOREVER_SECONDS);
  await db.orm.update(lease).set({ expiration }).where(eq(lease.id, id));
}

const lastingFrom = (moment: Timestamp): Timestamp => addSeconds(moment, LONGEST_OF_CLIENTS_SECONDS + 60);

export interface EndingLeases {
  /** Whether for how long the slots were held goes into the averages of their limits. */
  countsOccupancy?: boolean;
  waits?: SlotWaits;
}

/** Ends a lease and gives back its slots, in one transaction: each lease gives them back once. False when there is no such lease. */
export async function endLease(db: Database, id: string, options: EndingLeases = {}): Promise<boolean> {
  return (await endLeases(db, eq(db.tables._concurrency_lease.id, id), options)) > 0;
}

/** Ends the leases by which a run holds slots of any of these limits. */
export function endLeasesOfHolder(
  db: Database,
  holderId: string,
  limitIds: string[],
  options: EndingLeases = {},
): Promise<number> {
  const { _concurrency_lease: lease } = db.tables;
  const ofLimits = db.dialect.jsonHasAny(lease.limit_ids, limitIds);
  return endLeases(db, and(eq(lease.holder_id, holderId), ofLimits)!, options);
}

/** Ends what these hold without having to renew it. */
export function endLastingLeases(db: Database, holders: SQLWrapper): Promise<number> {
  return endLastingLeasesWhere(db, inArray(db.tables._concurrency_lease.holder_id, holders));
}

export function endLastingLeasesWhere(db: Database, condition: SQL): Promise<number> {
  const lasting = gt(db.tables._concurrency_lease.expiration, lastingFrom(now()));
  return endLeases(db, and(lasting, condition)!);
}

/** Those of these leases that there are. */
export function endAllLeases(db: Database, ids: string[]): Promise<number> {
  return endLeases(db, db.dialect.isIn(db.tables._concurrency_lease.id, ids));
}

/** Ends leases that have run out, the oldest first, at most `most`: who holds them is dead. How many there were. */
export async function endExpiredLeases(db: Database, most: number, waits?: SlotWaits): Promise<number> {
  const { _concurrency_lease: lease } = db.tables;
  const hasExpired = lt(lease.expiration, now());
  const expired = await db.orm
    .select({ id: lease.id })
    .from(lease)
    .where(hasExpired)
    .orderBy(asc(lease.expiration))
    .limit(most);
  let ended = 0;
  // Each in a transaction of its own, and only if it still has run out: its holder may have renewed it meanwhile.
  for (const { id } of expired) {
    const condition = and(eq(lease.id, id), hasExpired)!;
    ended += await endLeases(db, condition, { countsOccupancy: true, ...(waits && { waits }) });
  }
  return ended;
}

/** The runs and deployments that hold slots of these limits now, by limit, in the order in which they got them. */
export async function readHolders(db: Database, limitIds: string[]): Promise<Map<string, LeaseHolder[]>> {
  const holders = new Map<string, LeaseHolder[]>(limitIds.map((id) => [id, []]));
  if (limitIds.length === 0) return holders;
  const { _concurrency_lease: lease } = db.tables;
  const leases = await db.orm
    .select({ limit_ids: lease.limit_ids, type: lease.holder_type, id: lease.holder_id })
    .from(lease)
    .where(and(gt(lease.expiration, now()), db.dialect.jsonHasAny(lease.limit_ids, limitIds)))
    .orderBy(asc(lease.created));
  for (const { limit_ids, type, id } of leases) {
    if (type === null || id === null) continue;
    for (const limitId of limit_ids) holders.get(limitId)?.push({ type: type as LeaseHolder['type'], id });
  }
  return holders;
}

function endLeases(
  db: Database,
  condition: SQL,
  { countsOccupancy = false, waits }: EndingLeases = {},
): Promise<number> {
  return db.transaction(async () => {
    const ended = await deleteLeases(db, condition);
    const moment = now();
    for (const { limit_ids, slots, created } of ended) {
      const occupancySeconds = countsOccupancy ? secondsBetween(created, moment) : undefined;
      await giveBackSlots(db, limit_ids, slots, { occupancySeconds, waits });
    }
    return ended.length;
  });
}

/** Deleting is what makes a lease end once, whoever else wants to end it. */
function deleteLeases(db: Database, condition: SQL): Promise<ConcurrencyLease[]> {
  return db.orm.delete(db.tables._concurrency_lease).where(condition).returning();
}
