import type { LogFilter as Filter } from '../entities/filters/log.ts';
import { LogFanOut } from '../events/log-fan-out.ts';
import { sendLogs } from '../events/logs-out.ts';
import type { Services } from './mount.ts';
import { readFrame } from './read-frame.ts';
import { LogFilter } from './schemas/logs.ts';
import type { SocketGroup } from './sockets.ts';

/** /logs/out. */
export function logSockets({ db, settings, log }: Services): SocketGroup {
  const { streamOutEnabled, streamPublishingEnabled } = settings.server.logs;
  const fanOut = streamOutEnabled && streamPublishingEnabled ? new LogFanOut(db, log) : undefined;
  const options = { log, fanOut, parseFilter: (value: unknown): Filter => readFrame(LogFilter, value) };
  return {
    routes: [{ path: '/logs/out', accept: (socket) => sendLogs(socket, options) }],
    finish: async () => {},
    close: async () => fanOut?.close(),
  };
}
