import { float } from '../../json/float.ts';
import { JsonNumber } from '../../json/json.ts';

/** How a flow run is retried, and what the server notes about its pauses. */
export interface FlowRunPolicy {
  max_retries: number;
  retry_delay_seconds: number;
  retries: number | null;
  retry_delay: number | null;
  pause_keys: string[] | null;
  resuming: boolean | null;
  retry_type: 'in_process' | 'reschedule' | null;
}

/** How a task run is retried; a list of delays has one for each retry, the last one repeated. */
export interface TaskRunPolicy {
  max_retries: number;
  retry_delay_seconds: number;
  retries: number | null;
  retry_delay: number | number[] | null;
  retry_jitter_factor: number | null;
}

const NO_FLOW_POLICY: Readonly<FlowRunPolicy> = {
  max_retries: 0,
  retry_delay_seconds: 0,
  retries: null,
  retry_delay: null,
  pause_keys: [],
  resuming: false,
  retry_type: null,
};

const NO_TASK_POLICY: Readonly<TaskRunPolicy> = {
  max_retries: 0,
  retry_delay_seconds: 0,
  retries: null,
  retry_delay: null,
  retry_jitter_factor: null,
};

/** As it is stored: members may be absent, and numbers in their own spelling. */
export type StoredPolicy = Record<string, unknown> | null | undefined;

/** All members, defaults filled in: rows that Prefect wrote may lack the younger ones. */
export function completeFlowRunPolicy(stored: StoredPolicy): FlowRunPolicy {
  return fromDeprecatedNames({ ...NO_FLOW_POLICY, ...withPlainNumbers(stored) });
}

export function completeTaskRunPolicy(stored: StoredPolicy): TaskRunPolicy {
  return fromDeprecatedNames({ ...NO_TASK_POLICY, ...withPlainNumbers(stored) });
}

/** As it goes over the wire: a delay of 1.0 isn't 1 there. */
export function flowRunPolicyAnswer(stored: StoredPolicy): Record<string, unknown> {
  const policy = completeFlowRunPolicy(stored);
  return { ...policy, retry_delay_seconds: float(policy.retry_delay_seconds) };
}

export function taskRunPolicyAnswer(stored: StoredPolicy): Record<string, unknown> {
  const policy = completeTaskRunPolicy(stored);
  const { retry_delay_seconds, retry_jitter_factor } = policy;
  return {
    ...policy,
    retry_delay_seconds: float(retry_delay_seconds),
    retry_delay: stored?.['retry_delay'] ?? policy.retry_delay,
    retry_jitter_factor: retry_jitter_factor === null ? null : float(retry_jitter_factor),
  };
}

/** `max_retries` and `retry_delay_seconds` count where the names that replaced them say nothing. */
function fromDeprecatedNames<Policy extends FlowRunPolicy | TaskRunPolicy>(policy: Policy): Policy {
  if (!policy.retries && policy.max_retries) policy.retries = policy.max_retries;
  if (!policy.retry_delay && policy.retry_delay_seconds) policy.retry_delay = policy.retry_delay_seconds;
  return policy;
}

function withPlainNumbers(stored: StoredPolicy): Record<string, unknown> {
  const plain = (value: unknown) => (value instanceof JsonNumber ? value.valueOf() : value);
  const members = Object.entries(stored ?? {});
  return Object.fromEntries(
    members.map(([name, value]) => [name, Array.isArray(value) ? value.map(plain) : plain(value)]),
  );
}
