import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { DatabaseUnavailable } from '../db/errors.ts';
import type { ReceivedEvent } from '../entities/event/event.ts';
import type { EventStore } from './event-store.ts';

/** On SQLite a batch is written in one go on the main thread: it must not stop the server for long. */
const BATCH = 200;

/** What the sockets may have read beyond what is written. */
const FULL_EVENTS = 5000;
const FULL_BYTES = 32 * 1024 * 1024;

/** What waits in memory is lost when the process is killed: it must not wait for long. */
const LONGEST_PAUSE_MS = 10;

interface Queued {
  event: ReceivedEvent;
  bytes: number;
}

/**
 * Events on their way from the sockets to the database. What comes while the writer is busy gathers into one batch,
 * and that is written as soon as the writer is free, never on a timer.
 */
export class EventQueue {
  private readonly store: EventStore;
  private readonly log: Logger;
  private queued: Queued[] = [];
  private bytes = 0;
  private added = 0;
  private committed = 0;
  private waiting: { until: number; resolve: () => void }[] = [];
  private readonly whenRoom = new Set<() => void>();
  private running: Promise<void> | undefined;
  private giveUp = false;
  /** When requests have had their share of the main thread after the last batch. */
  private freeAt = 0;

  constructor(store: EventStore, log: Logger) {
    this.store = store;
    this.log = log;
  }

  add(event: ReceivedEvent, bytes: number): void {
    this.queued.push({ event, bytes });
    this.bytes += bytes;
    this.added++;
    this.running ??= this.run();
  }

  /** Resolves when everything added so far is in the database; never, when the server stops before that. */
  allCommitted(): Promise<void> {
    if (this.committed === this.added) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ until: this.added, resolve }));
  }

  get isFull(): boolean {
    return this.queued.length >= FULL_EVENTS || this.bytes >= FULL_BYTES;
  }

  /** Calls back once, when there is room again. */
  onRoom(callback: () => void): void {
    this.whenRoom.add(callback);
  }

  /** Writes what is queued; gives up when the database can't be used. */
  async close(): Promise<void> {
    this.giveUp = true;
    await this.running;
  }

  private async run(): Promise<void> {
    while (this.queued.length > 0) {
      await this.turn();
      const batch = this.takeBatch();
      if (!(await this.writeFairly(batch.map(({ event }) => event)))) break;
      this.committed += batch.length;
      this.tellWaiting();
    }
    this.running = undefined;
  }

  private takeBatch(): Queued[] {
    let bytes = 0;
    let count = 0;
    while (count < this.queued.length && count < BATCH && bytes < FULL_BYTES / 8)
      bytes += this.queued[count++]!.bytes;
    this.bytes -= bytes;
    return this.queued.splice(0, count);
  }

  /** Whatever else has arrived by now comes along. */
  private async turn(): Promise<void> {
    const pause = this.freeAt - performance.now();
    if (pause > 0 && !this.giveUp) await sleep(pause);
    else await nextTurn();
  }

  /**
   * A write that nothing else had a turn in has stopped the server meanwhile (SQLite's do). Requests, and sockets with
   * more events, then get as long before the next one, up to a limit.
   */
  private async writeFairly(events: ReceivedEvent[]): Promise<boolean> {
    let othersRan = false;
    setImmediate(() => {
      othersRan = true;
    });
    const began = performance.now();
    const written = await this.write(events);
    const ended = performance.now();
    this.freeAt = othersRan ? 0 : ended + Math.min(ended - began, LONGEST_PAUSE_MS);
    return written;
  }

  /** Tries until the database can be used again. */
  private async write(events: ReceivedEvent[]): Promise<boolean> {
    for (let attempt = 0; ; attempt++) {
      try {
        await this.store.write(events);
        return true;
      } catch (error) {
        if (!(error instanceof DatabaseUnavailable)) {
          this.log.error(
            { err: error, events: events.map(({ id }) => id) },
            'events are dropped: a fault of the server',
          );
          return true;
        }
        if (this.giveUp) {
          this.log.error(
            { events: events.length + this.queued.length },
            'events are left unwritten: no database',
          );
          return false;
        }
        if (attempt === 0) this.log.warn({ reason: error.message }, 'events wait for the database');
        await sleep(Math.min(100 * 2 ** attempt, 2000), undefined, { ref: false });
      }
    }
  }

  private tellWaiting(): void {
    while (this.waiting.length > 0 && this.waiting[0]!.until <= this.committed)
      this.waiting.shift()!.resolve();
    if (this.isFull) return;
    for (const callback of this.whenRoom) {
      this.whenRoom.delete(callback);
      callback();
    }
  }
}
