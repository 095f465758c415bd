import type { Database } from '../db/database.ts';
import type { EventInput } from '../entities/event/event.ts';
import type { FlowRunRow } from '../entities/flow-run/flow-run.ts';
import type { FlowRunSurroundings, LockedFlowRun } from '../entities/flow-run/lock.ts';
import { completeFlowRunPolicy } from '../entities/run/policy.ts';
import { toState } from '../entities/run/row.ts';
import type { State } from '../entities/run/state.ts';
import { freeTimestamp, ofFlowRuns } from '../entities/run/timestamps.ts';
import type { ResultArtifact } from '../entities/run/write.ts';
import type { Timestamp } from '../time/timestamp.ts';
import type { Client } from './client.ts';
import { deploymentSlots } from './deployment-slots.ts';
import type { FlowPolicy, FlowReach, FlowTransition } from './drafts.ts';
import { orchestrate } from './engine.ts';
import { splitResult } from './result.ts';
import { retryFailedTaskRuns } from './retry-failed-task-runs.ts';
import { DEFAULT_SLOT_SETTINGS, type SlotSettings } from './slot-settings.ts';
import { flowRunStateEvent } from './state-change-event.ts';
import { Transition } from './transition.ts';

/** A flow run before a change of its state. */
export interface FlowRunBefore {
  run: FlowRunRow;
  initial: State | null;
  around: FlowRunSurroundings;
  /** The moment of its youngest state. */
  latest: Timestamp | null;
}

/** A transition that has been through its rules, and what is to be written of it beside the run and the state. */
export interface FlowRunChange {
  before: FlowRunBefore;
  transition: FlowTransition;
  artifact: ResultArtifact | null;
  /** The state that the task run which stands for this flow run is to have. */
  parentState: State | null;
  event: EventInput | null;
}

export function flowRunBefore(row: LockedFlowRun): FlowRunBefore {
  const { run, state, artifact, latest } = row;
  return { run, initial: state && toState(state, artifact), around: row, latest };
}

/**
 * Takes a proposed state through the rules; writes nothing but slots and leases, and the task runs that an old client
 * wants retried.
 */
export async function changeFlowRun(
  db: Database,
  before: FlowRunBefore,
  proposed: State,
  policy: FlowPolicy,
  client: Client,
  slots: SlotSettings = DEFAULT_SLOT_SETTINGS,
): Promise<FlowRunChange> {
  const { run, initial, around, latest } = before;
  const change = { parentState: null, event: null, artifact: null } as Omit<
    FlowRunChange,
    'before' | 'transition'
  >;
  const reach: FlowReach = {
    ...client,
    slots: deploymentSlots(db, run.id, around.deployment, slots),
    freeTimestamp: (timestamp) => freeTimestamp(db, ofFlowRuns(db.tables), run.id, latest, timestamp),
    retryFailedTasks: (scheduledTime) => retryFailedTaskRuns(db, run.id, scheduledTime),
    setParentTaskState: (state) => {
      change.parentState = state;
    },
    emitStateChange: (validated) => {
      const changed = { ...run, run_count: transition.run.run_count };
      change.event = flowRunStateEvent(changed, around, initial, validated);
    },
  };
  const draft = { ...run, empirical_policy: completeFlowRunPolicy(run.empirical_policy) };
  const transition: FlowTransition = new Transition(draft, initial, proposed, reach);
  await orchestrate(transition, policy, () => {
    if (!transition.proposed) return initial;
    const split = splitResult(transition.proposed, { flow_run_id: run.id, task_run_id: null });
    change.artifact = split.artifact;
    return split.state;
  });
  return { before, transition, ...change };
}
