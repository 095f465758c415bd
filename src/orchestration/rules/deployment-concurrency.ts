import { HOLDING_STATES } from '../../entities/concurrency/run-leases.ts';
import { newState, withDetails } from '../../entities/run/state.ts';
import { addSeconds, now } from '../../time/timestamp.ts';
import type { FlowRule, FlowTransform, FlowTransition } from '../drafts.ts';
import { allBut, types } from '../rule.ts';

const HOLDING: ReadonlySet<string | null> = new Set(HOLDING_STATES);
const REACHED = 'Deployment concurrency limit reached.';

const leaseIdOf = ({ initial }: FlowTransition): string | null =>
  initial?.state_details.deployment_concurrency_lease_id ?? null;

/**
 * A run of a deployment with a limit takes a slot before its infrastructure is made. The lease on it goes along with
 * the states of the run, and who runs it renews it.
 */
export const secureFlowConcurrencySlots: FlowRule = {
  name: 'SecureFlowConcurrencySlots',
  from: allBut(...HOLDING_STATES),
  to: types('PENDING'),
  async before(transition, proposed) {
    const { run, reach } = transition;
    const { slots } = reach;
    if (!run.deployment_id || reach.takesDeploymentSlots) return;
    if (!slots.hasDeployment) return transition.abort('Deployment not found.');
    const limit = await slots.limit();
    if (!limit) return;
    if (limit.limit === 0) {
      return transition.abort(
        'The deployment concurrency limit is 0. The flow will deadlock if submitted again.',
      );
    }
    const deployment_concurrency_lease_id = await slots.take();
    if (deployment_concurrency_lease_id) {
      transition.proposed = withDetails(proposed, { deployment_concurrency_lease_id });
    } else if (slots.collisionStrategy === 'CANCEL_NEW') {
      transition.reject(newState({ type: 'CANCELLED', message: REACHED }), REACHED);
    } else {
      const scheduled_time = addSeconds(now(), slots.waitSeconds);
      const state_details = { scheduled_time };
      const state = newState({ type: 'SCHEDULED', name: 'AwaitingConcurrencySlot', state_details });
      transition.reject(state, REACHED);
    }
  },
  cleanup: ({ reach }) => reach.slots.undo(),
};

/**
 * The lease may have run out while the infrastructure was made: the run goes on when a slot is still there. From now
 * on the client renews it.
 */
export const validateDeploymentConcurrencyAtRunning: FlowRule = {
  name: 'ValidateDeploymentConcurrencyAtRunning',
  from: types('PENDING'),
  to: types('RUNNING'),
  async before(transition, proposed) {
    const { reach } = transition;
    const { slots } = reach;
    const leaseId = leaseIdOf(transition);
    transition.proposed = withDetails(proposed, { deployment_concurrency_lease_id: leaseId });
    if (!leaseId || !reach.renewsLeases || !(await slots.limit())) return;
    if (await slots.renew(leaseId)) return;
    const deployment_concurrency_lease_id = await slots.take();
    if (deployment_concurrency_lease_id) {
      transition.proposed = withDetails(proposed, { deployment_concurrency_lease_id });
      return;
    }
    const message =
      'Deployment concurrency slot lost during provisioning - no slots available to continue execution';
    transition.reject(
      newState({ type: 'CANCELLED', message }),
      'Deployment concurrency limit reached after lease expiry.',
    );
  },
};

/**
 * Clients before 3.4.11 don't renew leases. Prefect forgets the lease, and the end of the run gives back a slot without
 * it; here the lease lasts until then, so that the slot is given back once.
 */
export const removeDeploymentConcurrencyLeaseForOldClientVersions: FlowRule = {
  name: 'RemoveDeploymentConcurrencyLeaseForOldClientVersions',
  from: types('PENDING'),
  to: types('RUNNING', 'CANCELLING'),
  async after(transition) {
    const leaseId = leaseIdOf(transition);
    if (leaseId && !transition.reach.renewsLeases) await transition.reach.slots.keep(leaseId);
  },
};

/**
 * A run that stops gives back the slot that it has taken. Prefect gives one back also for a run that has none, and
 * lets too many run.
 */
export const releaseFlowConcurrencySlots: FlowTransform = {
  name: 'ReleaseFlowConcurrencySlots',
  universal: true,
  async after(transition) {
    const { fromType, proposed, reach, run } = transition;
    if (!run.deployment_id || !HOLDING.has(fromType) || HOLDING.has(proposed!.type)) return;
    // The process that retries by itself goes on renewing its lease.
    const retries = proposed!.type === 'SCHEDULED' && proposed!.name === 'AwaitingRetry';
    if (retries && transition.status === 'REJECT') return;
    await reach.slots.giveBack(leaseIdOf(transition));
  },
};

/** Of a deployment that takes no more runs than it has slots, one that nobody started in time is cancelled. */
export const enforceDeploymentConcurrencyOnLate: FlowRule = {
  name: 'EnforceDeploymentConcurrencyOnLate',
  from: types('SCHEDULED'),
  to: types('SCHEDULED'),
  async before(transition, proposed) {
    const { slots } = transition.reach;
    if (proposed.name !== 'Late' || slots.collisionStrategy !== 'CANCEL_NEW') return;
    const limit = await slots.limit();
    if (!limit || limit.active_slots < limit.limit) return;
    transition.reject(
      newState({ type: 'CANCELLED', message: REACHED }),
      'Deployment concurrency limit is full and uses the CANCEL_NEW strategy.',
    );
  },
};
