import { stuckCancellingFlowRuns } from '../entities/run/unattended-runs.ts';
import { coreFlowPolicy } from '../orchestration/policies.ts';
import { setFlowRunStateIf } from '../orchestration/set-flow-run-state-if.ts';
import { addSeconds, now } from '../time/timestamp.ts';
import { eachRow } from './each-row.ts';
import type { Service } from './service.ts';

/** Where Prefect plans a check for each run, we look often enough to be there nearly when it is due. */
const LOOK_SECONDS = 5;

/** The other half of Prefect's CancellationCleanup: a worker that doesn't answer is not waited for any longer. */
export const cancellingTimeouts: Service = {
  name: 'cancelling_timeouts',
  about: 'marks flow runs cancelled whose cancelling takes too long',
  setting: 'server.services.cancellation_cleanup.enabled',
  enabled: ({ server }) => server.services.cancellationCleanup.enabled,
  intervalSeconds: ({ server }) => Math.min(server.services.cancellationCleanup.loopSeconds, LOOK_SECONDS),

  async turn(context) {
    const { db, settings, log } = context;
    const before = addSeconds(now(), -settings.server.services.cancellationCleanup.cancellingTimeoutSeconds);
    const cancelled = await eachRow(stuckCancellingFlowRuns(db, before), context, async ({ id }) => {
      const outcome = await setFlowRunStateIf(db, id, coreFlowPolicy, ({ run }) => {
        const { state_type, state_timestamp } = run;
        if (state_type !== 'CANCELLING' || state_timestamp === null || state_timestamp > before) return null;
        return {
          type: 'CANCELLED',
          message: 'Flow run cancellation timed out; marked this flow run as Cancelled.',
        };
      });
      return outcome?.written === true;
    });
    if (cancelled > 0) log.info({ flow_runs: cancelled }, 'cancelled, for nobody has ended them in time');
  },
};
