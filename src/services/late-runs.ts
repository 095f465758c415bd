import { overdueFlowRuns } from '../entities/run/unattended-runs.ts';
import { markLateRunsPolicy } from '../orchestration/policies.ts';
import { setFlowRunStateIf } from '../orchestration/set-flow-run-state-if.ts';
import { addSeconds, now } from '../time/timestamp.ts';
import { eachRow } from './each-row.ts';
import type { Service } from './service.ts';

/** Prefect's MarkLateRuns. */
export const lateRuns: Service = {
  name: 'late_runs',
  about: 'marks flow runs late that nobody has started in time',
  setting: 'server.services.late_runs.enabled',
  enabled: ({ server }) => server.services.lateRuns.enabled,
  intervalSeconds: ({ server }) => server.services.lateRuns.loopSeconds,

  async turn(context) {
    const { db, settings, log } = context;
    const before = addSeconds(now(), -settings.server.services.lateRuns.afterSeconds);
    const marked = await eachRow(overdueFlowRuns(db, before), context, async ({ id }) => {
      const outcome = await setFlowRunStateIf(db, id, markLateRunsPolicy, ({ run }) => {
        const { state_type, state_name, next_scheduled_start_time: time } = run;
        if (state_type !== 'SCHEDULED' || state_name !== 'Scheduled' || time === null) return null;
        return time <= before
          ? { type: 'SCHEDULED', name: 'Late', state_details: { scheduled_time: time } }
          : null;
      });
      return outcome?.written === true;
    });
    if (marked > 0) log.info({ flow_runs: marked }, 'marked late');
  },
};
