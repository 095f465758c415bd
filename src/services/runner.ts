import type { Database } from '../db/database.ts';
import { readServices } from '../entities/service-turn.ts';
import type { Timestamp } from '../time/timestamp.ts';
import { Loop } from './loop.ts';
import type { Service, ServiceContext } from './service.ts';
import { services } from './services.ts';
import { turnsOf } from './turns.ts';

/** One line of /api/ready?verbose. */
export interface ServiceReport {
  name: string;
  enabled: boolean;
  /** Whether a turn is being done at this moment. */
  running: boolean;
  last_started: Timestamp | null;
  last_finished: Timestamp | null;
  last_failure: string | null;
}

export interface Runner {
  /** How every service fares: on this server, or, where several share a database, on all of them. */
  report(): Promise<ServiceReport[]>;
  /** No turn begins any more; resolves when those in hand have ended. */
  stop(): Promise<void>;
}

type Given = Omit<ServiceContext, 'stopping'>;

/** Starts the loops of all services that are switched on. */
export function startServices({ db, settings, log }: Given, all: readonly Service[] = services): Runner {
  const stop = new AbortController();
  const turns = turnsOf(db);
  const enabled = all.filter((service) => service.enabled(settings));
  const loops = enabled.map((service) => {
    const context = { db, settings, log: log.child({ module: service.name }), stopping: stop.signal };
    return new Loop(service, context, turns);
  });
  const ended = Promise.all(loops.map((loop) => loop.run()));
  log.debug(`background services: ${enabled.map(({ name }) => name).join(', ') || 'none'}`);
  return {
    report: () => report(db, all, loops),
    async stop() {
      stop.abort();
      await ended;
    },
  };
}

async function report(db: Database, all: readonly Service[], loops: Loop[]): Promise<ServiceReport[]> {
  const own = new Map(loops.map(({ status }) => [status.name, status]));
  const rows = db.dialect.servesMany ? await readServices(db) : [];
  const shared = new Map(rows.map((row) => [row.name, row]));
  return all.map(({ name }) => {
    const row = shared.get(name);
    const status = own.get(name);
    return {
      name,
      enabled: status !== undefined,
      running: row ? row.holder !== null : (status?.running ?? false),
      last_started: (row ?? status)?.started ?? null,
      last_finished: (row ?? status)?.finished ?? null,
      last_failure: (row ?? status)?.failure ?? null,
    };
  });
}
