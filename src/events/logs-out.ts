import type { Logger } from 'pino';
import { unwrapDatabaseError, withoutParameters } from '../db/errors.ts';
import type { LogFilter } from '../entities/filters/log.ts';
import { onFilter } from './filter-frame.ts';
import type { LogFanOut } from './log-fan-out.ts';
import type { Socket } from './socket.ts';

interface LogsOutOptions {
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
  onFilter(socket, options.parseFilter, (filter) => listen(socket, filter, options));
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
