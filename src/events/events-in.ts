import type { Logger } from 'pino';
import { type EventInput, type ReceivedEvent, receiveEvent } from '../entities/event/event.ts';
import { stringifyJson } from '../json/json.ts';
import type { EventQueue } from './event-queue.ts';
import type { Socket } from './socket.ts';

export interface EventsInOptions {
  queue: EventQueue;
  log: Logger;
  /** @throws Error that says what is wrong with the frame */
  parse: (text: string) => EventInput;
  maximumBytes: number;
}

/** What the server adds to an event before its size counts: the moment of arrival and defaults. */
const ADDED_BYTES = 300;

/**
 * The conversation on /events/in: one event a frame, for ever. A ping asks whether everything before it is safe, since
 * the client forgets its events at the answer: so it is answered when they are committed.
 */
export function receiveEvents(socket: Socket, { queue, log, parse, maximumBytes }: EventsInOptions): void {
  let broken = false;
  socket.onText = (text, bytes) => {
    if (broken) return;
    let event: ReceivedEvent;
    try {
      event = receiveEvent(parse(text));
    } catch (error) {
      broken = true;
      const reason = `Invalid event: ${error instanceof Error ? error.message : String(error)}`;
      log.warn({ reason }, 'an events socket is closed');
      void queue.allCommitted().then(() => socket.close(1007, reason));
      return;
    }
    if (bytes > maximumBytes - ADDED_BYTES && isTooLarge(event, maximumBytes)) {
      log.warn(
        { event_id: event.id, event: event.event.slice(0, 100), bytes },
        'an event is too large and dropped',
      );
      return;
    }
    queue.add(event, bytes);
    if (queue.isFull) {
      socket.pause();
      queue.onRoom(() => socket.resume());
    }
  };
  socket.onPing = (answer) => void queue.allCommitted().then(answer);
}

/** Whether Prefect would refuse to publish the event, which it does without telling the client. */
export function isTooLarge(event: ReceivedEvent, maximumBytes: number): boolean {
  return Buffer.byteLength(stringifyJson(event)) > maximumBytes;
}
