import { freshCopy, isTerminal, withDetails } from '../entities/run/state.ts';
import { toMicros } from '../time/timestamp.ts';
import type { CommonTransform, FlowTransform, TaskTransform } from './drafts.ts';

/** Comes first: what follows reads the moment. */
export const ensureStateTimestampIsUnique: CommonTransform = {
  name: 'EnsureFlowRunStateTimestampIsUnique',
  universal: true,
  async before(transition, proposed) {
    const timestamp = await transition.reach.freeTimestamp(proposed.timestamp);
    if (timestamp !== proposed.timestamp) transition.proposed = { ...proposed, timestamp };
  },
};

export const setRunState: CommonTransform = {
  name: 'SetRunStateType, SetRunStateName, SetRunStateTimestamp',
  universal: true,
  before({ run }, proposed) {
    run.state_type = proposed.type;
    run.state_name = proposed.name;
    run.state_timestamp = proposed.timestamp;
  },
};

export const setStartTime: CommonTransform = {
  name: 'SetStartTime',
  universal: true,
  before({ run }, proposed) {
    if (proposed.type === 'RUNNING') run.start_time ??= proposed.timestamp;
  },
};

export const setEndTime: CommonTransform = {
  name: 'SetEndTime',
  universal: true,
  before({ run, fromType }, proposed) {
    if (!isTerminal(proposed.type)) {
      if (isTerminal(fromType)) run.end_time = null;
    } else if (!run.end_time) {
      run.start_time ??= proposed.timestamp;
      run.end_time = proposed.timestamp;
    }
  },
};

export const incrementRunTime: CommonTransform = {
  name: 'IncrementRunTime',
  universal: true,
  before({ run, initial }, proposed) {
    if (initial?.type !== 'RUNNING') return;
    // In whole microseconds: sums of fractions would drift.
    const before = Math.round(run.total_run_time * 1_000_000);
    run.total_run_time = (before + toMicros(proposed.timestamp) - toMicros(initial.timestamp)) / 1_000_000;
  },
};

export const setExpectedStartTime: CommonTransform = {
  name: 'SetExpectedStartTime',
  universal: true,
  before({ run }, proposed) {
    run.expected_start_time ??=
      proposed.type === 'SCHEDULED' ? proposed.state_details.scheduled_time : proposed.timestamp;
  },
};

export const setNextScheduledStartTime: CommonTransform = {
  name: 'SetNextScheduledStartTime',
  universal: true,
  before({ run, fromType }, proposed) {
    if (fromType === 'SCHEDULED') run.next_scheduled_start_time = null;
    if (proposed.type === 'SCHEDULED') run.next_scheduled_start_time = proposed.state_details.scheduled_time;
  },
};

export const updateFlowRunStateDetails: FlowTransform = {
  name: 'UpdateStateDetails, UpdateSubflowStateDetails',
  universal: true,
  before(transition, proposed) {
    const { id, parent_task_run_id } = transition.run;
    transition.proposed = withDetails(proposed, {
      flow_run_id: id,
      ...(parent_task_run_id && { task_run_id: parent_task_run_id }),
    });
  },
};

export const updateTaskRunStateDetails: TaskTransform = {
  name: 'UpdateStateDetails',
  universal: true,
  before(transition, proposed) {
    const { id, flow_run_id } = transition.run;
    transition.proposed = withDetails(proposed, { flow_run_id, task_run_id: id });
  },
};

/** In the flow that called it, a flow run is a task run, which goes through the same states. */
export const updateSubflowParentTask: FlowTransform = {
  name: 'UpdateSubflowParentTask',
  universal: true,
  after({ run, reach }, validated) {
    if (!run.parent_task_run_id) return;
    reach.setParentTaskState(withDetails(freshCopy(validated), { child_flow_run_id: run.id }));
  },
};

export const incrementFlowRunCount: FlowTransform = {
  name: 'IncrementFlowRunCount',
  universal: true,
  before({ run, reach }, proposed) {
    if (proposed.type !== 'RUNNING') return;
    // Going on after a pause isn't a new attempt.
    if (reach.knowsPauses && run.empirical_policy.resuming) return;
    run.run_count += 1;
  },
};

export const removeResumingIndicator: FlowTransform = {
  name: 'RemoveResumingIndicator',
  universal: true,
  before({ run, reach }, proposed) {
    if (!reach.knowsPauses || !run.empirical_policy.resuming) return;
    if (proposed.type !== 'RUNNING' && !isTerminal(proposed.type)) return;
    run.empirical_policy = { ...run.empirical_policy, resuming: false };
  },
};

export const incrementTaskRunCount: TaskTransform = {
  name: 'IncrementTaskRunCount',
  universal: true,
  before({ run }, proposed) {
    if (proposed.type === 'RUNNING') run.run_count += 1;
  },
};
