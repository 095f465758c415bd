import { and, eq, gt, lte, or } from 'drizzle-orm';
import type { Database, Tables } from '../db/database.ts';
import { addSeconds, now, secondsBetween, type Timestamp } from '../time/timestamp.ts';

export type ServiceRow = Tables['_service']['$inferSelect'];

/** Makes the rows of services that have none; a new one's turn is due at once. */
export async function addServices(db: Database, names: string[]): Promise<void> {
  if (names.length === 0) return;
  const due = now();
  await db.orm
    .insert(db.tables._service)
    .values(names.map((name) => ({ name, due })))
    .onConflictDoNothing();
}

export interface Claim {
  /** How long the turn is the holder's. */
  seconds: number;
  /** Nobody means a turn to be further off than this: who wrote that had another interval, or a clock that was wrong. */
  furthest: number;
}

/**
 * Takes the turn that is due: of any number of servers that ask, one gets it. One statement on any connection, so that
 * it doesn't matter what pools connections in between. Otherwise the seconds until it is due.
 */
export async function takeTurn(
  db: Database,
  name: string,
  holder: string,
  { seconds, furthest }: Claim,
): Promise<{ taken: boolean; dueIn: number }> {
  const { _service: service } = db.tables;
  const moment = now();
  const taken = await db.orm
    .update(service)
    .set({ holder, due: addSeconds(moment, seconds), started: moment })
    .where(
      and(
        eq(service.name, name),
        or(lte(service.due, moment), gt(service.due, addSeconds(moment, furthest))),
      ),
    )
    .returning({ name: service.name });
  if (taken.length > 0) return { taken: true, dueIn: 0 };
  const [row] = await db.orm.select({ due: service.due }).from(service).where(eq(service.name, name));
  // A row that is gone was deleted by hand.
  if (!row) await addServices(db, [name]);
  return { taken: false, dueIn: row ? Math.max(0, secondsBetween(moment, row.due)) : 0 };
}

/** False when somebody else has the turn by now. */
export async function keepTurn(
  db: Database,
  name: string,
  holder: string,
  seconds: number,
): Promise<boolean> {
  const { _service: service } = db.tables;
  const kept = await db.orm
    .update(service)
    .set({ due: addSeconds(now(), seconds) })
    .where(and(eq(service.name, name), eq(service.holder, holder)))
    .returning({ name: service.name });
  return kept.length > 0;
}

export async function endTurn(
  db: Database,
  name: string,
  holder: string,
  { due, failure }: { due: Timestamp; failure: string | null },
): Promise<void> {
  const { _service: service } = db.tables;
  await db.orm
    .update(service)
    .set({ holder: null, due, failure, finished: now() })
    .where(and(eq(service.name, name), eq(service.holder, holder)));
}

export function readServices(db: Database): Promise<ServiceRow[]> {
  return Promise.resolve(db.orm.select().from(db.tables._service).orderBy(db.tables._service.name));
}
