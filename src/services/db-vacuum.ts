import { setTimeout as sleep } from 'node:timers/promises';
import { deleteOldEventResources, deleteOldEvents } from '../entities/old-rows/events.ts';
import { deleteOldFlowRuns } from '../entities/old-rows/flow-runs.ts';
import {
  deleteLeftovers,
  type Leftover,
  mendArtifactCollections,
  orphanedFlowRuns,
} from '../entities/old-rows/leftovers.ts';
import type { Settings } from '../settings/settings.ts';
import { addSeconds, now } from '../time/timestamp.ts';
import type { Service, ServiceContext } from './service.ts';

/** Prefect's database vacuum: three services with one switch, which names what is deleted. */

const isOn = ({ server }: Settings, type: string) => server.services.dbVacuum.enabled.includes(type);

const shared = { setting: 'server.services.db_vacuum.enabled' } as const;

export const eventVacuum: Service = {
  ...shared,
  name: 'db_vacuum_events',
  about: 'deletes old events',
  enabled: (settings) => isOn(settings, 'events') && settings.server.services.eventPersister.enabled,
  intervalSeconds: ({ server }) => server.services.dbVacuum.loopSeconds,

  async turn(context) {
    const { db, settings, log } = context;
    const { batchSize: limit, eventRetentionOverrides: overrides } = settings.server.services.dbVacuum;
    const general = settings.server.events.retentionPeriod;
    const before = addSeconds(now(), -general);
    let events = 0;
    for (const [event, retention] of Object.entries(overrides)) {
      const since = addSeconds(now(), -Math.min(retention, general));
      events += await batches(context, limit, () => deleteOldEvents(db, { event, before: since, limit }));
    }
    events += await batches(context, limit, () => deleteOldEvents(db, { before, limit }));
    await batches(context, limit, () => deleteOldEventResources(db, before, limit));
    if (events > 0) log.info({ events }, 'deleted, for they are old');
  },
};

export const flowRunVacuum: Service = {
  ...shared,
  name: 'db_vacuum_flow_runs',
  about: 'deletes flow runs that ended long ago, with all that is theirs',
  enabled: (settings) => isOn(settings, 'flow_runs'),
  intervalSeconds: ({ server }) => server.services.dbVacuum.loopSeconds,

  async turn(context) {
    const { db, settings, log, stopping } = context;
    const { batchSize: limit, retentionPeriod } = settings.server.services.dbVacuum;
    const before = addSeconds(now(), -retentionPeriod);
    const deleted = { flow_runs: 0, logs: 0, artifacts: 0 };
    while (!stopping.aborted) {
      const began = performance.now();
      // The runs first: what of theirs is left when this is cut short, the look for orphans finds.
      const ids = await deleteOldFlowRuns(db, before, limit);
      if (ids.length === 0) break;
      deleted.flow_runs += ids.length;
      deleted.logs += await batches(context, limit, () => deleteLeftovers(db, 'log', ids, limit));
      deleted.artifacts += await batches(context, limit, () => deleteLeftovers(db, 'artifact', ids, limit));
      await rest(began, stopping);
    }
    if (deleted.flow_runs > 0) log.info(deleted, 'deleted, for they are old');
  },
};

export const orphanVacuum: Service = {
  ...shared,
  name: 'db_vacuum_orphans',
  about: 'deletes logs and artifacts whose flow run is gone',
  enabled: (settings) => isOn(settings, 'orphans'),
  intervalSeconds: ({ server }) => server.services.dbVacuum.orphanCleanupLoopSeconds,

  async turn(context) {
    const { db, settings, log, stopping } = context;
    const limit = settings.server.services.dbVacuum.batchSize;
    const logs = await deleteOrphans(context, 'log', limit);
    const artifacts = await deleteOrphans(context, 'artifact', limit);
    const mend = () => (stopping.aborted ? Promise.resolve(0) : mendArtifactCollections(db, limit));
    const collections = await batches(context, limit, mend);
    if (logs + artifacts + collections > 0)
      log.info(
        { logs, artifacts, artifact_collections: collections },
        'deleted or mended, for their flow run is gone',
      );
  },
};

async function deleteOrphans(context: ServiceContext, kind: Leftover, limit: number): Promise<number> {
  const { db, stopping } = context;
  let deleted = 0;
  for (let last: string | null = null; !stopping.aborted; ) {
    const began = performance.now();
    const page = await orphanedFlowRuns(db, kind, last, limit);
    if (page.last === null) break;
    last = page.last;
    const { orphaned } = page;
    if (orphaned.length > 0)
      deleted += await batches(context, limit, () => deleteLeftovers(db, kind, orphaned, limit));
    await rest(began, stopping);
  }
  return deleted;
}

/** Batch after batch until one isn't full; gives how many rows there were. */
async function batches(
  { stopping }: ServiceContext,
  limit: number,
  batch: () => Promise<number>,
): Promise<number> {
  let total = 0;
  while (!stopping.aborted) {
    const began = performance.now();
    const found = await batch();
    total += found;
    if (found < limit) break;
    await rest(began, stopping);
  }
  return total;
}

const LONGEST_REST_MS = 200;

/** As long as the work took, so that half of the database's time is left to requests. */
async function rest(began: number, stopping: AbortSignal): Promise<void> {
  const milliseconds = Math.min(performance.now() - began, LONGEST_REST_MS);
  await sleep(milliseconds, undefined, { signal: stopping }).catch(() => {});
}
