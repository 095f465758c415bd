import type { Database } from '../db/database.ts';
import { insertEvents } from '../entities/event/event.ts';
import { insertFlowRun } from '../entities/flow-run/insert.ts';
import { lockFlowRun } from '../entities/flow-run/lock.ts';
import { newState, type State, type StateProposal } from '../entities/run/state.ts';
import {
  deleteResult,
  insertFlowRunState,
  insertResults,
  updateFlowRunState,
} from '../entities/run/write.ts';
import { lockTaskRun } from '../entities/task-run/lock.ts';
import { now, type Timestamp } from '../time/timestamp.ts';
import { type Client, newestClient } from './client.ts';
import type { FlowPolicy } from './drafts.ts';
import { changeFlowRun, type FlowRunBefore, type FlowRunChange, flowRunBefore } from './flow-run-change.ts';
import { coreFlowPolicy, minimalFlowPolicy, minimalTaskPolicy } from './policies.ts';
import type { Outcome } from './set-task-run-state.ts';
import type { SlotSettings } from './slot-settings.ts';
import {
  changeTaskRun,
  type TaskRunBefore,
  type TaskRunChange,
  taskRunBefore,
  writeTaskRunChange,
} from './task-run-change.ts';

export interface SetStateOptions {
  force?: boolean;
  client?: Client;
  slots?: SlotSettings;
}

/** Proposes a state for a flow run, in one transaction with the event of the change. Undefined when there is no such run. */
export function setFlowRunState(
  db: Database,
  id: string,
  proposal: StateProposal,
  { force = false, client = newestClient, slots }: SetStateOptions = {},
): Promise<Outcome | undefined> {
  return db.transaction(async () => {
    const locked = await lockFlowRun(db, id);
    if (!locked) return undefined;
    const policy = force ? minimalFlowPolicy : coreFlowPolicy;
    return setFlowRunStateNow(db, flowRunBefore(locked), newState(proposal), policy, client, slots);
  });
}

/** Inside a transaction that has locked the run. */
export async function setFlowRunStateNow(
  db: Database,
  before: FlowRunBefore,
  proposed: State,
  policy: FlowPolicy,
  client: Client = newestClient,
  slots?: SlotSettings,
): Promise<Outcome> {
  const change = await changeFlowRun(db, before, proposed, policy, client, slots);
  await writeFlowRunChange(db, change);
  return { result: change.transition.result, written: change.transition.proposed !== null };
}

/** Writes in the order of foreign keys; the number of statements doesn't depend on what happened. */
async function writeFlowRunChange(
  db: Database,
  change: FlowRunChange,
  updated: Timestamp = now(),
): Promise<void> {
  const { before, transition, artifact, event } = change;
  const parent = await changeParent(db, change);
  await insertResults(
    db,
    [artifact, parent?.artifact ?? null].filter((result) => result !== null),
  );
  const { run } = transition;
  const state = transition.proposed ? transition.validated : null;
  if (state) await insertFlowRunState(db, run.id, state, artifact?.id ?? null);
  if (state || run.empirical_policy !== transition.original.empirical_policy) {
    const draft = { ...run, empirical_policy: { ...run.empirical_policy } };
    await updateFlowRunState(db, run.id, draft, state?.id ?? before.run.state_id, updated);
  }
  if (parent) await writeParent(db, parent);
  if (event) await insertEvents(db, [event]);
}

/** The same of a run that isn't there yet. False, and nothing done, when there is one of its idempotency key already. */
export async function writeNewFlowRun(
  db: Database,
  change: FlowRunChange,
  updated: Timestamp,
): Promise<boolean> {
  const { before, transition, artifact, event } = change;
  const { empirical_policy, ...draft } = transition.run;
  const state = transition.validated!;
  const run = {
    ...before.run,
    ...draft,
    empirical_policy: { ...empirical_policy },
    state_id: state.id,
    updated,
  };
  if (artifact) await insertResults(db, [artifact]);
  if (!(await insertFlowRun(db, run, state, artifact?.id ?? null))) {
    if (artifact) await deleteResult(db, artifact.id);
    return false;
  }
  const parent = await changeParent(db, change);
  if (parent) {
    if (parent.artifact) await insertResults(db, [parent.artifact]);
    await writeParent(db, parent);
  }
  if (event) await insertEvents(db, [event]);
  return true;
}

/** The change of the task run that stands for this flow run in the flow that called it. */
async function changeParent(
  db: Database,
  { before, parentState }: FlowRunChange,
): Promise<TaskRunChange | null> {
  const { parent, parentLatest } = before.around;
  if (!parent || !parentState) return null;
  return changeTaskRun(db, parentBefore(parent, parentLatest), parentState, minimalTaskPolicy);
}

/** Its current state isn't read: the bookkeeping asks for nothing that the run doesn't repeat. */
function parentBefore(run: TaskRunBefore['run'], latest: TaskRunBefore['latest']): TaskRunBefore {
  const { state_id, state_type, state_name, state_timestamp } = run;
  const hasState = state_id && state_type && state_timestamp;
  const state = { type: state_type!, name: state_name };
  const initial = hasState ? { ...newState(state), id: state_id, timestamp: state_timestamp } : null;
  return { run, initial, latest, flowRun: null };
}

async function writeParent(db: Database, change: TaskRunChange): Promise<void> {
  if (await writeTaskRunChange(db, change)) return;
  // It was read without a lock, and someone else changed it since: once more, from what it is now.
  const locked = await lockTaskRun(db, change.before.run.id);
  if (!locked) return;
  const { validated } = change.transition;
  // Its youngest state is the one that was just written.
  const before = { ...taskRunBefore(locked), latest: null };
  const again = await changeTaskRun(db, before, validated!, minimalTaskPolicy);
  await writeTaskRunChange(db, again, { stateIsWritten: true });
}
