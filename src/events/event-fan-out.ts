import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import { onEventsCommitted, type ReceivedEvent } from '../entities/event/event.ts';
import type { Criterion } from '../entities/event/filter.ts';
import { matchesEvent } from '../entities/event/filter-match.ts';
import { latestEventChange, readEventIdsSince, readEventsByIds } from '../entities/event/query.ts';
import { stringifyJson } from '../json/json.ts';
import { FanOut } from './fan-out.ts';

export interface EventSubscriber {
  criteria: Criterion[];
  /** `frame` is the event as /events/out sends it, made once for all subscribers. */
  deliver(event: ReceivedEvent, frame: () => string): void;
}

export function eventFrame(event: ReceivedEvent): string {
  return `{"type":"event","event":${stringifyJson(event)}}`;
}

/** Hands committed events to who asked for them. */
export class EventFanOut extends FanOut<EventSubscriber, ReceivedEvent> {
  private readonly log: Logger;

  constructor(db: Database, log: Logger) {
    super(db, log, {
      table: {
        what: 'events',
        latestChange: () => latestEventChange(db),
        idsSince: (since) => readEventIdsSince(db, since),
        byIds: (ids) => readEventsByIds(db, ids),
      },
      onCommitted: (listener) => onEventsCommitted(db, listener),
    });
    this.log = log;
  }

  protected publish(events: ReceivedEvent[]): void {
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
  private offer(subscriber: EventSubscriber, event: ReceivedEvent, frame: () => string): void {
    try {
      if (matchesEvent(subscriber.criteria, event)) subscriber.deliver(event, frame);
    } catch (error) {
      this.log.error({ err: error, event_id: event.id }, 'an event could not be handed to a listener');
    }
  }
}
