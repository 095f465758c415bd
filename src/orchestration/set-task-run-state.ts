import type { Database } from '../db/database.ts';
import { newState, type State, type StateProposal } from '../entities/run/state.ts';
import { insertResults } from '../entities/run/write.ts';
import { lockTaskRun } from '../entities/task-run/lock.ts';
import type { TaskPolicy } from './drafts.ts';
import { backgroundTaskPolicy, coreTaskPolicy, minimalTaskPolicy } from './policies.ts';
import {
  changeTaskRun,
  type TaskRunBefore,
  type TaskRunSettings,
  taskRunBefore,
  writeTaskRunChange,
} from './task-run-change.ts';
import type { OrchestrationResult } from './transition.ts';

/** What became of an attempt to set a state. */
export interface Outcome {
  result: OrchestrationResult;
  /** Whether a state was written: the proposed one, or another in its place. */
  written: boolean;
}

/** Proposes a state for a task run, in one transaction. Undefined when there is no such run. */
export function setTaskRunState(
  db: Database,
  id: string,
  proposal: StateProposal,
  { force = false, ...settings }: { force?: boolean } & TaskRunSettings = {},
): Promise<Outcome | undefined> {
  return db.transaction(async () => {
    const locked = await lockTaskRun(db, id);
    if (!locked) return undefined;
    const proposed = newState(proposal);
    const policy = taskPolicyFor(proposed, force);
    return setTaskRunStateNow(db, taskRunBefore(locked), proposed, policy, settings);
  });
}

/** Inside a transaction that has locked the run. */
export async function setTaskRunStateNow(
  db: Database,
  before: TaskRunBefore,
  proposed: State,
  policy: TaskPolicy,
  settings: TaskRunSettings = {},
): Promise<Outcome> {
  const change = await changeTaskRun(db, before, proposed, policy, settings);
  if (change.artifact) await insertResults(db, [change.artifact]);
  await writeTaskRunChange(db, change);
  return { result: change.transition.result, written: change.transition.proposed !== null };
}

/** Background tasks have a policy of their own, which `force` doesn't get around. */
export function taskPolicyFor(proposed: State, force: boolean): TaskPolicy {
  if (proposed.state_details.deferred) return backgroundTaskPolicy;
  return force ? minimalTaskPolicy : coreTaskPolicy;
}
