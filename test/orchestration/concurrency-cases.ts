/** The rules that take slots of concurrency limits and give them back; what they ask for is written down. */
import type { State } from '../../src/entities/run/state.ts';
import type { DeploymentSlots } from '../../src/orchestration/deployment-slots.ts';
import {
  backgroundTaskPolicy,
  coreFlowPolicy,
  coreTaskPolicy,
  markLateRunsPolicy,
} from '../../src/orchestration/policies.ts';
import type { TagLimitRow, TaskSlots } from '../../src/orchestration/task-slots.ts';
import { secondsBetween } from '../../src/time/timestamp.ts';
import type { FlowCase, TaskCase } from './cases.ts';
import { type FlowPlay, NO_DEPLOYMENT_SLOTS, NO_TASK_SLOTS, state, type TaskPlay } from './play.ts';

/** What the rules asked for in the play that is on. */
let asked: string[] = [];

const REACHED = 'Deployment concurrency limit reached.';
const run = { deployment_id: 'deployment' };
const holding = (type: State['type'], name?: string) =>
  state({ type, name, state_details: { deployment_concurrency_lease_id: 'lease' } });

interface FlowGiven extends Partial<DeploymentSlots> {
  free?: boolean;
  renewed?: boolean;
  of?: { limit: number; active_slots: number } | null;
}

function flowPlay(
  initial: State | null,
  proposed: State,
  { free = false, renewed = false, of = { limit: 1, active_slots: 1 }, ...given }: FlowGiven = {},
  reach: Partial<FlowPlay['reach']> = {},
): FlowPlay {
  asked = [];
  const slots: DeploymentSlots = {
    ...NO_DEPLOYMENT_SLOTS,
    limit: async () => of,
    take: async () => {
      asked.push('take');
      return free ? 'new lease' : null;
    },
    undo: async () => void asked.push('undo'),
    renew: async (id) => {
      asked.push(`renew ${id}`);
      return renewed;
    },
    keep: async (id) => void asked.push(`keep ${id}`),
    giveBack: async (id) => void asked.push(`give back ${id}`),
    ...given,
  };
  return { initial, proposed, run, reach: { slots, ...reach } };
}

const look: FlowCase['look'] = ({ status, details, proposed }) => ({
  status,
  reason: 'reason' in details ? details.reason : undefined,
  state: proposed && `${proposed.type} ${proposed.name}`,
  lease: proposed?.state_details.deployment_concurrency_lease_id,
  asked,
});
const refused = (status: string, reason: string, name: string | null, more: string[] = []) => ({
  status,
  reason,
  state: name,
  lease: name ? null : undefined,
  asked: more,
});
const accepted = (name: string, lease: string | null, more: string[]) => ({
  status: 'ACCEPT',
  reason: undefined,
  state: name,
  lease,
  asked: more,
});

const scheduled = () => state({ type: 'SCHEDULED' });
const pending = () => state({ type: 'PENDING' });
const late = () => state({ type: 'SCHEDULED', name: 'Late' });

const secure = (says: string, play: FlowCase['play'], expected: unknown, how = look): FlowCase => ({
  rule: 'SecureFlowConcurrencySlots',
  policy: coreFlowPolicy,
  says,
  play,
  look: how,
  expected,
});
const validate = (says: string, play: FlowCase['play'], expected: unknown): FlowCase => ({
  rule: 'ValidateDeploymentConcurrencyAtRunning',
  policy: coreFlowPolicy,
  says,
  play,
  look,
  expected,
});

export const concurrencyFlowCases: FlowCase[] = [
  secure(
    'takes a slot for a run that is submitted',
    () => flowPlay(scheduled(), pending(), { free: true }),
    accepted('PENDING Pending', 'new lease', ['take']),
  ),
  secure(
    'takes one for the first state, too',
    () => flowPlay(null, pending(), { free: true }),
    accepted('PENDING Pending', 'new lease', ['take']),
  ),
  secure(
    'lets a run without a slot wait',
    () => flowPlay(scheduled(), pending(), { waitSeconds: 45 }),
    { ...refused('REJECT', REACHED, 'SCHEDULED AwaitingConcurrencySlot', ['take']), wait: 45 },
    (told) => {
      const { timestamp, state_details } = told.proposed!;
      return {
        ...(look(told) as object),
        wait: Math.round(secondsBetween(timestamp, state_details.scheduled_time ?? timestamp)),
      };
    },
  ),
  secure(
    'cancels a run without a slot where the deployment says so',
    () => flowPlay(scheduled(), pending(), { collisionStrategy: 'CANCEL_NEW' }),
    refused('REJECT', REACHED, 'CANCELLED Cancelled', ['take']),
  ),
  secure(
    'stops a run whose limit lets nobody in',
    () => flowPlay(scheduled(), pending(), { of: { limit: 0, active_slots: 0 } }),
    refused(
      'ABORT',
      'The deployment concurrency limit is 0. The flow will deadlock if submitted again.',
      null,
    ),
  ),
  secure(
    'stops a run whose deployment is gone',
    () => flowPlay(scheduled(), pending(), { hasDeployment: false }),
    refused('ABORT', 'Deployment not found.', null),
  ),
  secure(
    'gives the slot back when a later rule turns the run away',
    () => flowPlay(state({ type: 'PAUSED' }), pending(), { free: true }),
    {
      ...refused(
        'REJECT',
        'This run cannot transition to the StateType.PENDING state from the StateType.PAUSED state.',
        null,
        ['take', 'undo'],
      ),
    },
  ),
  validate(
    'renews the lease of a run that starts',
    () => flowPlay(holding('PENDING'), state({ type: 'RUNNING' }), { renewed: true }),
    accepted('RUNNING Running', 'lease', ['renew lease']),
  ),
  validate(
    'takes a slot anew when the lease has run out',
    () => flowPlay(holding('PENDING'), state({ type: 'RUNNING' }), { free: true }),
    accepted('RUNNING Running', 'new lease', ['renew lease', 'take']),
  ),
  validate(
    'cancels a run that lost its slot',
    () => flowPlay(holding('PENDING'), state({ type: 'RUNNING' })),
    refused(
      'REJECT',
      'Deployment concurrency limit reached after lease expiry.',
      'CANCELLED Cancelled',
      // What is left of the lease is seen to where the run stops.
      ['renew lease', 'take', 'give back lease'],
    ),
  ),
  ...(['RUNNING', 'CANCELLING'] as const).map(
    (type): FlowCase => ({
      rule: 'RemoveDeploymentConcurrencyLeaseForOldClientVersions',
      policy: coreFlowPolicy,
      says: `keeps the lease of an old client that goes to ${type}`,
      play: () => flowPlay(holding('PENDING'), state({ type }), {}, { renewsLeases: false }),
      look,
      expected: accepted(type === 'RUNNING' ? 'RUNNING Running' : 'CANCELLING Cancelling', 'lease', [
        'keep lease',
      ]),
    }),
  ),
  ...(['PENDING', 'RUNNING', 'CANCELLING'] as const).map(
    (type): FlowCase => ({
      rule: 'ReleaseFlowConcurrencySlots',
      policy: coreFlowPolicy,
      says: `gives back the slot of a run that was ${type}`,
      play: () => flowPlay(holding(type), state({ type: 'CANCELLED' })),
      look,
      expected: accepted('CANCELLED Cancelled', 'lease', ['give back lease']),
    }),
  ),
  {
    rule: 'ReleaseFlowConcurrencySlots',
    policy: coreFlowPolicy,
    says: 'gives back the slot of a run that its client sends to wait',
    play: () => flowPlay(holding('RUNNING'), state({ type: 'SCHEDULED', name: 'AwaitingRetry' })),
    look,
    expected: accepted('SCHEDULED AwaitingRetry', 'lease', ['give back lease']),
  },
  {
    rule: 'RetryFailedFlows',
    policy: coreFlowPolicy,
    says: 'keeps the slot of a run that the server retries',
    play: () => {
      const play = flowPlay(holding('RUNNING'), state({ type: 'FAILED' }));
      const empirical_policy = { retries: 1, retry_delay: 0 } as never;
      return { ...play, run: { ...run, run_count: 1, empirical_policy } };
    },
    look,
    expected: {
      status: 'REJECT',
      reason: 'Retrying',
      state: 'SCHEDULED AwaitingRetry',
      lease: 'lease',
      asked: [],
    },
  },
  {
    rule: 'EnforceDeploymentConcurrencyOnLate',
    policy: markLateRunsPolicy,
    says: 'cancels a late run of a deployment that is full',
    play: () => flowPlay(scheduled(), late(), { collisionStrategy: 'CANCEL_NEW' }),
    look,
    expected: refused(
      'REJECT',
      'Deployment concurrency limit is full and uses the CANCEL_NEW strategy.',
      'CANCELLED Cancelled',
    ),
  },
];

const limit = (tag: string, most = 1) => ({ tag, limit: most }) as TagLimitRow;
const closed = 'The concurrency limit on tag "b" is 0 and will deadlock if the task tries to run again.';

function taskPlay(
  initial: State | null,
  proposed: State,
  given: Partial<TaskSlots> & { free?: boolean },
  reach: Partial<TaskPlay['reach']> = {},
): TaskPlay {
  asked = [];
  const { free = false, ...more } = given;
  const slots: TaskSlots = {
    ...NO_TASK_SLOTS,
    take: async (limits) => {
      asked.push(`take ${limits.map(({ tag }) => tag)}`);
      return free;
    },
    undo: async () => void asked.push('undo'),
    giveBack: async () => void asked.push('give back'),
    ...more,
  };
  return { initial, proposed, reach: { slots, ...reach } };
}

const taskLook: TaskCase['look'] = ({ status, details, proposed }) => ({
  status,
  details,
  state: proposed?.type ?? null,
  asked,
});

const secureTask = (says: string, play: TaskCase['play'], expected: unknown): TaskCase => ({
  rule: 'SecureTaskConcurrencySlots',
  policy: coreTaskPolicy,
  says,
  play,
  look: taskLook,
  expected,
});

export const concurrencyTaskCases: TaskCase[] = [
  secureTask(
    'takes a slot of each tag',
    () =>
      taskPlay(pending(), state({ type: 'RUNNING' }), {
        limits: async () => [limit('a'), limit('b')],
        free: true,
      }),
    { status: 'ACCEPT', details: { type: 'accept_details' }, state: 'RUNNING', asked: ['take a,b'] },
  ),
  secureTask(
    'lets a task without a slot wait',
    () =>
      taskPlay(pending(), state({ type: 'RUNNING' }), {
        limits: async () => [limit('a'), limit('b')],
        waitSeconds: () => 7,
      }),
    {
      status: 'WAIT',
      details: {
        type: 'wait_details',
        delay_seconds: 7,
        reason: 'Concurrency limit reached for tags: a, b',
      },
      state: null,
      asked: ['take a,b'],
    },
  ),
  secureTask(
    'stops a task of a tag that lets nobody in',
    () =>
      taskPlay(pending(), state({ type: 'RUNNING' }), {
        limits: async () => [limit('a'), limit('b', 0)],
        free: true,
      }),
    { status: 'ABORT', details: { type: 'abort_details', reason: closed }, state: null, asked: [] },
  ),
  secureTask(
    'gives back what it took when a later rule stops the run',
    () => {
      const state_details = { scheduled_time: '2999-01-01T00:00:00.000000Z' };
      const initial = state({ type: 'SCHEDULED', state_details });
      return taskPlay(initial, state({ type: 'RUNNING' }), {
        limits: async () => [limit('a')],
        free: true,
      });
    },
    { status: 'WAIT', details: expectedWait(), state: null, asked: ['take a', 'undo'] },
  ),
  ...(['COMPLETED', 'PENDING', 'SCHEDULED'] as const).map(
    (type): TaskCase => ({
      rule: 'ReleaseTaskConcurrencySlots',
      policy: coreTaskPolicy,
      says: `gives back the slots of a run that goes to ${type}`,
      play: () => taskPlay(state({ type: 'RUNNING' }), state({ type }), {}),
      look: () => asked,
      expected: ['give back'],
    }),
  ),
];

/** What goes onto the queue of a background task. */
export const queueCases: TaskCase[] = [
  { name: null, queue: 'new' },
  { name: 'AwaitingRetry', queue: 'again' },
].map(({ name, queue }) => ({
  rule: 'EnqueueScheduledTasks',
  policy: backgroundTaskPolicy,
  says: `puts a run on its queue (${queue})`,
  play: () =>
    taskPlay(
      pending(),
      state({ type: 'SCHEDULED', name, state_details: { deferred: true } }),
      {},
      { enqueue: async (isRetry) => void asked.push(isRetry ? 'again' : 'new') },
    ),
  look: () => asked.filter((one) => one !== 'give back'),
  expected: [queue],
}));

function expectedWait(): unknown {
  return {
    asymmetricMatch: (details: { type?: string }) => details.type === 'wait_details',
    toString: () => 'a wait',
  };
}
