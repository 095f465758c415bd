import { newState, withDetails } from '../../entities/run/state.ts';
import type { TaskRule } from '../drafts.ts';
import { ANY, types } from '../rule.ts';

/** A task runs only while its flow does. */
export const preventRunningTasksFromStoppedFlows: TaskRule = {
  name: 'PreventRunningTasksFromStoppedFlows',
  from: ANY,
  to: types('RUNNING'),
  before(transition) {
    const { flowRun } = transition.reach;
    if (!flowRun || flowRun.state_type === 'RUNNING') return;
    if (flowRun.state_type !== 'PAUSED') {
      return transition.abort('The enclosing flow must be running to begin task execution.');
    }
    const { pause_timeout, pause_reschedule } = flowRun;
    transition.reject(
      newState({ type: 'PAUSED', name: 'NotReady', state_details: { pause_timeout, pause_reschedule } }),
      `The flow is paused, new tasks can execute after resuming flow run: ${flowRun.id}.`,
    );
  },
};

/** Notes in which run of its flow a task ran. */
export const updateFlowRunTrackerOnTasks: TaskRule = {
  name: 'UpdateFlowRunTrackerOnTasks',
  from: ANY,
  to: types('RUNNING'),
  after({ run, reach }) {
    if (reach.flowRun) run.flow_run_run_count = reach.flowRun.run_count;
  },
};

/** Background tasks that are to run go on the queue of their key, those to be tried again before the others. */
export const enqueueScheduledTasks: TaskRule = {
  name: 'EnqueueScheduledTasks',
  from: ANY,
  to: types('SCHEDULED'),
  async after({ reach }, validated) {
    if (validated?.state_details.deferred) await reach.enqueue(validated.name === 'AwaitingRetry');
  },
};

/** Where the parameters of a background task are kept goes along with its states. */
export const copyTaskParametersId: TaskRule = {
  name: 'CopyTaskParametersID',
  from: types('SCHEDULED', 'PENDING'),
  to: types('PENDING', 'RUNNING'),
  before(transition, proposed) {
    if (proposed.state_details.task_parameters_id) return;
    const { task_parameters_id } = transition.initial!.state_details;
    transition.proposed = withDetails(proposed, { task_parameters_id });
  },
};
