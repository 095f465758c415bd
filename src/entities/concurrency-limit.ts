import { randomUUID } from 'node:crypto';
import { asc } from 'drizzle-orm';
import type { Database } from '../db/database.ts';
import { addSeconds, now, type Timestamp } from '../time/timestamp.ts';

/** A limit as the answers about slots name it. */
export interface NamedLimit {
  id: string;
  name: string;
  limit: number;
}

/** The limits of these names that there are; those that are switched off take no slots. */
export async function readNamedLimits(
  db: Database,
  names: string[],
): Promise<(NamedLimit & { active: boolean })[]> {
  const { concurrency_limit_v2: limit } = db.tables;
  return db.orm
    .select({ id: limit.id, name: limit.name, limit: limit.limit, active: limit.active })
    .from(limit)
    .where(db.dialect.isIn(limit.name, names))
    .orderBy(asc(limit.name));
}

const leases = new WeakMap<Database, Map<string, Timestamp>>();

/**
 * Leases on no slots: what a client holds, and renews, when none of the limits that it asked for exists. Nothing
 * hangs on one, so they live in memory only.
 */
function leasesOf(db: Database): Map<string, Timestamp> {
  let all = leases.get(db);
  if (!all) {
    all = new Map();
    leases.set(db, all);
  }
  const moment = now();
  // Each is put at the end when it is made or renewed; of leases of one length the first to expire is the first here.
  for (const [id, expiration] of all) {
    if (expiration > moment) break;
    all.delete(id);
  }
  return all;
}

export function grantEmptyLease(db: Database, seconds: number): string {
  const id = randomUUID();
  leasesOf(db).set(id, addSeconds(now(), seconds));
  return id;
}

/** False when the lease has expired, was given back, or never was. */
export function renewEmptyLease(db: Database, id: string, seconds: number): boolean {
  const all = leasesOf(db);
  const expiration = all.get(id);
  all.delete(id);
  if (expiration === undefined || expiration <= now()) return false;
  all.set(id, addSeconds(now(), seconds));
  return true;
}

export function endEmptyLease(db: Database, id: string): void {
  leasesOf(db).delete(id);
}
