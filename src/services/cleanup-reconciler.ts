import { endCleanupLeases } from '../entities/cleanup/reservation.ts';
import { cleanupPolicy, tellGivenUp } from '../events/workers/cleanup-dispatch.ts';
import type { Service } from './service.ts';

/** Prefect's CleanupReconciler: what a worker has neither done nor given back, another one gets. */
export const cleanupReconciler: Service = {
  name: 'cleanup_reconciler',
  about: 'hands clean-ups to other workers that the first one has not done in time',
  setting: 'server.services.cleanup_reconciler.enabled',
  enabled: ({ server }) => server.services.cleanupReconciler.enabled,
  intervalSeconds: ({ server }) => server.services.cleanupReconciler.loopSeconds,

  async turn({ db, settings, log }) {
    const { batchSize } = settings.server.services.cleanupReconciler;
    const { waiting, givenUp } = await endCleanupLeases(db, batchSize, cleanupPolicy(settings));
    for (const message of givenUp) tellGivenUp(log, message);
    if (waiting.length > 0) log.info({ messages: waiting.length }, 'clean-ups wait for another worker');
    return waiting.length + givenUp.length === batchSize ? 'more' : undefined;
  },
};
