import type { JsonText } from '../../json/json.ts';
import { STATE_TYPES, type StateType } from '../../schema/types.ts';
import { now, type Timestamp } from '../../time/timestamp.ts';
import { uuid7 } from '../../time/uuid7.ts';

export { STATE_TYPES, type StateType };

export const TERMINAL_TYPES: readonly StateType[] = ['COMPLETED', 'CANCELLED', 'FAILED', 'CRASHED'];

/** In the order in which Prefect writes them, so that a row of ours and one of Prefect's are the same text. */
export interface StateDetails {
  flow_run_id: string | null;
  task_run_id: string | null;
  child_flow_run_id: string | null;
  scheduled_time: Timestamp | null;
  cache_key: string | null;
  cache_expiration: Timestamp | null;
  deferred: boolean | null;
  untrackable_result: boolean;
  pause_timeout: Timestamp | null;
  pause_reschedule: boolean;
  pause_key: string | null;
  run_input_keyset: Record<string, string> | null;
  refresh_cache: boolean | null;
  retriable: boolean | null;
  transition_id: string | null;
  task_parameters_id: string | null;
  traceparent: string | null;
  deployment_concurrency_lease_id: string | null;
}

/** A state as it goes over the wire. Never changed in place: rules replace it by a changed copy. */
export interface State {
  readonly id: string;
  readonly type: StateType;
  readonly name: string;
  readonly timestamp: Timestamp;
  readonly message: string | null;
  readonly data: JsonText | null;
  readonly state_details: Readonly<StateDetails>;
}

/** What a client proposes; id and timestamp are the server's to give. */
export interface StateProposal {
  type: StateType;
  name?: string | null;
  message?: string | null;
  data?: JsonText | null;
  state_details?: Partial<StateDetails> | null;
}

const NO_DETAILS: Readonly<StateDetails> = {
  flow_run_id: null,
  task_run_id: null,
  child_flow_run_id: null,
  scheduled_time: null,
  cache_key: null,
  cache_expiration: null,
  deferred: false,
  untrackable_result: false,
  pause_timeout: null,
  pause_reschedule: false,
  pause_key: null,
  run_input_keyset: null,
  refresh_cache: null,
  retriable: null,
  transition_id: null,
  task_parameters_id: null,
  traceparent: null,
  deployment_concurrency_lease_id: null,
};

/** All members, defaults filled in: rows that Prefect wrote may lack the younger ones. */
export function completeDetails(details: Partial<StateDetails> | null | undefined): StateDetails {
  return { ...NO_DETAILS, ...details };
}

/** A new state, made now. A SCHEDULED one without a time is scheduled for now; a missing name is the type's. */
export function newState(proposal: StateProposal): State {
  const timestamp = now();
  const state_details = completeDetails(proposal.state_details);
  if (proposal.type === 'SCHEDULED') state_details.scheduled_time ??= timestamp;
  return {
    id: uuid7(),
    type: proposal.type,
    name: proposal.name ?? defaultName(proposal.type),
    timestamp,
    message: proposal.message ?? null,
    data: proposal.data && !proposal.data.isNull ? proposal.data : null,
    state_details,
  };
}

/** The same state with an id and a moment of its own. */
export function freshCopy(state: State): State {
  return { ...state, id: uuid7(), timestamp: now() };
}

export function withDetails(state: State, details: Partial<StateDetails>): State {
  return { ...state, state_details: { ...state.state_details, ...details } };
}

export function isTerminal(type: StateType | null): boolean {
  return type !== null && TERMINAL_TYPES.includes(type);
}

function defaultName(type: StateType): string {
  return type[0] + type.slice(1).toLowerCase();
}

/**
 * Whether this is the result of a run that isn't kept anywhere (`{"type": "unpersisted"}`), which the server drops.
 * The text is looked into only when it may be one.
 */
export function isUnpersisted(data: JsonText | null): boolean {
  if (!data || !isJsonObject(data) || !/unpersisted|\\u/.test(data.text)) return false;
  return (JSON.parse(data.text) as { type?: unknown }).type === 'unpersisted';
}

/** Whether this looks like the record of a persisted result: an object that doesn't call itself unpersisted. */
export function hasPersistedResult(data: JsonText | null): boolean {
  return data !== null && isJsonObject(data) && !isUnpersisted(data);
}

/** Python's idea of an empty value, which counts as no data where Prefect asks `if state.data`. */
export function isEmptyValue(data: JsonText | null): boolean {
  return data === null || /^\s*(?:null|false|-?0(?:\.0*)?|""|\[\s*\]|\{\s*\})\s*$/.test(data.text);
}

function isJsonObject(data: JsonText): boolean {
  return /^\s*\{/.test(data.text);
}
