import type { Logger } from 'pino';
import { unwrapDatabaseError, withoutParameters } from '../db/errors.ts';
import type { LogFilter } from '../entities/filters/log.ts';
import type { LogFanOut } from './log-fan-out.ts';
import type { Socket } from './socket.ts';

export interface LogsOutOptions {
  log: Logger;
  /** Absent where the settings switch streaming off: as in Prefect the socket is there, and says nothing. */
  fanOut: LogFanOut | undefined;
  /** @throws Error that says what is wrong with the filter */
  parseFilter: (value: unknown) => LogFilter;
}

/** Unread bytes at which a listener misses logs, as one of Prefect's does; what it missed stands in the table. */
const TOO_SLOW_BYTES = 4 * 1024 * 1024;

/** The conversation on /logs/out: one filter from the client, then the logs that match it, from now on. */
export function sendLogs(socket: Socket, options: LogsOutOptions): void {
  socket.onText = (text) => {
    socket.onText = () => {};
    const filter = readFilter(text, options);
    if (typeof filter === 'string') socket.close(1002, filter);
    else listen(socket, filter, options);
  };
}

function readFilter(text: string, { parseFilter }: LogsOutOptions): LogFilter | string {
  let message: { type?: unknown; filter?: unknown } | null;
  try {
    message = JSON.parse(text);
  } catch {
    return "Expected a JSON object of the type 'filter'";
  }
  if (message?.type !== 'filter') return "Expected 'filter' message";
  try {
    return parseFilter(message.filter);
  } catch (error) {
    return `Invalid filter: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function listen(socket: Socket, filter: LogFilter, { log, fanOut }: LogsOutOptions): void {
  if (!fanOut) return;
  const subscriber = {
    filter,
    deliver(frame: string) {
      if (socket.isOpen && socket.bufferedBytes < TOO_SLOW_BYTES) socket.send(frame);
    },
  };
  socket.onClose = () => fanOut.remove(subscriber);
  fanOut.add(subscriber).catch((error: unknown) => {
    log.error({ err: withoutParameters(unwrapDatabaseError(error)) }, 'logs could not be sent');
    socket.close(1011, 'The logs could not be read: connect again.');
  });
}
