import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import { DatabaseUnavailable, InvalidValue, unwrapDatabaseError, withoutParameters } from '../db/errors.ts';
import type { ReceivedEvent } from '../entities/event/event.ts';
import { criteriaOf, type EventFilter } from '../entities/event/filter.ts';
import { readEventsAfter } from '../entities/event/query.ts';
import { addSeconds, now, type Timestamp } from '../time/timestamp.ts';
import { type EventFanOut, type EventSubscriber, eventFrame } from './event-fan-out.ts';
import { onFilter } from './filter-frame.ts';
import type { Socket } from './socket.ts';

interface EventsOutOptions {
  db: Database;
  log: Logger;
  /** Absent where the settings switch streaming off: then there is the past only. */
  fanOut: EventFanOut | undefined;
  /** @throws Error that says what is wrong with the filter */
  parseFilter: (value: unknown) => EventFilter;
  /** How many seconds back events may be asked for. */
  maximumBackfill: number;
  pageSize: number;
}

/** Unread bytes at which the past waits, and at which a listener has fallen too far behind. */
const PACE_BYTES = 1024 * 1024;
const TOO_SLOW_BYTES = 16 * 1024 * 1024;

/** New events that a listener may be behind with while it still reads the past. */
const TOO_MANY_WAITING = 20_000;

/** How long after the past an event of it may still arrive as new: read from the table before its commit was told of. */
const REPEAT_MS = 60_000;

/** The conversation on /events/out: one filter from the client, then matching events, the past first. */
export function sendEvents(socket: Socket, options: EventsOutOptions): void {
  onFilter(socket, options.parseFilter, (filter, { backfill }) => {
    const wantsPast = backfill === undefined || Boolean(backfill);
    const within = notBefore(addSeconds(now(), -options.maximumBackfill), filter);
    new Listener(socket, options, { filter: within, wantsPast }).run();
  });
}

function notBefore(earliest: Timestamp, filter: EventFilter): EventFilter {
  const { occurred } = filter;
  return occurred.since < earliest ? { ...filter, occurred: { ...occurred, since: earliest } } : filter;
}

interface Request {
  filter: EventFilter;
  wantsPast: boolean;
}

class Listener implements EventSubscriber {
  readonly criteria;
  private readonly socket: Socket;
  private readonly options: EventsOutOptions;
  private readonly request: Request;
  /** New events, until the past is told. */
  private waiting: { event: ReceivedEvent; frame: () => string }[] | undefined = [];
  private told: Set<string> | undefined = new Set();

  constructor(socket: Socket, options: EventsOutOptions, request: Request) {
    this.socket = socket;
    this.options = options;
    this.request = request;
    this.criteria = criteriaOf(request.filter);
  }

  run(): void {
    this.socket.onClose = () => this.options.fanOut?.remove(this);
    this.tell().catch((error) => this.fail(unwrapDatabaseError(error)));
  }

  private fail(error: unknown): void {
    const { log } = this.options;
    if (error instanceof InvalidValue) {
      log.warn({ reason: error.message }, 'an events socket is closed');
      this.socket.close(1002, `Invalid filter: ${error.message}`);
      return;
    }
    const isOutage = error instanceof DatabaseUnavailable;
    const fields = isOutage ? { reason: error.message } : { err: withoutParameters(error) };
    log.error(fields, 'events could not be sent');
    this.socket.close(1011, 'The events could not be read: connect again.');
  }

  /** Listens before it reads the past, so that nothing falls between the two. */
  private async tell(): Promise<void> {
    await this.options.fanOut?.add(this);
    if (this.request.wantsPast) await this.tellPast();
    const waiting = this.waiting ?? [];
    this.waiting = undefined;
    for (const { event, frame } of waiting) this.deliver(event, frame);
    setTimeout(() => {
      this.told = undefined;
    }, REPEAT_MS).unref();
  }

  private async tellPast(): Promise<void> {
    const { db, pageSize } = this.options;
    let last: ReceivedEvent | null = null;
    while (this.socket.isOpen) {
      const page: ReceivedEvent[] = await db.longRead(() =>
        readEventsAfter(db, this.request.filter, last, pageSize),
      );
      for (const event of page) {
        this.told?.add(event.id);
        this.socket.send(eventFrame(event));
      }
      if (page.length < pageSize) return;
      last = page.at(-1)!;
      await this.untilRead();
    }
  }

  private async untilRead(): Promise<void> {
    while (this.socket.isOpen && this.socket.bufferedBytes > PACE_BYTES) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  deliver(event: ReceivedEvent, frame: () => string): void {
    if (!this.socket.isOpen) return;
    if (this.waiting) {
      this.waiting.push({ event, frame });
      if (this.waiting.length > TOO_MANY_WAITING) this.giveUp();
      return;
    }
    if (this.told?.delete(event.id)) return;
    this.socket.send(frame());
    if (this.socket.bufferedBytes > TOO_SLOW_BYTES) this.giveUp();
  }

  /** The client connects again and asks for what it missed, where Prefect would leave events out without a word. */
  private giveUp(): void {
    this.waiting = undefined;
    this.socket.close(1013, 'Events come faster than they are read: connect again.');
  }
}
