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

/** All members, defaults filled in: rows that Prefect wrote may lack the younger ones. */
export function completeFlowRunPolicy(policy: Partial<FlowRunPolicy> | null | undefined): FlowRunPolicy {
  return fromDeprecatedNames({ ...NO_FLOW_POLICY, ...policy });
}

export function completeTaskRunPolicy(policy: Partial<TaskRunPolicy> | null | undefined): TaskRunPolicy {
  return fromDeprecatedNames({ ...NO_TASK_POLICY, ...policy });
}

/** `max_retries` and `retry_delay_seconds` count where the names that replaced them say nothing. */
function fromDeprecatedNames<Policy extends FlowRunPolicy | TaskRunPolicy>(policy: Policy): Policy {
  if (!policy.retries && policy.max_retries) policy.retries = policy.max_retries;
  if (!policy.retry_delay && policy.retry_delay_seconds) policy.retry_delay = policy.retry_delay_seconds;
  return policy;
}
