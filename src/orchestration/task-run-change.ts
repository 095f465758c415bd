import type { Database } from '../db/database.ts';
import { completeTaskRunPolicy } from '../entities/run/policy.ts';
import { toState } from '../entities/run/row.ts';
import { completeDetails, type State, type StateDetails } from '../entities/run/state.ts';
import { freeTimestamp, ofTaskRuns } from '../entities/run/timestamps.ts';
import {
  insertCachedState,
  insertTaskRunState,
  type ResultArtifact,
  updateTaskRunState,
} from '../entities/run/write.ts';
import { findCachedState } from '../entities/task-run/cached-state.ts';
import type { LockedTaskRun } from '../entities/task-run/lock.ts';
import { enqueueTaskRun } from '../entities/task-run/task-queue.ts';
import type { TaskRunRow } from '../entities/task-run/task-run.ts';
import { now, type Timestamp } from '../time/timestamp.ts';
import type { EnclosingFlowRun, TaskPolicy, TaskReach, TaskTransition } from './drafts.ts';
import { orchestrate } from './engine.ts';
import { splitResult } from './result.ts';
import { DEFAULT_SLOT_SETTINGS, type SlotSettings } from './slot-settings.ts';
import { taskSlots } from './task-slots.ts';
import { Transition } from './transition.ts';

/** Prefect's default. */
const MAX_CACHE_KEY_LENGTH = 2000;

/** A task run before a change of its state. */
export interface TaskRunBefore {
  run: TaskRunRow;
  initial: State | null;
  flowRun: EnclosingFlowRun | null;
  /** The moment of its youngest state. */
  latest: Timestamp | null;
}

/** A transition that has been through its rules, and what is to be written of it beside the run and the state. */
export interface TaskRunChange {
  before: TaskRunBefore;
  transition: TaskTransition;
  artifact: ResultArtifact | null;
  cached: { key: string; expiration: Timestamp | null } | null;
}

export function taskRunBefore(row: LockedTaskRun): TaskRunBefore {
  const { run, state, artifact, flowRun, flowRunState, latest } = row;
  return {
    run,
    initial: state && toState(state, artifact),
    flowRun: flowRun && enclosingFlowRun(flowRun, flowRunState),
    latest,
  };
}

export function enclosingFlowRun(
  { id, run_count }: NonNullable<LockedTaskRun['flowRun']>,
  state: LockedTaskRun['flowRunState'],
): EnclosingFlowRun {
  const { pause_timeout, pause_reschedule } = completeDetails(state?.state_details as Partial<StateDetails>);
  return { id, run_count, state_type: state?.type ?? null, pause_timeout, pause_reschedule };
}

export interface TaskRunSettings {
  maxCacheKeyLength?: number | undefined;
  slots?: SlotSettings | undefined;
}

/** Takes a proposed state through the rules; writes nothing but slots and leases. */
export async function changeTaskRun(
  db: Database,
  before: TaskRunBefore,
  proposed: State,
  policy: TaskPolicy,
  { maxCacheKeyLength = MAX_CACHE_KEY_LENGTH, slots = DEFAULT_SLOT_SETTINGS }: TaskRunSettings = {},
): Promise<TaskRunChange> {
  const { run, initial, flowRun, latest } = before;
  const change = { artifact: null, cached: null } as Omit<TaskRunChange, 'before' | 'transition'>;
  const reach: TaskReach = {
    flowRun,
    maxCacheKeyLength,
    slots: taskSlots(db, run, slots),
    // Prefect doesn't do this for task runs, and fails where two states meet.
    freeTimestamp: (timestamp) => freeTimestamp(db, ofTaskRuns(db.tables), run.id, latest, timestamp),
    findCachedState: (key) => findCachedState(db, key),
    cacheState: (key, expiration) => {
      change.cached = { key, expiration };
    },
    enqueue: (isRetry) => enqueueTaskRun(db, run, isRetry),
  };
  const draft = { ...run, empirical_policy: completeTaskRunPolicy(run.empirical_policy) };
  const transition: TaskTransition = new Transition(draft, initial, proposed, reach);
  await orchestrate(transition, policy, () => {
    if (!transition.proposed) return initial;
    const owner = { flow_run_id: run.flow_run_id, task_run_id: run.id };
    const split = splitResult(transition.proposed, owner);
    change.artifact = split.artifact;
    return split.state;
  });
  return { before, transition, ...change };
}

/**
 * Writes the state and the run, after the artifact. False, and the run not written, when the run has meanwhile come to
 * another state than the one it was read in.
 */
export async function writeTaskRunChange(
  db: Database,
  change: TaskRunChange,
  { stateIsWritten = false } = {},
): Promise<boolean> {
  const { before, transition, artifact, cached } = change;
  const { run, validated } = transition;
  const state = transition.proposed ? validated : null;
  if (state && !stateIsWritten) {
    await insertTaskRunState(db, run.id, state, artifact?.id ?? null);
    if (cached) await insertCachedState(db, cached.key, cached.expiration, state.id);
  }
  if (!state && run.run_count === before.run.run_count) return true;
  const stateId = state?.id ?? before.run.state_id;
  return updateTaskRunState(db, run.id, run, stateId, before.run.state_id, now());
}
