import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { App } from '../api/app.ts';
import type { Database } from '../db/database.ts';
import type { Runner } from '../services/runner.ts';

/** What is stopped, in this order. */
export interface Running {
  app: App;
  services: Pick<Runner, 'stop'>;
  db: Pick<Database, 'close'>;
}

/** Requests in flight get so long; whoever supervises us waits about five seconds before it kills. */
const CUT_OFF_MS = 3_000;
const GIVE_UP_MS = 4_700;
const ENDED_BY_SIGNAL_MS = 100;

type Signal = 'SIGINT' | 'SIGTERM';

/** Resolves when a signal has come and everything is closed. A second signal ends the process at once. */
export function stopOnSignal(log: Logger, running: Running): Promise<void> {
  return new Promise((resolve, reject) => {
    let stopping = false;
    // Leaving by ourselves would wait for the statement that a reading thread is in; a signal waits for nothing.
    const endBy = (signal: Signal): void => {
      process.off(signal, onSignal);
      process.kill(process.pid, signal);
      // The first process of a container doesn't end by a signal.
      setTimeout(() => process.exit(128 + constants.signals[signal]), ENDED_BY_SIGNAL_MS);
    };
    const onSignal = (signal: Signal): void => {
      if (stopping) {
        endBy(signal);
        return;
      }
      stopping = true;
      log.info(`${signal}: finishing what is in flight`);
      const giveUp = setTimeout(() => {
        log.error('Not everything could be closed in time');
        endBy(signal);
      }, GIVE_UP_MS);
      stop(log, running)
        .finally(() => clearTimeout(giveUp))
        .then(resolve, reject);
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
}

async function stop(log: Logger, { app, services, db }: Running): Promise<void> {
  const { server } = app;
  // Connections are kept for the next request: those that get one are told to close, those that don't are closed.
  server.prependListener('request', (_request, response) => response.setHeader('connection', 'close'));
  const sweep = setInterval(() => server.closeIdleConnections(), 20);
  const cutOff = setTimeout(() => {
    log.warn('Cutting off requests that took too long to finish');
    server.closeAllConnections();
  }, CUT_OFF_MS);
  try {
    // A turn that still waits for a read then fails with it, and is done again by who starts next.
    await Promise.all([
      app.close(),
      Promise.race([services.stop(), sleep(CUT_OFF_MS, undefined, { ref: false })]),
    ]);
  } finally {
    clearInterval(sweep);
    clearTimeout(cutOff);
  }
  await db.close();
  log.info('stopped');
}
