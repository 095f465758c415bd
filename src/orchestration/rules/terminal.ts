import {
  hasPersistedResult,
  isEmptyValue,
  isTerminal,
  isUnpersisted,
  type State,
  TERMINAL_TYPES,
} from '../../entities/run/state.ts';
import type { FlowRule, TaskRule } from '../drafts.ts';
import { ANY, types } from '../rule.ts';

const TERMINAL = types(...TERMINAL_TYPES);
const NEVER_AFTER_TERMINAL = types('CANCELLING', 'PAUSED', 'CRASHED');

export const handleFlowTerminalStateTransitions: FlowRule = {
  name: 'HandleFlowTerminalStateTransitions',
  from: TERMINAL,
  to: ANY,
  before(transition, proposed) {
    const initial = transition.initial!;
    if (NEVER_AFTER_TERMINAL.has(proposed.type)) {
      return transition.abort(`Run is already in terminal state ${initial.type}.`);
    }
    if (keepsResult(initial) && !isTerminal(proposed.type)) {
      return transition.reject(null, 'Run is already COMPLETED.');
    }
    if (losesResult(initial, proposed)) return transition.reject(null, RESULT_LOST);
    if (proposed.type === 'SCHEDULED' && !transition.run.deployment_id) {
      return transition.abort('Cannot reschedule a run without an associated deployment.');
    }
    // A run that is started again by hand may pause again.
    if (!isTerminal(proposed.type) && transition.reach.knowsPauses) {
      transition.run.empirical_policy = {
        ...transition.run.empirical_policy,
        resuming: false,
        pause_keys: [],
        retry_type: proposed.type === 'SCHEDULED' ? 'reschedule' : null,
      };
    }
  },
  cleanup(transition) {
    transition.run.empirical_policy = transition.original.empirical_policy;
  },
};

/** The part of the rule above that holds for forced transitions too. */
export const preventResultDataLoss: FlowRule = {
  name: 'PreventResultDataLoss',
  from: TERMINAL,
  to: TERMINAL,
  before(transition, proposed) {
    if (losesResult(transition.initial!, proposed)) transition.reject(null, RESULT_LOST);
  },
};

export const handleTaskTerminalStateTransitions: TaskRule = {
  name: 'HandleTaskTerminalStateTransitions',
  from: TERMINAL,
  to: ANY,
  before(transition, proposed) {
    const initial = transition.initial!;
    if (NEVER_AFTER_TERMINAL.has(proposed.type)) {
      return transition.abort(`Run is already ${initial.type}.`);
    }
    // Unlike a flow's, a task's result counts whatever it is.
    if (initial.type === 'COMPLETED' && !isEmptyValue(initial.data) && !isUnpersisted(initial.data)) {
      return transition.reject(null, 'This run is already completed.');
    }
    // The retries of a task begin anew with each run of its flow.
    if (!isTerminal(proposed.type)) transition.run.run_count = 0;
    const { flowRun } = transition.reach;
    if (proposed.type === 'RUNNING' && flowRun && transition.run.flow_run_run_count < flowRun.run_count) {
      transition.rename('Retrying');
    }
  },
  cleanup(transition) {
    transition.run.run_count = transition.original.run_count;
  },
};

const RESULT_LOST =
  'Cannot overwrite a COMPLETED state that carries persisted result data with one that does not.';

function keepsResult(initial: State): boolean {
  return initial.type === 'COMPLETED' && !isEmptyValue(initial.data) && hasPersistedResult(initial.data);
}

function losesResult(initial: State, proposed: State): boolean {
  return keepsResult(initial) && proposed.type === 'COMPLETED' && !hasPersistedResult(proposed.data);
}
