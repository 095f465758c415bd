import type { Database } from '../db/database.ts';
import { createFlowRunInput, readFlowRunInput } from '../entities/flow-run/input.ts';
import { lockFlowRun } from '../entities/flow-run/lock.ts';
import { hydrated } from '../entities/hydration.ts';
import { newState, type State } from '../entities/run/state.ts';
import { JsonSyntaxError, type JsonText, parseJson, stringifyJson } from '../json/json.ts';
import { HydrationError } from '../json/schema/hydrate.ts';
import { CIRCULAR, schemaProblem } from '../json/schema/problem.ts';
import { isObject, type Json } from '../json/schema/types.ts';
import { now } from '../time/timestamp.ts';
import { type Client, newestClient } from './client.ts';
import { flowRunBefore } from './flow-run-change.ts';
import { coreFlowPolicy } from './policies.ts';
import { setFlowRunStateNow } from './set-flow-run-state.ts';
import type { Outcome } from './set-task-run-state.ts';
import type { SetStateStatus } from './transition.ts';

/** The names under which a paused run keeps the schema of its input and the input itself. */
type Keyset = Record<string, string>;

/**
 * Lets a paused flow run go on: a suspended one is scheduled anew, another one runs. Input that the run asked for is
 * checked against its schema and kept for it. Undefined when there is no such run.
 */
export function resumeFlowRun(
  db: Database,
  id: string,
  runInput: JsonText | null | undefined,
  client: Client = newestClient,
): Promise<Outcome | undefined> {
  return db.transaction(async () => {
    const locked = await lockFlowRun(db, id);
    if (!locked) return undefined;
    const before = flowRunBefore(locked);
    const { initial } = before;
    if (initial?.type !== 'PAUSED') {
      return refusal(null, 'ABORT', 'Cannot resume a flow run that is not paused.');
    }
    const { run_input_keyset: keyset, pause_reschedule } = initial.state_details;
    const input = keyset ? await checkedInput(db, id, keyset, runInput) : undefined;
    if (input instanceof RefusedInput) return refusal(initial, 'REJECT', input.reason);
    const proposed = pause_reschedule
      ? newState({ type: 'SCHEDULED', name: 'Resuming', state_details: { scheduled_time: now() } })
      : newState({ type: 'RUNNING' });
    const outcome = await setFlowRunStateNow(db, before, proposed, coreFlowPolicy, client);
    if (input && Object.keys(input).length > 0 && outcome.result.status === 'ACCEPT') {
      const value = stringifyJson(input);
      await createFlowRunInput(db, { flow_run_id: id, key: keyset!['response']!, value, sender: null });
    }
    return outcome;
  });
}

/** Prefect gives a rejection the details of an abort here. */
function refusal(state: State | null, status: SetStateStatus, reason: string): Outcome {
  return { result: { state, status, details: { type: 'abort_details', reason } }, written: false };
}

class RefusedInput {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

async function checkedInput(
  db: Database,
  id: string,
  keyset: Keyset,
  runInput: JsonText | null | undefined,
): Promise<Record<string, Json> | RefusedInput> {
  let input: Json;
  try {
    input = runInput && !runInput.isNull ? ((await hydrated(db, runInput)) ?? {}) : {};
  } catch (error) {
    if (!(error instanceof HydrationError)) throw error;
    return new RefusedInput(`Error hydrating run input: ${error.message}`);
  }
  const stored = keyset['schema'] ? await readFlowRunInput(db, id, keyset['schema']) : undefined;
  if (!stored) return new RefusedInput('Run input schema not found.');
  const schema = parsedObject(stored.value);
  if (!schema) return new RefusedInput('Run input schema is not valid JSON.');
  const problem = schemaProblem(input, schema);
  if (problem !== undefined) return new RefusedInput(problem === CIRCULAR ? problem : `Reason: ${problem}`);
  return isObject(input) ? input : {};
}

function parsedObject(text: string): Record<string, Json> | undefined {
  try {
    const value = parseJson(text);
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof JsonSyntaxError) return undefined;
    throw error;
  }
}
