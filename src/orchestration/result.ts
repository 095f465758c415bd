import { randomUUID } from 'node:crypto';
import { describedResult } from '../entities/run/result.ts';
import { isUnpersisted, type State } from '../entities/run/state.ts';
import type { ResultArtifact } from '../entities/run/write.ts';

/** The artifact for a state's result, and the state as it is answered; no artifact where there is nothing to keep. */
export function splitResult(
  state: State,
  owner: Pick<ResultArtifact, 'flow_run_id' | 'task_run_id'>,
): { state: State; artifact: ResultArtifact | null } {
  if (!state.data || isUnpersisted(state.data)) return { state, artifact: null };
  const { data, key, type, description } = describedResult(state.data);
  const artifact = { id: randomUUID(), key, type, description, data, ...owner };
  return { state: { ...state, data }, artifact };
}
