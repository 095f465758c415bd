import { randomUUID } from 'node:crypto';
import { isTerminal, newState, type State } from '../../entities/run/state.ts';
import { now } from '../../time/timestamp.ts';
import type { FlowRule } from '../drafts.ts';
import { ANY, types } from '../rule.ts';

export const handlePausingFlows: FlowRule = {
  name: 'HandlePausingFlows',
  from: ANY,
  to: types('PAUSED'),
  before(transition, proposed) {
    const { initial, run } = transition;
    const verb = verbOf(proposed);
    if (!initial) return transition.abort(`Cannot ${verb} flows with no state.`);
    if (initial.type !== 'RUNNING') {
      return transition.reject(null, `Cannot ${verb} flows that are not currently running.`);
    }
    const { pause_key, pause_reschedule } = proposed.state_details;
    if (pause_key !== null && run.empirical_policy.pause_keys?.includes(pause_key)) {
      return transition.reject(null, `This ${verb} has already fired.`);
    }
    if (!pause_reschedule) return;
    if (run.parent_task_run_id) return transition.abort(`Cannot ${verb} subflows.`);
    if (!run.deployment_id) return transition.abort(`Cannot ${verb} flows without a deployment.`);
  },
  /** A pause without a key gets one that no other has: it fires each time it is met. */
  after({ run }, validated) {
    const key = validated?.state_details.pause_key ?? randomUUID();
    const pause_keys = [...(run.empirical_policy.pause_keys ?? []), key];
    run.empirical_policy = { ...run.empirical_policy, pause_keys };
  },
};

export const handleResumingPausedFlows: FlowRule = {
  name: 'HandleResumingPausedFlows',
  from: types('PAUSED'),
  to: ANY,
  before(transition, proposed) {
    const initial = transition.initial!;
    if (!mayFollowPaused(proposed)) {
      return transition.reject(
        null,
        `This run cannot transition to the StateType.${proposed.type} state` +
          ` from the StateType.${initial.type} state.`,
      );
    }
    const stateName = (proposed.name || proposed.type).toLowerCase();
    const { pause_reschedule, pause_timeout } = initial.state_details;
    if (pause_reschedule && !transition.run.deployment_id) {
      return transition.reject(null, `Cannot reschedule a ${stateName} flow run without a deployment.`);
    }
    // A blocking pause keeps its process: cancelling must reach it even when the time to resume is over.
    if (proposed.type === 'CANCELLING') return;
    if (pause_timeout && pause_timeout < now()) {
      transition.reject(
        newState({ type: 'FAILED', message: `The flow was ${stateName} and never resumed.` }),
        `The flow run ${verbOf(proposed)} has timed out and can no longer resume.`,
      );
    }
  },
  /** Prefect does so whatever became of the transition, also when it was rejected. */
  after({ run }) {
    run.empirical_policy = { ...run.empirical_policy, resuming: true };
  },
};

function verbOf(state: State): string {
  return state.name === 'Suspended' ? 'suspend' : 'pause';
}

function mayFollowPaused({ type }: State): boolean {
  return type === 'RUNNING' || type === 'SCHEDULED' || type === 'CANCELLING' || isTerminal(type);
}
