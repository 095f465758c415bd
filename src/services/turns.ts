import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Database } from '../db/database.ts';
import { addServices, endTurn, keepTurn, takeTurn } from '../entities/service-turn.ts';
import { addSeconds, now } from '../time/timestamp.ts';

/** Who does the next turn of a service. */
export interface Turns {
  /** Whether it is ours; otherwise the seconds until it may be. */
  take(name: string, intervalSeconds: number): Promise<{ taken: boolean; dueIn: number }>;
  /** While a turn lasts. False: it isn't ours any more. */
  keep(name: string): Promise<boolean>;
  end(name: string, nextInSeconds: number, failure: string | null): Promise<void>;
}

/** A server that dies leaves its turn for so long; one that lives says every `KEEP_EVERY_MS` that it does. */
const HELD_SECONDS = 60;
export const KEEP_EVERY_MS = 15_000;

/** Shared with every server on the database where there may be several; otherwise nothing is written for a turn. */
export function turnsOf(db: Database): Turns {
  return db.dialect.servesMany ? new SharedTurns(db) : ownTurns;
}

const ownTurns: Turns = {
  take: async () => ({ taken: true, dueIn: 0 }),
  keep: async () => true,
  end: async () => {},
};

class SharedTurns implements Turns {
  private readonly db: Database;
  private readonly holder = `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`;
  private readonly known = new Set<string>();

  constructor(db: Database) {
    this.db = db;
  }

  async take(name: string, intervalSeconds: number): Promise<{ taken: boolean; dueIn: number }> {
    if (!this.known.has(name)) await addServices(this.db, [name]);
    this.known.add(name);
    const furthest = 2 * intervalSeconds + 2 * HELD_SECONDS;
    return takeTurn(this.db, name, this.holder, { seconds: HELD_SECONDS, furthest });
  }

  keep(name: string): Promise<boolean> {
    return keepTurn(this.db, name, this.holder, HELD_SECONDS);
  }

  async end(name: string, nextInSeconds: number, failure: string | null): Promise<void> {
    await endTurn(this.db, name, this.holder, { due: addSeconds(now(), nextInSeconds), failure });
  }
}
