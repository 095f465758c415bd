import { type DestinationStream, destination, type Logger, pino, stdTimeFunctions } from 'pino';
import type { Settings } from './settings/settings.ts';

/** Python's names, which the settings have, and pino's. */
const LEVELS: Record<Settings['server']['loggingLevel'], string> = {
  DEBUG: 'debug',
  INFO: 'info',
  WARNING: 'warn',
  ERROR: 'error',
  CRITICAL: 'fatal',
};

const STDERR = 2;

/** The server's log on stderr: readable in a terminal, otherwise one JSON line each. Stdout is for data alone. */
export async function createLog(settings: Settings): Promise<Logger> {
  const level = LEVELS[settings.server.loggingLevel];
  return process.stderr.isTTY ? pino({ level, base: null }, await prettyStream()) : jsonLog(level);
}

function jsonLog(level: string): Logger {
  // Written at once, so that no line is lost when the process ends, however it does.
  const stream = destination({ dest: STDERR, sync: true });
  // Whoever read our log may be gone; that's no reason to stop serving.
  stream.on('error', () => {});
  const options = { level, base: { pid: process.pid }, timestamp: stdTimeFunctions.isoTime };
  return pino({ ...options, formatters: { level: (label) => ({ level: label }) } }, stream);
}

async function prettyStream(): Promise<DestinationStream> {
  const { default: pretty } = await import('pino-pretty');
  return pretty({
    destination: STDERR,
    sync: true,
    colorize: !process.env['NO_COLOR'],
    ignore: 'pid,hostname,module',
    translateTime: 'SYS:HH:MM:ss.l',
    messageFormat: '{if module}{module}: {end}{msg}',
  });
}
