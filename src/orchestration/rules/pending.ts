import { withDetails } from '../../entities/run/state.ts';
import type { CommonRule } from '../drafts.ts';
import { types } from '../rule.ts';

/**
 * Two workers that submit the same run both propose PENDING: the second one is stopped here. A run may go on from
 * one named step of PENDING to the next (Submitting, InfrastructurePending), but not back to plain Pending.
 */
export const preventPendingTransitions: CommonRule = {
  name: 'PreventPendingTransitions',
  from: types('PENDING', 'CANCELLING', 'RUNNING', 'CANCELLED'),
  to: types('PENDING'),
  before(transition, proposed) {
    const initial = transition.initial!;
    if (initial.type === 'PENDING' && proposed.name !== initial.name && proposed.name !== 'Pending') {
      const { scheduled_time, deployment_concurrency_lease_id } = initial.state_details;
      transition.proposed = withDetails(proposed, { scheduled_time, deployment_concurrency_lease_id });
    } else {
      transition.abort(`This run is in a ${initial.type} state and cannot transition to a PENDING state.`);
    }
  },
};
