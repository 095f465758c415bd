import { newState } from '../../entities/run/state.ts';
import type { FlowRule } from '../drafts.ts';
import { allBut, types } from '../rule.ts';

export const enforceCancellingToCancelledTransition: FlowRule = {
  name: 'EnforceCancellingToCancelledTransition',
  from: types('CANCELLING'),
  to: allBut('CANCELLED'),
  before(transition) {
    transition.reject(null, 'Cannot transition flows that are cancelling to a state other than Cancelled.');
  },
};

/** CANCELLING asks someone to end the run's process. Where there is none, the run is cancelled at once. */
export const bypassCancellingFlowRunsWithNoInfra: FlowRule = {
  name: 'BypassCancellingFlowRunsWithNoInfra',
  from: types('SCHEDULED', 'PAUSED'),
  to: types('CANCELLING'),
  before(transition) {
    const initial = transition.initial!;
    const neverStarted = initial.type === 'SCHEDULED' && !transition.run.infrastructure_pid;
    if (neverStarted || initial.name === 'Resuming') {
      transition.reject(
        newState({ type: 'CANCELLED' }),
        'Scheduled flow run has no infrastructure to terminate.',
      );
    } else if (initial.type === 'PAUSED' && initial.state_details.pause_reschedule) {
      transition.reject(
        newState({ type: 'CANCELLED' }),
        'Suspended flow run has no infrastructure to terminate.',
      );
    }
  },
};
