import type { Database } from '../db/database.ts';
import { lockFlowRun } from '../entities/flow-run/lock.ts';
import { newState, type StateProposal } from '../entities/run/state.ts';
import type { FlowPolicy } from './drafts.ts';
import { type FlowRunBefore, flowRunBefore } from './flow-run-change.ts';
import { setFlowRunStateNow } from './set-flow-run-state.ts';
import type { Outcome } from './set-task-run-state.ts';

/**
 * For background work, which has found the run a while ago: `propose` looks at what it is now that nobody else can change
 * it, and says what to propose, or null to leave it. Undefined when nothing was proposed.
 */
export function setFlowRunStateIf(
  db: Database,
  id: string,
  policy: FlowPolicy,
  propose: (before: FlowRunBefore) => StateProposal | null,
): Promise<Outcome | undefined> {
  return db.transaction(async () => {
    const locked = await lockFlowRun(db, id);
    if (!locked) return undefined;
    const before = flowRunBefore(locked);
    const proposal = propose(before);
    return proposal ? setFlowRunStateNow(db, before, newState(proposal), policy) : undefined;
  });
}
