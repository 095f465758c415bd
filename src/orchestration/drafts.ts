import type { FlowRunPolicy, TaskRunPolicy } from '../entities/run/policy.ts';
import type { State, StateType } from '../entities/run/state.ts';
import type { Timestamp } from '../time/timestamp.ts';
import type { DeploymentSlots } from './deployment-slots.ts';
import type { Policy, Rule, Transform } from './rule.ts';
import type { TaskSlots } from './task-slots.ts';
import type { RunDraft, Transition } from './transition.ts';

export interface FlowRunDraft extends RunDraft {
  readonly deployment_id: string | null;
  readonly parent_task_run_id: string | null;
  readonly infrastructure_pid: string | null;
  empirical_policy: FlowRunPolicy;
}

export interface TaskRunDraft extends RunDraft {
  readonly flow_run_id: string | null;
  flow_run_run_count: number;
  empirical_policy: TaskRunPolicy;
}

/** What the rules of either kind of run can reach. */
export interface RunReach {
  /** This moment, or the next microsecond after it at which the run has no state yet. */
  freeTimestamp(timestamp: Timestamp): Timestamp | Promise<Timestamp>;
}

/** What the rules of a flow run can reach beyond it. */
export interface FlowReach extends RunReach {
  /** Clients before API 0.8.4 know no pauses: what the server notes about them is left alone. */
  readonly knowsPauses: boolean;
  /** Clients before API 0.8.3 leave it to the server to retry the failed tasks of a retried flow. */
  readonly retriesItsTasks: boolean;
  /** Clients since 3.4.11 renew the lease of their deployment's slot. */
  readonly renewsLeases: boolean;
  /** Workers of 3.0.0 to 3.0.3 take the slots of deployments themselves. */
  readonly takesDeploymentSlots: boolean;
  readonly slots: DeploymentSlots;
  retryFailedTasks(scheduledTime: Timestamp): Promise<void>;
  /** Sets the state of the task run that stands for this flow run in the flow that called it. */
  setParentTaskState(state: State): void;
  emitStateChange(validated: State): void;
}

/** The flow run that a task run belongs to. */
export interface EnclosingFlowRun {
  readonly id: string;
  readonly run_count: number;
  readonly state_type: StateType | null;
  readonly pause_timeout: Timestamp | null;
  readonly pause_reschedule: boolean;
}

/** What the rules of a task run can reach beyond it. */
export interface TaskReach extends RunReach {
  readonly flowRun: EnclosingFlowRun | null;
  readonly slots: TaskSlots;
  readonly maxCacheKeyLength: number;
  findCachedState(cacheKey: string): Promise<State | null>;
  cacheState(cacheKey: string, expiration: Timestamp | null): void;
  /** Has the task run wait for a worker of its own. */
  enqueue(isRetry: boolean): Promise<void>;
}

export type FlowTransition = Transition<FlowRunDraft, FlowReach>;
export type FlowRule = Rule<FlowRunDraft, FlowReach>;
export type FlowTransform = Transform<FlowRunDraft, FlowReach>;
export type FlowPolicy = Policy<FlowRunDraft, FlowReach>;

export type TaskTransition = Transition<TaskRunDraft, TaskReach>;
export type TaskRule = Rule<TaskRunDraft, TaskReach>;
export type TaskTransform = Transform<TaskRunDraft, TaskReach>;
export type TaskPolicy = Policy<TaskRunDraft, TaskReach>;

/** Rules that serve both kinds of runs. */
export type CommonRule = Rule<RunDraft, RunReach>;
export type CommonTransform = Transform<RunDraft, RunReach>;
