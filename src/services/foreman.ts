import {
  markDeploymentsForgotten,
  markPoolsNotReady,
  markQueuesForgotten,
  markWorkersOffline,
} from '../entities/work-pool/stale-work.ts';
import { notePolledDeployments } from '../entities/work-pool/work-poll.ts';
import { addSeconds, now } from '../time/timestamp.ts';
import type { Service } from './service.ts';

/** Prefect's Foreman. */
export const foreman: Service = {
  name: 'foreman',
  about: 'marks workers offline, and what nobody polls not ready',
  setting: 'server.services.foreman.enabled',
  enabled: ({ server }) => server.services.foreman.enabled,
  intervalSeconds: ({ server }) => server.services.foreman.loopSeconds,

  async turn({ db, settings, log }) {
    const { foreman } = settings.server.services;
    const moment = now();
    const workers = await markWorkersOffline(db, {
      fallbackSeconds: foreman.fallbackHeartbeatIntervalSeconds,
      heartbeats: foreman.inactivityHeartbeatMultiple,
    });
    const work_pools = (await markPoolsNotReady(db)).length;
    await notePolledDeployments(db);
    const deployments = await markDeploymentsForgotten(
      db,
      addSeconds(moment, -foreman.deploymentLastPolledTimeoutSeconds),
    );
    const work_queues = await markQueuesForgotten(
      db,
      addSeconds(moment, -foreman.workQueueLastPolledTimeoutSeconds),
    );
    if (workers) log.info({ workers }, 'workers are offline');
    if (work_pools + work_queues + deployments > 0) {
      log.info({ work_pools, work_queues, deployments }, 'marked not ready');
    }
  },
};
