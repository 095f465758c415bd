import { cancellationCleanup } from './cancellation-cleanup.ts';
import { cancellingTimeouts } from './cancelling-timeouts.ts';
import { cleanupReconciler } from './cleanup-reconciler.ts';
import { eventVacuum, flowRunVacuum, orphanVacuum } from './db-vacuum.ts';
import { foreman } from './foreman.ts';
import { lateRuns } from './late-runs.ts';
import { pauseExpirations } from './pause-expirations.ts';
import { repossessor } from './repossessor.ts';
import { recentDeploymentsScheduler, scheduler } from './scheduler.ts';
import type { Service } from './service.ts';

/** Every background service, in the order of `services ls`. */
export const services: readonly Service[] = [
  scheduler,
  recentDeploymentsScheduler,
  lateRuns,
  pauseExpirations,
  cancellationCleanup,
  cancellingTimeouts,
  cleanupReconciler,
  repossessor,
  foreman,
  eventVacuum,
  flowRunVacuum,
  orphanVacuum,
];
