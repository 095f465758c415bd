import { randomUUID } from 'node:crypto';
import type { Database } from '../../db/database.ts';
import { addSeconds, now, type Timestamp } from '../../time/timestamp.ts';

const leases = new WeakMap<Database, Map<string, Timestamp>>();

/**
 * Leases on no slots: what every task with tags gets when none of its tags has a limit. Nothing hangs on one, and
 * clients don't come back to it, so they live in memory only.
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

/** False when there is none. */
export function endEmptyLease(db: Database, id: string): boolean {
  return leasesOf(db).delete(id);
}
