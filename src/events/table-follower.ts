import type { Logger } from 'pino';
import { addSeconds, type Timestamp } from '../time/timestamp.ts';
import { Lookout } from './lookout.ts';

const POLL_MS = 1000;

/**
 * A row carries the moment its transaction began, and may be seen later than one with a later moment: by no more than
 * this, unless a transaction takes longer.
 */
const OVERLAP_SECONDS = 15;

/** How many further polls an id is remembered; more than the overlap has. */
const REMEMBERED_POLLS = 60;

const BEGINNING: Timestamp = '1970-01-01T00:00:00.000000Z';

/** A table that grows, and whose rows don't change in a way that matters. */
export interface GrowingTable<Row extends { id: string }> {
  /** What its rows are, for people. */
  what: string;
  /** When its youngest row was written. */
  latestChange(): Promise<Timestamp | undefined>;
  /** In the order of writing. */
  idsSince(since: Timestamp): Promise<{ id: string; updated: Timestamp }[]>;
  byIds(ids: string[]): Promise<Row[]>;
}

/** Finds the rows that other servers on the same database have committed, while somebody wants them. */
export class TableFollower<Row extends { id: string }> {
  private readonly table: GrowingTable<Row>;
  private readonly log: Logger;
  private readonly publish: (rows: Row[]) => void;
  private readonly seen = new Map<string, number>();
  private polls = 0;
  private latest: Timestamp = BEGINNING;
  private lookout: Lookout | undefined;
  private started: Promise<void> | undefined;

  constructor(table: GrowingTable<Row>, log: Logger, publish: (rows: Row[]) => void) {
    this.table = table;
    this.log = log;
    this.publish = publish;
  }

  /** Resolves when what is in the table has been noted as old. */
  start(): Promise<void> {
    this.started ??= this.begin();
    return this.started;
  }

  async stop(): Promise<void> {
    this.started = undefined;
    await this.lookout?.stop();
    this.seen.clear();
  }

  /** Those that weren't published yet; from now on they count as published. */
  unseen(rows: Row[]): Row[] {
    const fresh = rows.filter(({ id }) => !this.seen.has(id));
    for (const { id } of fresh) this.seen.set(id, this.polls);
    return fresh;
  }

  private async begin(): Promise<void> {
    try {
      this.latest = (await this.table.latestChange()) ?? BEGINNING;
      for (const { id } of await this.readIds()) this.seen.set(id, this.polls);
    } catch (error) {
      this.started = undefined;
      throw error;
    }
    this.lookout = new Lookout(
      POLL_MS,
      () => this.poll(),
      // The next poll reads the same span again.
      (error) => this.log.warn({ err: error }, `${this.table.what} of other servers could not be read`),
    );
  }

  private readIds(): Promise<{ id: string; updated: Timestamp }[]> {
    const since = this.latest === BEGINNING ? BEGINNING : addSeconds(this.latest, -OVERLAP_SECONDS);
    return this.table.idsSince(since);
  }

  private async poll(): Promise<void> {
    this.polls++;
    try {
      const rows = await this.readIds();
      const ids = rows.filter(({ id }) => !this.seen.has(id)).map(({ id }) => id);
      if (ids.length > 0) this.publish(this.unseen(await this.table.byIds(ids)));
      this.latest = rows.at(-1)?.updated ?? this.latest;
    } finally {
      this.forget();
    }
  }

  private forget(): void {
    for (const [id, poll] of this.seen) {
      if (poll > this.polls - REMEMBERED_POLLS) break;
      this.seen.delete(id);
    }
  }
}
