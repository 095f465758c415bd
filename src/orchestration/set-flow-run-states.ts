import type { Database } from '../db/database.ts';
import { DatabaseUnavailable } from '../db/errors.ts';
import type { StateProposal } from '../entities/run/state.ts';
import { type SetStateOptions, setFlowRunState } from './set-flow-run-state.ts';
import type { OrchestrationResult } from './transition.ts';

export type FlowRunOrchestrationResult = { flow_run_id: string } & OrchestrationResult;

/** Proposes the same state for several flow runs, each in a transaction of its own: one that fails doesn't undo the others. */
export async function setFlowRunStates(
  db: Database,
  ids: string[],
  proposal: StateProposal,
  options: SetStateOptions,
): Promise<FlowRunOrchestrationResult[]> {
  const results: FlowRunOrchestrationResult[] = [];
  for (const id of ids) results.push({ flow_run_id: id, ...(await attempt(db, id, proposal, options)) });
  return results;
}

async function attempt(
  db: Database,
  id: string,
  proposal: StateProposal,
  options: SetStateOptions,
): Promise<OrchestrationResult> {
  try {
    const outcome = await setFlowRunState(db, id, proposal, options);
    return outcome?.result ?? aborted(`Flow run with id ${id} not found`);
  } catch (error) {
    // The rest would fail alike: the client hears of it and asks again.
    if (error instanceof DatabaseUnavailable) throw error;
    return aborted(error instanceof Error ? error.message : String(error));
  }
}

function aborted(reason: string): OrchestrationResult {
  return { state: null, status: 'ABORT', details: { type: 'abort_details', reason } };
}
