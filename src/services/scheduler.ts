import {
  findDeploymentsToSchedule,
  findRecentDeployments,
  type Page,
} from '../entities/deployment/schedulable.ts';
import type { Horizon } from '../entities/deployment/schedule-plan.ts';
import { scheduleDeployments } from '../entities/deployment/scheduled-runs.ts';
import type { Settings } from '../settings/settings.ts';
import { addSeconds, now, type Timestamp } from '../time/timestamp.ts';
import type { Service, ServiceContext } from './service.ts';

/** Prefect's Scheduler: every schedule has some runs ahead. */
export const scheduler: Service = {
  name: 'scheduler',
  about: 'makes the flow runs that schedules are due to have',
  setting: 'server.services.scheduler.enabled',
  enabled: ({ server }) => server.services.scheduler.enabled,
  intervalSeconds: ({ server }) => server.services.scheduler.loopSeconds,
  turn: (context) => {
    const { db, settings } = context;
    const { minRuns, minScheduledTime: minSeconds } = settings.server.services.scheduler;
    return schedulePages(context, (page) => findDeploymentsToSchedule(db, { minRuns, minSeconds }, page));
  },
};

/** Prefect's RecentDeploymentsScheduler: nobody waits a minute for the first runs of a new deployment. */
export const recentDeploymentsScheduler: Service = {
  name: 'recent_deployments_scheduler',
  about: 'makes the flow runs of schedules whose deployments have just changed',
  setting: 'server.services.scheduler.enabled',
  enabled: ({ server }) => server.services.scheduler.enabled,
  intervalSeconds: ({ server }) => server.services.scheduler.recentDeploymentsLoopSeconds,
  turn: (context) => {
    // Longer than the pause between two turns, so that none slips through between them.
    const seconds = 2 * context.settings.server.services.scheduler.recentDeploymentsLoopSeconds + 1;
    return schedulePages(context, (page) => findRecentDeployments(context.db, seconds, page));
  },
};

async function schedulePages(
  { db, settings, log, stopping }: ServiceContext,
  find: (page: Page) => Promise<string[]>,
): Promise<void> {
  const { deploymentBatchSize: size, insertBatchSize: batch } = settings.server.services.scheduler;
  let made = 0;
  for (let after: string | null = null; !stopping.aborted; ) {
    const ids: string[] = await find({ after, size });
    if (ids.length > 0) {
      const { runs, problems } = await scheduleDeployments(db, ids, {
        horizon: horizonOf(settings, now()),
        batch,
      });
      made += runs;
      for (const { schedule, problem } of problems) {
        const { id, deployment_id } = schedule;
        log.warn({ deployment_id, schedule_id: id }, `no runs come of a schedule: ${problem}`);
      }
    }
    if (ids.length < size) break;
    after = ids.at(-1)!;
  }
  if (made > 0) log.info({ flow_runs: made }, 'scheduled');
}

/** How far ahead the settings say from here on. */
export function horizonOf(settings: Settings, start: Timestamp): Horizon {
  const { minRuns, maxRuns, minScheduledTime, maxScheduledTime } = settings.server.services.scheduler;
  return { start, end: addSeconds(start, maxScheduledTime), minSeconds: minScheduledTime, minRuns, maxRuns };
}
