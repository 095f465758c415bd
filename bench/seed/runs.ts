import { JsonText } from '../../src/json/json.ts';
import type { StateType } from '../../src/schema/types.ts';
import { type Deployment, type Estate, START } from './estate.ts';
import { moment, type Random } from './random.ts';
import type { Rows } from './sink.ts';
import { addEvent, artifactRow, logRow, sentence, taskRunRow } from './traces.ts';

/** All that a run leaves behind lies within one day, so that a day can be repeated. */
const LATEST_START = 22 * 3_600_000;
const FIRST =
  'amber brisk calm dapper eager fuzzy gentle hasty icy jolly keen lucid misty noble olive proud'.split(' ');
const SECOND =
  'adder bison crane dingo egret finch gecko heron ibis jackal koala lemur moose newt otter puma'.split(' ');
const ENDS: [upTo: number, type: StateType, name: string][] = [
  [0.9, 'COMPLETED', 'Completed'],
  [0.96, 'FAILED', 'Failed'],
  [0.98, 'CRASHED', 'Crashed'],
  [0.99, 'CANCELLED', 'Cancelled'],
  [1, 'RUNNING', 'Retrying'],
];

/** What one moment of a run has in all of its rows. */
export interface Run {
  id: string;
  name: string;
  deployment: Deployment;
  /** Milliseconds since 1970. */
  scheduled: number;
  started: number;
  ended: number;
  type: StateType;
  stateName: string;
  taskRunId: string;
}

export type Batch = { [Name in (typeof RUN_TABLES)[number]]: Rows<Name> };

/** What grows with the runs, in the order in which it is written. */
export const RUN_TABLES = [
  'flow_run',
  'flow_run_state',
  'task_run',
  'task_run_state',
  'log',
  'events',
  'event_resources',
  'artifact',
] as const;

/** Runs one after the other in time, each with three states, a task run with three, two logs and an event. */
export function batchOfRuns(
  estate: Estate,
  random: Random,
  from: number,
  count: number,
  runs: number,
): Batch {
  const batch: Batch = {
    flow_run: [],
    flow_run_state: [],
    task_run: [],
    task_run_state: [],
    log: [],
    events: [],
    event_resources: [],
    artifact: [],
  };
  for (let i = from; i < from + count; i++) {
    const run = runOf(estate, random, i / runs);
    const flowStates = statesOf(run, random, 0);
    const taskStates = statesOf(run, random, 40);
    batch.flow_run.push(flowRunRow(run, flowStates[2].id, estate, random, i));
    batch.flow_run_state.push(...flowStates.map((state) => ({ ...state, flow_run_id: run.id })));
    batch.task_run.push(taskRunRow(run, taskStates[2].id));
    batch.task_run_state.push(...taskStates.map((state) => ({ ...state, task_run_id: run.taskRunId })));
    batch.log.push(logRow(run, random, run.started, null), logRow(run, random, run.ended, run.taskRunId));
    addEvent(batch, run, flowStates[2].id, random);
    if (i % 10 === 0) batch.artifact.push(artifactRow(run, random));
  }
  return batch;
}

function runOf({ deployments }: Estate, random: Random, share: number): Run {
  const scheduled = START + Math.floor(share * LATEST_START);
  const started = scheduled + 500 + random.below(20_000);
  const at = random.share();
  const [, type, stateName] = ENDS.find(([upTo]) => at < upTo)!;
  return {
    ...{ id: random.uuid(), name: `${random.of(FIRST)}-${random.of(SECOND)}`, taskRunId: random.uuid() },
    ...{ deployment: random.skewedOf(deployments), type, stateName, scheduled, started },
    ended: started + 200 + Math.floor(random.share() ** 4 * 3_600_000),
  };
}

type Three = [StateRow, StateRow, StateRow];
type StateRow = Omit<Rows<'flow_run_state'>[number], 'flow_run_id'> & { id: string };

function statesOf(run: Run, random: Random, later: number): Three {
  const state = (type: StateType, name: string, time: number, message: string | null): StateRow => ({
    ...{
      id: random.uuid(),
      created: moment(time),
      updated: moment(time),
      type,
      name,
      message,
      timestamp: moment(time),
    },
    state_details: {
      flow_run_id: run.id,
      cache_expiration: null,
      deferred: false,
      untrackable_result: false,
      pause_reschedule: false,
    },
    data: type === 'COMPLETED' ? new JsonText('{"type": "unpersisted", "ratio": 1.0}') : null,
  });
  const failed = run.type === 'FAILED' || run.type === 'CRASHED';
  return [
    state('PENDING', 'Pending', run.scheduled + later, null),
    state('RUNNING', 'Running', run.started + later, null),
    state(
      run.type,
      run.stateName,
      run.ended + later,
      failed ? `Finished with an error: ${sentence(random, 12)}` : null,
    ),
  ];
}

function flowRunRow(
  run: Run,
  stateId: string,
  estate: Estate,
  random: Random,
  i: number,
): Rows<'flow_run'>[number] {
  const { deployment } = run;
  return {
    ...{
      id: run.id,
      created: moment(run.scheduled),
      updated: moment(run.ended),
      name: run.name,
      state_type: run.type,
    },
    ...{
      run_count: 1,
      expected_start_time: moment(run.scheduled),
      start_time: moment(run.started),
      end_time: moment(run.ended),
    },
    ...{ total_run_time: (run.ended - run.started) / 1000, flow_version: deployment.version },
    parameters: new JsonText(
      `{"date": "${moment(run.scheduled).slice(0, 10)}", "batch_size": ${random.below(5000)}, "ratio": 1.0}`,
    ),
    idempotency_key: i % 2 === 0 ? `scheduled ${deployment.id} ${moment(run.scheduled)}` : null,
    empirical_policy: {
      max_retries: 0,
      retry_delay_seconds: 0,
      retries: 2,
      retry_delay: 30,
      pause_keys: [],
      resuming: false,
    },
    ...{
      tags: deployment.tags,
      auto_scheduled: i % 2 === 0,
      flow_id: deployment.flowId,
      deployment_id: deployment.id,
    },
    ...{ state_id: stateId, state_name: run.stateName, state_timestamp: moment(run.ended) },
    ...{ work_queue_name: 'default', work_queue_id: estate.queueId },
    created_by: { id: deployment.id, type: 'DEPLOYMENT', display_value: deployment.name },
    infrastructure_pid: `host-${random.below(20)}:${random.below(60_000)}`,
    labels: { 'prefect.flow.id': deployment.flowId, 'prefect.deployment.id': deployment.id, attempt: 1 },
  };
}
