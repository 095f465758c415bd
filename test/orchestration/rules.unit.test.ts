/**
 * One or more cases a rule: what it makes of a transition, and that the same policy without it makes something else.
 * So no case can pass when its rule does nothing.
 */
import { describe, expect, test } from 'vitest';
import { completeFlowRunPolicy, completeTaskRunPolicy } from '../../src/entities/run/policy.ts';
import { JsonText } from '../../src/json/json.ts';
import type { FlowPolicy, TaskPolicy } from '../../src/orchestration/drafts.ts';
import {
  backgroundTaskPolicy,
  coreFlowPolicy,
  coreTaskPolicy,
  markLateRunsPolicy,
  minimalFlowPolicy,
  minimalTaskPolicy,
} from '../../src/orchestration/policies.ts';
import { addSeconds, now, secondsBetween } from '../../src/time/timestamp.ts';
import type { FlowCase, TaskCase } from './cases.ts';
import { concurrencyFlowCases, concurrencyTaskCases, queueCases } from './concurrency-cases.ts';
import { playFlow, playTask, state } from './play.ts';

type Told = Awaited<ReturnType<typeof playFlow>> | Awaited<ReturnType<typeof playTask>>;

const MOMENT = '2026-01-02T03:04:05.000006Z';
const LATER = '2026-01-02T03:04:07.500006Z';
const RESULT = new JsonText('{"storage_key": "k"}');
const UNPERSISTED = new JsonText('{"type": "unpersisted"}');

const outcome = ({ status, details, proposed }: Told) => ({
  status,
  reason: 'reason' in details ? details.reason : undefined,
  state: proposed && `${proposed.type} ${proposed.name}`,
});
const accepted = (name: string) => ({ status: 'ACCEPT', reason: undefined, state: name });
const refused = (status: string, reason: string, name: string | null = null) => ({
  status,
  reason,
  state: name,
});
const detailsOf = ({ proposed }: Told) => proposed?.state_details;

const flowCases: FlowCase[] = [
  {
    rule: 'PreserveDeploymentConcurrencyLeaseId',
    says: 'carries the lease on',
    policy: coreFlowPolicy,
    play: () => ({
      initial: state({ type: 'RUNNING', state_details: { deployment_concurrency_lease_id: 'lease' } }),
      proposed: state({ type: 'COMPLETED' }),
    }),
    look: (told) => detailsOf(told)?.deployment_concurrency_lease_id,
    expected: 'lease',
  },
  {
    rule: 'PreventDuplicateTransitions',
    says: 'knows a transition again',
    policy: coreFlowPolicy,
    play: () => ({
      initial: state({ type: 'RUNNING', state_details: { transition_id: 'same' } }),
      proposed: state({ type: 'RUNNING', state_details: { transition_id: 'same' } }),
    }),
    look: outcome,
    expected: refused('REJECT', 'This run has already made this state transition.'),
  },
  ...(['CANCELLING', 'PAUSED', 'CRASHED'] as const).map(
    (type): FlowCase => ({
      rule: 'HandleFlowTerminalStateTransitions',
      says: `lets no finished run become ${type}`,
      policy: coreFlowPolicy,
      play: () => ({ initial: state({ type: 'FAILED' }), proposed: state({ type }) }),
      look: outcome,
      expected: refused('ABORT', 'Run is already in terminal state FAILED.'),
    }),
  ),
  {
    rule: 'HandleFlowTerminalStateTransitions',
    says: 'keeps a run with a result',
    policy: coreFlowPolicy,
    play: () => ({
      initial: state({ type: 'COMPLETED', data: RESULT }),
      proposed: state({ type: 'RUNNING' }),
    }),
    look: outcome,
    expected: refused('REJECT', 'Run is already COMPLETED.'),
  },
  {
    rule: 'HandleFlowTerminalStateTransitions',
    says: 'keeps a result',
    policy: coreFlowPolicy,
    play: () => ({
      initial: state({ type: 'COMPLETED', data: RESULT }),
      proposed: state({ type: 'COMPLETED', data: UNPERSISTED }),
    }),
    look: outcome,
    expected: refused(
      'REJECT',
      'Cannot overwrite a COMPLETED state that carries persisted result data with one that does not.',
    ),
  },
  {
    rule: 'HandleFlowTerminalStateTransitions',
    says: 'schedules no run without a deployment again',
    policy: coreFlowPolicy,
    play: () => ({ initial: state({ type: 'CRASHED' }), proposed: state({ type: 'SCHEDULED' }) }),
    look: outcome,
    expected: refused('ABORT', 'Cannot reschedule a run without an associated deployment.'),
  },
  {
    rule: 'HandleFlowTerminalStateTransitions',
    says: 'forgets the pauses of a run that is scheduled again',
    policy: coreFlowPolicy,
    play: () => ({
      initial: state({ type: 'FAILED' }),
      proposed: state({ type: 'SCHEDULED' }),
      run: {
        deployment_id: 'd',
        empirical_policy: completeFlowRunPolicy({ pause_keys: ['a'], resuming: true }),
      },
    }),
    look: ({ run }) => run.empirical_policy,
    expected: completeFlowRunPolicy({ retry_type: 'reschedule' }),
  },
  {
    rule: 'EnforceCancellingToCancelledTransition',
    says: 'lets a run that is being cancelled only be cancelled',
    policy: coreFlowPolicy,
    play: () => ({ initial: state({ type: 'CANCELLING' }), proposed: state({ type: 'COMPLETED' }) }),
    look: outcome,
    expected: refused(
      'REJECT',
      'Cannot transition flows that are cancelling to a state other than Cancelled.',
    ),
  },
  ...[coreFlowPolicy, minimalFlowPolicy].flatMap((policy): FlowCase[] => [
    {
      rule: 'BypassCancellingFlowRunsWithNoInfra',
      says: 'cancels at once what never started',
      policy,
      play: () => ({ initial: state({ type: 'SCHEDULED' }), proposed: state({ type: 'CANCELLING' }) }),
      look: outcome,
      expected: refused(
        'REJECT',
        'Scheduled flow run has no infrastructure to terminate.',
        'CANCELLED Cancelled',
      ),
    },
    {
      rule: 'BypassCancellingFlowRunsWithNoInfra',
      says: 'cancels at once what is suspended',
      policy,
      play: () => ({
        initial: state({ type: 'PAUSED', name: 'Suspended', state_details: { pause_reschedule: true } }),
        proposed: state({ type: 'CANCELLING' }),
        run: { deployment_id: 'd' },
      }),
      look: outcome,
      expected: refused(
        'REJECT',
        'Suspended flow run has no infrastructure to terminate.',
        'CANCELLED Cancelled',
      ),
    },
    {
      rule: 'BypassCancellingFlowRunsWithNoInfra',
      says: 'cancels at once what was to be resumed, process or not',
      policy,
      play: () => ({
        initial: state({ type: 'SCHEDULED', name: 'Resuming' }),
        proposed: state({ type: 'CANCELLING' }),
        run: { infrastructure_pid: '17' },
      }),
      look: ({ proposed }) => proposed?.type,
      expected: 'CANCELLED',
    },
  ]),
  {
    rule: 'PreventPendingTransitions',
    says: 'stops the second of two workers',
    policy: coreFlowPolicy,
    play: () => ({ initial: state({ type: 'PENDING' }), proposed: state({ type: 'PENDING' }) }),
    look: outcome,
    expected: refused('ABORT', 'This run is in a PENDING state and cannot transition to a PENDING state.'),
  },
  {
    rule: 'PreventPendingTransitions',
    says: 'carries the scheduled time through the steps of PENDING',
    policy: coreFlowPolicy,
    play: () => ({
      initial: state({ type: 'PENDING', state_details: { scheduled_time: MOMENT } }),
      proposed: state({ type: 'PENDING', name: 'Submitting' }),
    }),
    look: (told) => detailsOf(told)?.scheduled_time,
    expected: MOMENT,
  },
  {
    rule: 'EnsureOnlyScheduledFlowsMarkedLate',
    says: 'marks no running flow late',
    policy: coreFlowPolicy,
    play: () => ({
      initial: state({ type: 'RUNNING' }),
      proposed: state({ type: 'SCHEDULED', name: 'Late' }),
    }),
    look: outcome,
    expected: refused('REJECT', 'Only scheduled flows can be marked late.'),
  },
  {
    rule: 'EnsureOnlyScheduledFlowsMarkedLate',
    says: 'marks no flow late twice',
    policy: coreFlowPolicy,
    play: () => ({
      initial: state({ type: 'SCHEDULED', name: 'Late' }),
      proposed: state({ type: 'SCHEDULED', name: 'Late' }),
    }),
    look: outcome,
    expected: refused('REJECT', 'This flow run is already marked late.'),
  },
  {
    rule: 'HandlePausingFlows',
    says: 'pauses only what runs',
    policy: coreFlowPolicy,
    play: () => ({
      initial: state({ type: 'PENDING' }),
      proposed: state({ type: 'PAUSED', name: 'Suspended' }),
    }),
    look: outcome,
    expected: refused('REJECT', 'Cannot suspend flows that are not currently running.'),
  },
  {
    rule: 'HandlePausingFlows',
    says: 'pauses no run without a state',
    policy: coreFlowPolicy,
    play: () => ({ initial: null, proposed: state({ type: 'PAUSED' }) }),
    look: outcome,
    expected: refused('ABORT', 'Cannot pause flows with no state.'),
  },
  {
    rule: 'HandlePausingFlows',
    says: 'fires a pause once',
    policy: coreFlowPolicy,
    play: () => ({
      initial: state({ type: 'RUNNING' }),
      proposed: state({ type: 'PAUSED', state_details: { pause_key: 'one' } }),
      run: { empirical_policy: completeFlowRunPolicy({ pause_keys: ['one'] }) },
    }),
    look: outcome,
    expected: refused('REJECT', 'This pause has already fired.'),
  },
  {
    rule: 'HandlePausingFlows',
    says: 'remembers a pause',
    policy: coreFlowPolicy,
    play: () => ({
      initial: state({ type: 'RUNNING' }),
      proposed: state({ type: 'PAUSED', state_details: { pause_key: 'two' } }),
      run: { empirical_policy: completeFlowRunPolicy({ pause_keys: ['one'] }) },
    }),
    look: ({ run }) => run.empirical_policy.pause_keys,
    expected: ['one', 'two'],
  },
  {
    rule: 'HandlePausingFlows',
    says: 'suspends no subflow',
    policy: coreFlowPolicy,
    play: () => ({
      initial: state({ type: 'RUNNING' }),
      proposed: state({ type: 'PAUSED', name: 'Suspended', state_details: { pause_reschedule: true } }),
      run: { parent_task_run_id: 'parent', deployment_id: 'd' },
    }),
    look: outcome,
    expected: refused('ABORT', 'Cannot suspend subflows.'),
  },
  {
    rule: 'HandlePausingFlows',
    says: 'suspends nothing that can not be scheduled again',
    policy: coreFlowPolicy,
    play: () => ({
      initial: state({ type: 'RUNNING' }),
      proposed: state({ type: 'PAUSED', name: 'Suspended', state_details: { pause_reschedule: true } }),
    }),
    look: outcome,
    expected: refused('ABORT', 'Cannot suspend flows without a deployment.'),
  },
  {
    rule: 'HandleResumingPausedFlows',
    says: 'resumes only to what may follow',
    policy: coreFlowPolicy,
    play: () => ({ initial: state({ type: 'PAUSED' }), proposed: state({ type: 'PENDING' }) }),
    look: outcome,
    expected: refused(
      'REJECT',
      'This run cannot transition to the StateType.PENDING state from the StateType.PAUSED state.',
    ),
  },
  {
    rule: 'HandleResumingPausedFlows',
    says: 'resumes nothing after its time',
    policy: coreFlowPolicy,
    play: () => ({
      initial: state({ type: 'PAUSED', state_details: { pause_timeout: MOMENT } }),
      proposed: state({ type: 'RUNNING' }),
    }),
    look: (told) => ({ ...outcome(told), message: told.proposed?.message }),
    expected: {
      ...refused('REJECT', 'The flow run pause has timed out and can no longer resume.', 'FAILED Failed'),
      message: 'The flow was running and never resumed.',
    },
  },
  {
    rule: 'HandleResumingPausedFlows',
    says: 'resumes no suspended run without a deployment',
    policy: coreFlowPolicy,
    play: () => ({
      initial: state({ type: 'PAUSED', state_details: { pause_reschedule: true } }),
      proposed: state({ type: 'SCHEDULED', name: 'Resuming' }),
    }),
    look: outcome,
    expected: refused('REJECT', 'Cannot reschedule a resuming flow run without a deployment.'),
  },
  {
    rule: 'HandleResumingPausedFlows',
    says: 'says that the run is resuming',
    policy: coreFlowPolicy,
    play: () => ({ initial: state({ type: 'PAUSED' }), proposed: state({ type: 'RUNNING' }) }),
    look: ({ run }) => run.empirical_policy.resuming,
    expected: true,
  },
  {
    rule: 'CopyScheduledTime',
    says: 'keeps the scheduled time of a pending run',
    policy: coreFlowPolicy,
    play: () => ({
      initial: state({ type: 'SCHEDULED', state_details: { scheduled_time: MOMENT } }),
      proposed: state({ type: 'PENDING' }),
    }),
    look: (told) => detailsOf(told)?.scheduled_time,
    expected: MOMENT,
  },
  {
    rule: 'WaitForScheduledTime',
    says: 'starts nothing too early',
    policy: coreFlowPolicy,
    play: () => ({
      initial: state({ type: 'SCHEDULED', state_details: { scheduled_time: addSeconds(now(), 60.2) } }),
      proposed: state({ type: 'RUNNING' }),
    }),
    look: ({ details, status }) => ({ status, details }),
    expected: {
      status: 'WAIT',
      details: { type: 'wait_details', delay_seconds: 60, reason: 'Scheduled time is in the future' },
    },
  },
  {
    rule: 'RetryFailedFlows',
    says: 'retries while there are retries, in the same process',
    policy: coreFlowPolicy,
    play: () => ({
      initial: state({ type: 'RUNNING', state_details: { deployment_concurrency_lease_id: 'lease' } }),
      proposed: state({ type: 'FAILED', message: 'why', data: RESULT }),
      run: {
        run_count: 2,
        empirical_policy: completeFlowRunPolicy({ retries: 2, retry_delay: 30, pause_keys: ['a'] }),
      },
    }),
    look: (told) => ({
      ...outcome(told),
      message: told.proposed?.message,
      data: told.proposed?.data?.text,
      lease: detailsOf(told)?.deployment_concurrency_lease_id,
      wait: Math.round(secondsBetween(now(), detailsOf(told)?.scheduled_time ?? now())),
      policy: told.run.empirical_policy,
    }),
    expected: {
      ...refused('REJECT', 'Retrying', 'SCHEDULED AwaitingRetry'),
      message: 'why',
      data: RESULT.text,
      lease: 'lease',
      wait: 30,
      policy: completeFlowRunPolicy({ retries: 2, retry_delay: 30, retry_type: 'in_process' }),
    },
  },
  {
    rule: 'RetryFailedFlows',
    says: 'lets a run fail whose retries are used up',
    policy: coreFlowPolicy,
    play: () => ({
      initial: state({ type: 'RUNNING' }),
      proposed: state({ type: 'FAILED' }),
      run: {
        run_count: 3,
        empirical_policy: completeFlowRunPolicy({ retries: 2, retry_type: 'in_process' }),
      },
    }),
    look: (told) => ({ ...outcome(told), retry: told.run.empirical_policy.retry_type }),
    expected: { ...accepted('FAILED Failed'), retry: null },
  },
  {
    rule: 'PreventResultDataLoss',
    says: 'keeps a result even against force',
    policy: minimalFlowPolicy,
    play: () => ({
      initial: state({ type: 'COMPLETED', data: RESULT }),
      proposed: state({ type: 'COMPLETED' }),
    }),
    look: outcome,
    expected: refused(
      'REJECT',
      'Cannot overwrite a COMPLETED state that carries persisted result data with one that does not.',
    ),
  },
  {
    rule: 'SetRunStateType, SetRunStateName, SetRunStateTimestamp',
    says: 'notes the state on the run',
    policy: minimalFlowPolicy,
    play: () => ({ initial: null, proposed: state({ type: 'PENDING', name: 'Mine', timestamp: MOMENT }) }),
    look: ({ run }) => [run.state_type, run.state_name, run.state_timestamp],
    expected: ['PENDING', 'Mine', MOMENT],
  },
  {
    rule: 'EnsureFlowRunStateTimestampIsUnique',
    says: 'moves a state whose moment is taken',
    policy: minimalFlowPolicy,
    play: () => ({
      initial: null,
      proposed: state({ type: 'PENDING', timestamp: MOMENT }),
      reach: { freeTimestamp: async () => LATER },
    }),
    look: ({ validated, run }) => [validated?.timestamp, run.state_timestamp, run.expected_start_time],
    expected: [LATER, LATER, LATER],
  },
  {
    rule: 'SetStartTime',
    says: 'notes the first start',
    policy: minimalFlowPolicy,
    play: () => ({ initial: null, proposed: state({ type: 'RUNNING', timestamp: MOMENT }) }),
    look: ({ run }) => run.start_time,
    expected: MOMENT,
  },
  {
    rule: 'SetEndTime',
    says: 'notes the end, and a start where there was none',
    policy: minimalFlowPolicy,
    play: () => ({
      initial: state({ type: 'PENDING' }),
      proposed: state({ type: 'FAILED', timestamp: MOMENT }),
    }),
    look: ({ run }) => [run.start_time, run.end_time],
    expected: [MOMENT, MOMENT],
  },
  {
    rule: 'SetEndTime',
    says: 'forgets the end of a run that goes on',
    policy: minimalFlowPolicy,
    play: () => ({
      initial: state({ type: 'FAILED' }),
      proposed: state({ type: 'RUNNING' }),
      run: { end_time: MOMENT },
    }),
    look: ({ run }) => run.end_time,
    expected: null,
  },
  {
    rule: 'IncrementRunTime',
    says: 'adds up the time of running, to the microsecond',
    policy: minimalFlowPolicy,
    play: () => ({
      initial: state({ type: 'RUNNING', timestamp: MOMENT }),
      proposed: state({ type: 'COMPLETED', timestamp: LATER }),
      run: { total_run_time: 0.1 },
    }),
    look: ({ run }) => run.total_run_time,
    expected: 2.6,
  },
  {
    rule: 'SetExpectedStartTime',
    says: 'expects a scheduled run at its time',
    policy: minimalFlowPolicy,
    play: () => ({
      initial: null,
      proposed: state({ type: 'SCHEDULED', state_details: { scheduled_time: LATER } }),
    }),
    look: ({ run }) => run.expected_start_time,
    expected: LATER,
  },
  {
    rule: 'SetNextScheduledStartTime',
    says: 'notes the scheduled time',
    policy: minimalFlowPolicy,
    play: () => ({
      initial: null,
      proposed: state({ type: 'SCHEDULED', state_details: { scheduled_time: LATER } }),
    }),
    look: ({ run }) => run.next_scheduled_start_time,
    expected: LATER,
  },
  {
    rule: 'SetNextScheduledStartTime',
    says: 'forgets the scheduled time of a run that has left it',
    policy: minimalFlowPolicy,
    play: () => ({
      initial: state({ type: 'SCHEDULED' }),
      proposed: state({ type: 'PENDING' }),
      run: { next_scheduled_start_time: MOMENT },
    }),
    look: ({ run }) => run.next_scheduled_start_time,
    expected: null,
  },
  {
    rule: 'UpdateStateDetails, UpdateSubflowStateDetails',
    says: 'notes the run and its task run on the state',
    policy: minimalFlowPolicy,
    play: () => ({
      initial: null,
      proposed: state({ type: 'PENDING', state_details: { flow_run_id: 'other' } }),
      run: { parent_task_run_id: 'parent' },
    }),
    look: ({ validated }) => [validated?.state_details.flow_run_id, validated?.state_details.task_run_id],
    expected: ['run', 'parent'],
  },
  {
    rule: 'IncrementFlowRunCount',
    says: 'counts the runs',
    policy: minimalFlowPolicy,
    play: () => ({ initial: state({ type: 'PENDING' }), proposed: state({ type: 'RUNNING' }) }),
    look: ({ run }) => run.run_count,
    expected: 1,
  },
  {
    rule: 'RemoveResumingIndicator',
    says: 'says no longer that the run is resuming, which was no new attempt',
    policy: minimalFlowPolicy,
    play: () => ({
      initial: state({ type: 'SCHEDULED' }),
      proposed: state({ type: 'RUNNING' }),
      run: { run_count: 1, empirical_policy: completeFlowRunPolicy({ resuming: true }) },
    }),
    look: ({ run }) => [run.run_count, run.empirical_policy.resuming],
    expected: [1, false],
  },
];

const running = (name?: string) => state({ type: 'RUNNING', name: name ?? null });
const enclosing = { id: 'flow', run_count: 1, state_type: 'RUNNING', pause_timeout: null } as const;
const inFlow = (change: object) => ({ flowRun: { ...enclosing, pause_reschedule: false, ...change } });
const cached = state({ type: 'COMPLETED', data: RESULT, state_details: { cache_key: 'k' } });

const taskCases: TaskCase[] = [
  ...[coreTaskPolicy, backgroundTaskPolicy].flatMap((policy): TaskCase[] => [
    {
      rule: 'CacheRetrieval',
      says: 'takes over what is cached',
      policy,
      play: () => ({
        initial: state({ type: 'PENDING' }),
        proposed: state({ type: 'RUNNING', state_details: { cache_key: 'k' } }),
        reach: { findCachedState: async (key) => (key === 'k' ? cached : null) },
      }),
      look: (told) => ({
        ...outcome(told),
        data: told.proposed?.data?.text,
        isCopy: told.proposed?.id !== cached.id,
      }),
      expected: {
        ...refused('REJECT', 'Retrieved state from cache', 'COMPLETED Cached'),
        data: RESULT.text,
        isCopy: true,
      },
    },
    {
      rule: 'CacheInsertion',
      says: 'refuses a key that is too long',
      policy,
      play: () => ({
        initial: running(),
        proposed: state({ type: 'COMPLETED', state_details: { cache_key: 'long' } }),
        reach: { maxCacheKeyLength: 3 },
      }),
      look: outcome,
      expected: refused(
        'REJECT',
        'Cache key exceeded maximum allowed length of 3 characters.',
        'COMPLETED Completed',
      ),
    },
    {
      rule: 'HandleTaskTerminalStateTransitions',
      says: 'lets no finished task pause',
      policy,
      play: () => ({ initial: state({ type: 'CANCELLED' }), proposed: state({ type: 'PAUSED' }) }),
      look: outcome,
      expected: refused('ABORT', 'Run is already CANCELLED.'),
    },
    {
      rule: 'HandleTaskTerminalStateTransitions',
      says: 'keeps a task with a result',
      policy,
      play: () => ({
        initial: state({ type: 'COMPLETED', data: new JsonText('[1]') }),
        proposed: state({ type: 'FAILED' }),
      }),
      look: outcome,
      expected: refused('REJECT', 'This run is already completed.'),
    },
    {
      rule: 'HandleTaskTerminalStateTransitions',
      says: 'begins the retries of a task anew',
      policy,
      play: () => ({
        initial: state({ type: 'FAILED' }),
        proposed: state({ type: 'PENDING' }),
        run: { run_count: 5 },
      }),
      look: ({ run }) => run.run_count,
      expected: 0,
    },
    {
      rule: 'RetryFailedTasks',
      says: 'retries after the delay of this attempt',
      policy,
      play: () => ({
        initial: running(),
        proposed: state({ type: 'FAILED', message: 'why' }),
        run: {
          run_count: 2,
          empirical_policy: completeTaskRunPolicy({ retries: 3, retry_delay: [5, 50, 500] }),
        },
      }),
      look: (told) => ({
        ...outcome(told),
        message: told.proposed?.message,
        wait: Math.round(secondsBetween(now(), detailsOf(told)?.scheduled_time ?? now())),
      }),
      expected: { ...refused('REJECT', 'Retrying', 'SCHEDULED AwaitingRetry'), message: 'why', wait: 50 },
    },
    {
      rule: 'RenameReruns',
      says: 'names what runs again',
      policy,
      play: () => ({ initial: running(), proposed: running(), run: { run_count: 1 } }),
      look: ({ proposed }) => proposed?.name,
      expected: 'Rerunning',
    },
    {
      rule: 'RenameReruns',
      says: 'names a retry',
      policy,
      play: () => ({
        initial: state({ type: 'SCHEDULED', name: 'AwaitingRetry' }),
        proposed: running(),
        run: { run_count: 1 },
      }),
      look: ({ proposed }) => proposed?.name,
      expected: 'Retrying',
    },
    {
      rule: 'UpdateFlowRunTrackerOnTasks',
      says: 'notes in which run of its flow a task ran',
      policy,
      play: () => ({
        initial: state({ type: 'PENDING' }),
        proposed: running(),
        reach: inFlow({ run_count: 4 }),
      }),
      look: ({ run }) => run.flow_run_run_count,
      expected: 4,
    },
    {
      rule: 'WaitForScheduledTime',
      says: 'starts nothing too early',
      policy,
      play: () => ({
        initial: state({ type: 'PENDING', state_details: { scheduled_time: addSeconds(now(), 9.8) } }),
        proposed: running(),
      }),
      look: ({ details }) => details,
      expected: { type: 'wait_details', delay_seconds: 10, reason: 'Scheduled time is in the future' },
    },
    {
      rule: 'CopyScheduledTime',
      says: 'keeps the scheduled time of a pending run',
      policy,
      play: () => ({
        initial: state({ type: 'SCHEDULED', state_details: { scheduled_time: MOMENT } }),
        proposed: state({ type: 'PENDING' }),
      }),
      look: (told) => detailsOf(told)?.scheduled_time,
      expected: MOMENT,
    },
  ]),
  {
    rule: 'HandleTaskTerminalStateTransitions',
    says: 'names the run after a retry of its flow',
    policy: coreTaskPolicy,
    play: () => ({
      initial: state({ type: 'FAILED' }),
      proposed: running(),
      run: { flow_run_run_count: 1, run_count: 1 },
      reach: inFlow({ run_count: 2 }),
    }),
    look: ({ proposed }) => proposed?.name,
    expected: 'Retrying',
  },
  {
    rule: 'PreventRunningTasksFromStoppedFlows',
    says: 'runs no task of a flow that has stopped',
    policy: coreTaskPolicy,
    play: () => ({
      initial: state({ type: 'PENDING' }),
      proposed: running(),
      reach: inFlow({ state_type: 'FAILED' }),
    }),
    look: outcome,
    expected: refused('ABORT', 'The enclosing flow must be running to begin task execution.'),
  },
  {
    rule: 'PreventRunningTasksFromStoppedFlows',
    says: 'runs no task of a flow without a state',
    policy: coreTaskPolicy,
    play: () => ({
      initial: state({ type: 'PENDING' }),
      proposed: running(),
      reach: inFlow({ state_type: null }),
    }),
    look: outcome,
    expected: refused('ABORT', 'The enclosing flow must be running to begin task execution.'),
  },
  {
    rule: 'PreventRunningTasksFromStoppedFlows',
    says: 'pauses the task of a flow that has paused',
    policy: coreTaskPolicy,
    play: () => ({
      initial: state({ type: 'PENDING' }),
      proposed: running(),
      reach: inFlow({ state_type: 'PAUSED', pause_timeout: LATER, pause_reschedule: true }),
    }),
    look: (told) => ({
      ...outcome(told),
      until: detailsOf(told)?.pause_timeout,
      reschedule: detailsOf(told)?.pause_reschedule,
    }),
    expected: {
      ...refused(
        'REJECT',
        'The flow is paused, new tasks can execute after resuming flow run: flow.',
        'PAUSED NotReady',
      ),
      until: LATER,
      reschedule: true,
    },
  },
  {
    rule: 'PreventPendingTransitions',
    says: 'stops the second of two task workers',
    policy: backgroundTaskPolicy,
    play: () => ({ initial: running(), proposed: state({ type: 'PENDING' }) }),
    look: outcome,
    expected: refused('ABORT', 'This run is in a RUNNING state and cannot transition to a PENDING state.'),
  },
  {
    rule: 'CopyTaskParametersID',
    says: 'keeps where the parameters are',
    policy: backgroundTaskPolicy,
    play: () => ({
      initial: state({ type: 'PENDING', state_details: { task_parameters_id: 'p' } }),
      proposed: running(),
    }),
    look: (told) => detailsOf(told)?.task_parameters_id,
    expected: 'p',
  },
  {
    rule: 'UpdateStateDetails',
    says: 'notes the run and its flow run on the state',
    policy: minimalTaskPolicy,
    play: () => ({
      initial: null,
      proposed: state({ type: 'PENDING', state_details: { flow_run_id: 'other', task_run_id: 'other' } }),
      run: { flow_run_id: 'flow' },
    }),
    look: (told) => [detailsOf(told)?.flow_run_id, detailsOf(told)?.task_run_id],
    expected: ['flow', 'run'],
  },
  {
    rule: 'IncrementTaskRunCount',
    says: 'counts the runs',
    policy: minimalTaskPolicy,
    play: () => ({ initial: null, proposed: running() }),
    look: ({ run }) => run.run_count,
    expected: 1,
  },
];

function without<P extends FlowPolicy | TaskPolicy>(policy: P, rule: string): P {
  const rest = policy.filter(({ name }) => name !== rule);
  expect(rest.length).toBe(policy.length - 1);
  return rest as unknown as P;
}

describe('rules of flow runs', () => {
  test.each([...flowCases, ...concurrencyFlowCases])(
    '$rule $says',
    async ({ rule, policy, play, look, expected }) => {
      expect(look(await playFlow(policy, play()))).toEqual(expected);
      expect(look(await playFlow(without(policy, rule), play()))).not.toEqual(expected);
    },
  );
});

describe('rules of task runs', () => {
  test.each([...taskCases, ...concurrencyTaskCases, ...queueCases])(
    '$rule $says',
    async ({ rule, policy, play, look, expected }) => {
      expect(look(await playTask(policy, play()))).toEqual(expected);
      expect(look(await playTask(without(policy, rule), play()))).not.toEqual(expected);
    },
  );
});

describe('rules that reach beyond the run', () => {
  const asked: unknown[][] = [];
  const reach = {
    emitStateChange: (validated: { id: string }) => asked.push(['event', validated.id]),
    setParentTaskState: (parent: { type: string; state_details: { child_flow_run_id: string | null } }) =>
      asked.push(['parent', parent.type, parent.state_details.child_flow_run_id]),
    retryFailedTasks: async (moment: string) => {
      asked.push(['retry', Math.round(secondsBetween(now(), moment))]);
    },
    cacheState: (key: string, expiration: string | null) => asked.push(['cache', key, expiration]),
  };

  test('each written state of a flow run is an event, and the state of its task run', async () => {
    asked.length = 0;
    const proposed = state({ type: 'COMPLETED' });
    const play = { initial: running(), proposed, run: { parent_task_run_id: 'parent' }, reach };
    await playFlow(coreFlowPolicy, play);
    expect(asked).toEqual([
      ['parent', 'COMPLETED', 'run'],
      ['event', proposed.id],
    ]);
  });

  test('where nothing is written there is neither', async () => {
    asked.length = 0;
    const run = { parent_task_run_id: 'parent' };
    await playFlow(coreFlowPolicy, {
      initial: state({ type: 'COMPLETED' }),
      proposed: state({ type: 'CRASHED' }),
      run,
      reach,
    });
    expect(asked).toEqual([]);
  });

  test('a completed task with a cache key is cached', async () => {
    asked.length = 0;
    const state_details = { cache_key: 'k', cache_expiration: LATER };
    const proposed = state({ type: 'COMPLETED', state_details });
    await playTask(coreTaskPolicy, { initial: running(), proposed, reach });
    expect(asked).toEqual([['cache', 'k', LATER]]);
  });

  test('a task that asks for a fresh result is not looked up', async () => {
    const state_details = { cache_key: 'k', refresh_cache: true };
    const told = await playTask(coreTaskPolicy, {
      initial: state({ type: 'PENDING' }),
      proposed: state({ type: 'RUNNING', state_details }),
      reach: { findCachedState: async () => cached },
    });
    expect(told.proposed?.type).toBe('RUNNING');
  });

  test('the server retries the tasks of a client that leaves it to it', async () => {
    asked.length = 0;
    const run = { run_count: 1, empirical_policy: completeFlowRunPolicy({ retries: 1, retry_delay: 7 }) };
    const play = { initial: running(), run };
    await playFlow(coreFlowPolicy, { ...play, proposed: state({ type: 'FAILED' }), reach });
    expect(asked.filter(([what]) => what === 'retry')).toEqual([]);
    const old = { ...reach, retriesItsTasks: false, knowsPauses: false };
    const told = await playFlow(coreFlowPolicy, { ...play, proposed: state({ type: 'FAILED' }), reach: old });
    expect(asked).toContainEqual(['retry', 7]);
    expect(told.run.empirical_policy.retry_type).toBe(null);
  });
});

/** What has no case of its own above is tested by what it reaches. */
const REACHING = ['InstrumentFlowRunStateTransitions', 'UpdateSubflowParentTask'];

test('every rule of every policy has a case', () => {
  const flows = [...coreFlowPolicy, ...minimalFlowPolicy, ...markLateRunsPolicy];
  const tasks = [...coreTaskPolicy, ...minimalTaskPolicy, ...backgroundTaskPolicy];
  const known = (cases: { rule: string }[]) => new Set([...cases.map(({ rule }) => rule), ...REACHING]);
  const common = known([...flowCases, ...concurrencyFlowCases]);
  const missing = [
    ...flows.filter(({ name }) => !common.has(name)),
    ...tasks.filter(
      ({ name }) =>
        !known([...taskCases, ...concurrencyTaskCases, ...queueCases]).has(name) && !common.has(name),
    ),
  ];
  expect(missing.map(({ name }) => name)).toEqual([]);
});
