import { pausedFlowRuns } from '../entities/run/unattended-runs.ts';
import { minimalFlowPolicy } from '../orchestration/policies.ts';
import { setFlowRunStateIf } from '../orchestration/set-flow-run-state-if.ts';
import { now } from '../time/timestamp.ts';
import { eachRow } from './each-row.ts';
import type { Service } from './service.ts';

/** Prefect's FailExpiredPauses. */
export const pauseExpirations: Service = {
  name: 'pause_expirations',
  about: 'fails paused flow runs that nobody has resumed in time',
  setting: 'server.services.pause_expirations.enabled',
  enabled: ({ server }) => server.services.pauseExpirations.enabled,
  intervalSeconds: ({ server }) => server.services.pauseExpirations.loopSeconds,

  async turn(context) {
    const { db, log } = context;
    const moment = now();
    const failed = await eachRow(pausedFlowRuns(db), context, async ({ id, timeout }) => {
      if (timeout === null || timeout >= moment) return false;
      const outcome = await setFlowRunStateIf(db, id, minimalFlowPolicy, ({ run, initial }) => {
        const until = initial?.state_details.pause_timeout ?? null;
        if (run.state_type !== 'PAUSED' || until === null || until >= moment) return null;
        return { type: 'FAILED', message: 'The flow was paused and never resumed.' };
      });
      return outcome?.written === true;
    });
    if (failed > 0) log.info({ flow_runs: failed }, 'failed, for their pause is over');
  },
};
