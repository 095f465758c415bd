import { newState, type State, withDetails } from '../../entities/run/state.ts';
import { addSeconds, now, type Timestamp } from '../../time/timestamp.ts';
import type { CommonRule, FlowRule, TaskRule } from '../drafts.ts';
import { ANY, types } from '../rule.ts';

export const retryFailedFlows: FlowRule = {
  name: 'RetryFailedFlows',
  from: types('RUNNING'),
  to: types('FAILED'),
  async before(transition, proposed) {
    const { run, reach } = transition;
    const { retries, retry_delay } = run.empirical_policy;
    if (retries === null || run.run_count > retries) {
      run.empirical_policy = { ...run.empirical_policy, retry_type: null };
      return;
    }
    const scheduledTime = addSeconds(now(), retry_delay ?? 0);
    if (!reach.retriesItsTasks) await reach.retryFailedTasks(scheduledTime);
    if (reach.knowsPauses) {
      run.empirical_policy = {
        ...run.empirical_policy,
        resuming: false,
        pause_keys: [],
        retry_type: 'in_process',
      };
    }
    const { deployment_concurrency_lease_id } = transition.initial!.state_details;
    const retry = awaitingRetry(scheduledTime, proposed);
    // The process that retries goes on renewing the lease of its slot.
    transition.reject(withDetails(retry, { deployment_concurrency_lease_id }), 'Retrying');
  },
};

export const retryFailedTasks: TaskRule = {
  name: 'RetryFailedTasks',
  from: types('RUNNING'),
  to: types('FAILED'),
  before(transition, proposed) {
    const { run_count, empirical_policy } = transition.run;
    const { retries, retry_delay, retry_jitter_factor } = empirical_policy;
    if (proposed.state_details.retriable === false) return;
    if (retries === null || run_count > retries) return;
    const planned = delayOf(retry_delay, run_count);
    const delay = retry_jitter_factor && planned > 0 ? jittered(planned, retry_jitter_factor) : planned;
    transition.reject(awaitingRetry(addSeconds(now(), delay), proposed), 'Retrying');
  },
};

/** A state that says that this isn't the run's first attempt. */
export const renameReruns: CommonRule = {
  name: 'RenameReruns',
  from: ANY,
  to: types('RUNNING'),
  before(transition) {
    if (!transition.initial || transition.run.run_count === 0) return;
    transition.rename(transition.initial.name === 'AwaitingRetry' ? 'Retrying' : 'Rerunning');
  },
};

export function awaitingRetry(scheduled_time: Timestamp, failed?: State): State {
  return newState({
    type: 'SCHEDULED',
    name: 'AwaitingRetry',
    message: failed?.message,
    data: failed?.data,
    state_details: { scheduled_time },
  });
}

function delayOf(delay: number | number[] | null, runCount: number): number {
  if (!Array.isArray(delay)) return delay ?? 0;
  // Like a Python list, where -1 is the last one: a forced FAILED may come before the first run.
  return delay.at(Math.min(runCount - 1, delay.length - 1)) ?? 0;
}

/**
 * A random delay around `average`, at most `average * (1 + factor)`: drawn from an exponential distribution between
 * that bound and the lower one which leaves as much chance below the median as above it.
 */
export function jittered(average: number, factor: number): number {
  const upper = 1 + factor;
  const lower = upper >= 50 ? 0 : Math.log2(2 ** upper / (2 ** upper - 1));
  const chanceBelow = (multiple: number) => 1 - Math.exp(-multiple);
  const chance = chanceBelow(lower) + Math.random() * (chanceBelow(upper) - chanceBelow(lower));
  return -Math.log(Math.max(1 - chance, 1e-10)) * average;
}
