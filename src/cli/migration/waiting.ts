import type { Server } from 'node:http';
import { constants } from 'node:os';
import type { Logger } from 'pino';
import { openWaitingRoom, type WaitingRoom } from '../../api/waiting-room.ts';
import { type MigrationReporter, sayBegin } from '../../migrations/progress.ts';
import type { Settings } from '../../settings/settings.ts';
import { listen } from '../listen.ts';
import { backupPolicy } from './backup-policy.ts';
import { type MigrationOutcome, migrateBesideServing } from './migrate.ts';
import { createPatientReporter } from './reporter.ts';

/** Someone has told the process to stop while it migrated. */
export class Stopped extends Error {}

type Signal = 'SIGINT' | 'SIGTERM';

/** The port while there is no app yet. */
export interface Entrance {
  /** Opens the port, and migrates what is ours, or (`adopt`) what Prefect has made. */
  migrate(adopt: boolean): Promise<MigrationOutcome>;
  /** To be called right before the app takes the server over, which listens on with all its connections. */
  leave(): void;
}

export function createEntrance(server: Server, settings: Settings, log: Logger): Entrance {
  let room: WaitingRoom | undefined;
  return {
    async migrate(adopt) {
      const opened = openWaitingRoom(server, settings.server.api.basePath ?? '/api');
      room = opened;
      await listen(server, settings);
      const stop = stopSignal(log);
      const reporter = both(createPatientReporter(log), opened);
      try {
        const migration = { target: settings.databaseTarget, backup: backupPolicy(settings), adopt };
        return await migrateBesideServing(migration, reporter, stop.signal);
      } finally {
        stop.release();
      }
    },
    leave: () => room?.leave(),
  };
}

function both(one: MigrationReporter, other: MigrationReporter): MigrationReporter {
  return {
    begin(text) {
      sayBegin(one, text);
      sayBegin(other, text);
    },
    line(text) {
      one.line(text);
      other.line(text);
    },
    progress(progress) {
      one.progress?.(progress);
      other.progress?.(progress);
    },
  };
}

/** The first signal stops the migration, a second one the process at once. */
function stopSignal(log: Logger): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const onSignal = (signal: Signal): void => {
    if (controller.signal.aborted) process.exit(128 + constants.signals[signal]);
    log.info(`${signal}: the statement in hand is rolled back, and the next start goes on from there`);
    controller.abort(new Stopped());
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    release() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
