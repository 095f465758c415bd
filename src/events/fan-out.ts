import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import { onEventsCommitted, type ReceivedEvent } from '../entities/event/event.ts';
import type { Criterion } from '../entities/event/filter.ts';
import { matchesEvent } from '../entities/event/filter-match.ts';
import { latestEventChange, readEventIdsSince, readEventsByIds } from '../entities/event/query.ts';
import { stringifyJson } from '../json/json.ts';
import { type GrowingTable, TableFollower } from './table-follower.ts';

export interface Subscriber {
  criteria: Criterion[];
  /** `frame` is the event as /events/out sends it, made once for all subscribers. */
  deliver(event: ReceivedEvent, frame: () => string): void;
}

export function eventFrame(event: ReceivedEvent): string {
  return `{"type":"event","event":${stringifyJson(event)}}`;
}

function eventTable(db: Database): GrowingTable<ReceivedEvent> {
  return {
    what: 'events',
    latestChange: () => latestEventChange(db),
    idsSince: (since) => readEventIdsSince(db, since),
    byIds: (ids) => readEventsByIds(db, ids),
  };
}

/** Hands committed events to who asked for them: this server's right after the commit, other servers' from the table. */
export class FanOut {
  private readonly log: Logger;
  private readonly subscribers = new Set<Subscriber>();
  private readonly follower: TableFollower<ReceivedEvent> | undefined;
  private settling: Promise<void> = Promise.resolve();
  private readonly stopListening: () => void;

  constructor(db: Database, log: Logger) {
    this.log = log;
    this.stopListening = onEventsCommitted(db, (events) => {
      if (this.subscribers.size > 0) this.publish(this.follower?.unseen(events) ?? events);
    });
    if (db.dialect.servesMany)
      this.follower = new TableFollower(eventTable(db), log, (events) => this.publish(events));
  }

  /** Resolves when every event that is committed from now on will be delivered. */
  add(subscriber: Subscriber): Promise<void> {
    this.subscribers.add(subscriber);
    return this.settle();
  }

  remove(subscriber: Subscriber): void {
    this.subscribers.delete(subscriber);
    this.settle().catch(() => {});
  }

  /** The table is followed while somebody listens; one change after the other, since each takes its time. */
  private settle(): Promise<void> {
    const turn = () => (this.subscribers.size > 0 ? this.follower?.start() : this.follower?.stop());
    this.settling = this.settling.catch(() => {}).then(turn);
    return this.settling;
  }

  private publish(events: ReceivedEvent[]): void {
    for (const event of events) {
      let text: string | undefined;
      const frame = () => {
        text ??= eventFrame(event);
        return text;
      };
      for (const subscriber of this.subscribers) this.offer(subscriber, event, frame);
    }
  }

  /** What goes wrong with one listener is nothing to the others, nor to whoever committed the event. */
  private offer(subscriber: Subscriber, event: ReceivedEvent, frame: () => string): void {
    try {
      if (matchesEvent(subscriber.criteria, event)) subscriber.deliver(event, frame);
    } catch (error) {
      this.log.error({ err: error, event_id: event.id }, 'an event could not be handed to a listener');
    }
  }

  async close(): Promise<void> {
    this.stopListening();
    this.subscribers.clear();
    await this.settle();
  }
}
