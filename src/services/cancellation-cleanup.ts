import { TERMINAL_TYPES } from '../entities/run/state.ts';
import {
  subflowRunsOfCancelledFlowRuns,
  taskRunsOfCancelledFlowRuns,
} from '../entities/run/unattended-runs.ts';
import { minimalFlowPolicy } from '../orchestration/policies.ts';
import { setFlowRunStateIf } from '../orchestration/set-flow-run-state-if.ts';
import { setTaskRunState } from '../orchestration/set-task-run-state.ts';
import { addSeconds, now } from '../time/timestamp.ts';
import { eachRow } from './each-row.ts';
import type { Service, ServiceContext } from './service.ts';

const MESSAGE = 'The parent flow run was cancelled.';
const DAY = 86_400;

/** Prefect's CancellationCleanup: what a flow run had begun ends with it, once it is cancelled. */
export const cancellationCleanup: Service = {
  name: 'cancellation_cleanup',
  about: 'cancels the task runs and subflow runs of cancelled flow runs',
  setting: 'server.services.cancellation_cleanup.enabled',
  enabled: ({ server }) => server.services.cancellationCleanup.enabled,
  intervalSeconds: ({ server }) => server.services.cancellationCleanup.loopSeconds,

  async turn(context) {
    const taskRuns = await cancelTaskRuns(context);
    const flowRuns = await cancelSubflowRuns(context);
    if (taskRuns + flowRuns > 0) {
      context.log.info(
        { task_runs: taskRuns, flow_runs: flowRuns },
        'cancelled, with the run that called them',
      );
    }
  },
};

function cancelTaskRuns(context: ServiceContext): Promise<number> {
  const { db } = context;
  const found = taskRunsOfCancelledFlowRuns(db, addSeconds(now(), -DAY));
  return eachRow(found, context, async ({ id }) => {
    const outcome = await setTaskRunState(db, id, { type: 'CANCELLED', message: MESSAGE }, { force: true });
    return outcome?.written === true;
  });
}

/** One with a deployment has infrastructure of its own, which its worker ends first. */
function cancelSubflowRuns(context: ServiceContext): Promise<number> {
  const { db } = context;
  return eachRow(subflowRunsOfCancelledFlowRuns(db), context, async ({ id }) => {
    const outcome = await setFlowRunStateIf(db, id, minimalFlowPolicy, ({ run }) => {
      const { state_type, deployment_id, parent_task_run_id } = run;
      if (parent_task_run_id === null || state_type === null) return null;
      if (TERMINAL_TYPES.includes(state_type)) return null;
      if (deployment_id === null) return { type: 'CANCELLED', message: MESSAGE };
      return state_type === 'CANCELLING' ? null : { type: 'CANCELLING', message: MESSAGE };
    });
    return outcome?.written === true;
  });
}
