/** Takes transitions through policies without a database: rules need nothing but their draft and what they can reach. */
import { completeFlowRunPolicy, completeTaskRunPolicy } from '../../src/entities/run/policy.ts';
import { newState, type State, type StateProposal } from '../../src/entities/run/state.ts';
import type { DeploymentSlots } from '../../src/orchestration/deployment-slots.ts';
import type {
  FlowPolicy,
  FlowReach,
  FlowRunDraft,
  TaskPolicy,
  TaskReach,
  TaskRunDraft,
} from '../../src/orchestration/drafts.ts';
import { orchestrate } from '../../src/orchestration/engine.ts';
import type { Policy } from '../../src/orchestration/rule.ts';
import type { TaskSlots } from '../../src/orchestration/task-slots.ts';
import { type RunDraft, Transition } from '../../src/orchestration/transition.ts';

/** A state with an id and a moment that the test chooses. */
export function state(proposal: StateProposal & Partial<Pick<State, 'id' | 'timestamp'>>): State {
  const { id, timestamp, ...rest } = proposal;
  const made = newState(rest);
  return { ...made, id: id ?? made.id, timestamp: timestamp ?? made.timestamp };
}

const bareRun = (initial: State | null) => ({
  id: 'run',
  state_type: initial?.type ?? null,
  state_name: initial?.name ?? null,
  state_timestamp: initial?.timestamp ?? null,
  run_count: 0,
  expected_start_time: null,
  next_scheduled_start_time: null,
  start_time: null,
  end_time: null,
  total_run_time: 0,
});

/** A deployment, and no limit of it. */
export const NO_DEPLOYMENT_SLOTS: DeploymentSlots = {
  hasDeployment: true,
  collisionStrategy: 'ENQUEUE',
  waitSeconds: 30,
  limit: async () => null,
  take: async () => null,
  undo: async () => {},
  renew: async () => false,
  keep: async () => {},
  giveBack: async () => {},
};

/** Tags, and no limit of theirs. */
export const NO_TASK_SLOTS: TaskSlots = {
  limits: async () => [],
  take: async () => false,
  undo: async () => {},
  giveBack: async () => {},
  waitSeconds: () => 10,
};

interface Play<Run, Reach> {
  initial: State | null;
  proposed: State;
  run?: Partial<Run>;
  reach?: Partial<Reach>;
}

export type FlowPlay = Play<FlowRunDraft, FlowReach>;
export type TaskPlay = Play<TaskRunDraft, TaskReach>;

export async function playFlow(policy: FlowPolicy, { initial, proposed, run, reach }: FlowPlay) {
  const draft: FlowRunDraft = {
    ...bareRun(initial),
    deployment_id: null,
    parent_task_run_id: null,
    infrastructure_pid: null,
    empirical_policy: completeFlowRunPolicy(null),
    ...run,
  };
  const full: FlowReach = {
    knowsPauses: true,
    retriesItsTasks: true,
    renewsLeases: true,
    takesDeploymentSlots: false,
    slots: NO_DEPLOYMENT_SLOTS,
    freeTimestamp: (timestamp) => timestamp,
    retryFailedTasks: async () => {},
    setParentTaskState: () => {},
    emitStateChange: () => {},
    ...reach,
  };
  return through(policy, new Transition(draft, initial, proposed, full));
}

export async function playTask(policy: TaskPolicy, { initial, proposed, run, reach }: TaskPlay) {
  const draft: TaskRunDraft = {
    ...bareRun(initial),
    flow_run_id: null,
    flow_run_run_count: 0,
    empirical_policy: completeTaskRunPolicy(null),
    ...run,
  };
  const full: TaskReach = {
    flowRun: null,
    slots: NO_TASK_SLOTS,
    maxCacheKeyLength: 2000,
    freeTimestamp: (timestamp) => timestamp,
    findCachedState: async () => null,
    cacheState: () => {},
    enqueue: async () => {},
    ...reach,
  };
  return through(policy, new Transition(draft, initial, proposed, full));
}

async function through<Run extends RunDraft, Reach>(
  policy: Policy<Run, Reach>,
  transition: Transition<Run, Reach>,
): Promise<Transition<Run, Reach>> {
  await orchestrate(transition, policy, () => transition.proposed ?? transition.initial);
  return transition;
}
