import { withDetails } from '../../entities/run/state.ts';
import type { FlowRule, FlowTransform } from '../drafts.ts';
import { ANY } from '../rule.ts';

/** Workers send an explicit null for the lease that the server put on the current state: it is carried on. */
export const preserveDeploymentConcurrencyLeaseId: FlowTransform = {
  name: 'PreserveDeploymentConcurrencyLeaseId',
  universal: true,
  before(transition, proposed) {
    const { deployment_concurrency_lease_id } = transition.initial?.state_details ?? {};
    if (!deployment_concurrency_lease_id || proposed.state_details.deployment_concurrency_lease_id) return;
    transition.proposed = withDetails(proposed, { deployment_concurrency_lease_id });
  },
};

/** A client that lost the answer asks again with the same transition id, and gets the state it had made. */
export const preventDuplicateTransitions: FlowRule = {
  name: 'PreventDuplicateTransitions',
  from: ANY,
  to: ANY,
  before(transition, proposed) {
    const id = transition.initial?.state_details.transition_id;
    if (id && id === proposed.state_details.transition_id) {
      transition.reject(null, 'This run has already made this state transition.');
    }
  },
};
