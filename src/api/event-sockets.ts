import type { EventInput } from '../entities/event/event.ts';
import type { EventFilter as Filter } from '../entities/event/filter.ts';
import { EventFanOut } from '../events/event-fan-out.ts';
import { logEvents } from '../events/event-logger.ts';
import { EventQueue } from '../events/event-queue.ts';
import { eventStoreOf } from '../events/event-store.ts';
import { receiveEvents } from '../events/events-in.ts';
import { sendEvents } from '../events/events-out.ts';
import { parseJson } from '../json/json.ts';
import type { Services } from './mount.ts';
import { readFrame } from './read-frame.ts';
import { EventFilter } from './schemas/event-filter.ts';
import { Event } from './schemas/events.ts';
import type { SocketGroup } from './sockets.ts';

/** /events/in and /events/out. */
export function eventSockets({ db, settings, log }: Services): SocketGroup {
  const { maximumSizeBytes, maximumWebsocketBackfill, websocketBackfillPageSize, streamOutEnabled } =
    settings.server.events;
  const store = eventStoreOf(db, log);
  const queue = new EventQueue(store, log);
  const fanOut = streamOutEnabled ? new EventFanOut(db, log) : undefined;
  const stopLogging = settings.server.services.eventLogger.enabled ? logEvents(db, log) : undefined;
  const incoming = { queue, log, parse: parseEvent, maximumBytes: maximumSizeBytes };
  const outgoing = {
    db,
    log,
    fanOut,
    parseFilter: (value: unknown): Filter => readFrame(EventFilter, value),
    maximumBackfill: maximumWebsocketBackfill,
    pageSize: websocketBackfillPageSize,
  };
  return {
    routes: [
      { path: '/events/in', accept: (socket) => receiveEvents(socket, incoming) },
      { path: '/events/out', accept: (socket) => sendEvents(socket, outgoing) },
    ],
    finish: () => queue.close(),
    async close() {
      await fanOut?.close();
      await store.close();
      stopLogging?.();
    },
  };
}

function parseEvent(text: string): EventInput {
  return readFrame(Event, parseJson(text));
}
