import { withDetails } from '../../entities/run/state.ts';
import { now, toMicros } from '../../time/timestamp.ts';
import type { CommonRule, FlowRule } from '../drafts.ts';
import { ANY, types } from '../rule.ts';

/** A pending state keeps the time for which its run was scheduled, unless it brings one of its own. */
export const copyScheduledTime: CommonRule = {
  name: 'CopyScheduledTime',
  from: types('SCHEDULED'),
  to: types('PENDING'),
  before(transition, proposed) {
    if (proposed.state_details.scheduled_time) return;
    const { scheduled_time } = transition.initial!.state_details;
    transition.proposed = withDetails(proposed, { scheduled_time });
  },
};

/** By the server's clock, no run starts before its time. */
export const waitForScheduledTime: CommonRule = {
  name: 'WaitForScheduledTime',
  from: types('SCHEDULED', 'PENDING'),
  to: types('RUNNING'),
  before(transition) {
    const { scheduled_time } = transition.initial!.state_details;
    if (!scheduled_time) return;
    const micros = toMicros(scheduled_time) - toMicros(now());
    const seconds = Math.floor(micros / 1_000_000);
    // The answer has whole seconds: half a second too early is let through.
    const rounded = seconds + (micros - seconds * 1_000_000 > 500_000 ? 1 : 0);
    if (rounded > 0) transition.delay(rounded, 'Scheduled time is in the future');
  },
};

export const ensureOnlyScheduledFlowsMarkedLate: FlowRule = {
  name: 'EnsureOnlyScheduledFlowsMarkedLate',
  from: ANY,
  to: types('SCHEDULED'),
  before(transition, proposed) {
    const { initial } = transition;
    if (!initial || proposed.name !== 'Late') return;
    if (initial.type !== 'SCHEDULED') {
      transition.reject(null, 'Only scheduled flows can be marked late.');
    } else if (initial.name === 'Late') {
      transition.reject(null, 'This flow run is already marked late.');
    }
  },
};
