import { enqueueCancellingTimeout } from '../entities/cleanup/message.ts';
import { stuckCancellingFlowRuns } from '../entities/run/unattended-runs.ts';
import type { FlowRunBefore } from '../orchestration/flow-run-change.ts';
import { coreFlowPolicy } from '../orchestration/policies.ts';
import { setFlowRunStateIf } from '../orchestration/set-flow-run-state-if.ts';
import { addSeconds, now, type Timestamp } from '../time/timestamp.ts';
import { eachRow } from './each-row.ts';
import type { Service, ServiceContext } from './service.ts';

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
    const cancelled = await eachRow(stuckCancellingFlowRuns(db, before), context, ({ id }) =>
      db.transaction(() => giveUp(context, id, before)),
    );
    if (cancelled > 0) log.info({ flow_runs: cancelled }, 'cancelled, for nobody has ended them in time');
  },
};

/** Its worker is asked to take down what is left of it; the run doesn't wait for that. */
async function giveUp({ db, log }: ServiceContext, id: string, before: Timestamp): Promise<boolean> {
  let given: FlowRunBefore['run'] | undefined;
  const outcome = await setFlowRunStateIf(db, id, coreFlowPolicy, ({ run }) => {
    const { state_type, state_timestamp } = run;
    if (state_type !== 'CANCELLING' || state_timestamp === null || state_timestamp > before) return null;
    given = run;
    return {
      type: 'CANCELLED',
      message: 'Flow run cancellation timed out; marked this flow run as Cancelled.',
    };
  });
  const { state } = outcome?.result ?? {};
  if (!given || !outcome?.written || state?.type !== 'CANCELLED') return outcome?.written === true;
  const enqueued = await enqueueCancellingTimeout(db, given, state.id);
  if (enqueued === 'no pool') {
    log.warn(
      { flow_run_id: id },
      'no worker can be asked to take down what is left of this flow run: it has no work pool',
    );
  }
  return true;
}
