/** What a run leaves behind beside itself: a task run, logs, an event, an artifact. */
import { JsonText } from '../../src/json/json.ts';
import { moment, type Random } from './random.ts';
import type { Batch, Run } from './runs.ts';
import type { Rows } from './sink.ts';

const WORDS =
  'read wrote rows from partition of table in batch with retries after waiting for lock on shard'.split(' ');

export function taskRunRow(run: Run, stateId: string): Rows<'task_run'>[number] {
  const task = `${run.deployment.flowName}-load`;
  return {
    ...{
      id: run.taskRunId,
      created: moment(run.started),
      updated: moment(run.ended),
      name: `${task}-0`,
      state_type: run.type,
    },
    ...{
      run_count: 1,
      expected_start_time: moment(run.started),
      start_time: moment(run.started),
      end_time: moment(run.ended),
    },
    ...{ total_run_time: (run.ended - run.started) / 1000, task_key: task, dynamic_key: '0' },
    empirical_policy: {
      max_retries: 0,
      retry_delay_seconds: 0,
      retries: 0,
      retry_delay: 0,
      retry_jitter_factor: null,
    },
    ...{ task_inputs: { table: [], partition: [] }, tags: ['load'], flow_run_id: run.id, state_id: stateId },
    ...{ state_name: run.stateName, state_timestamp: moment(run.ended), flow_run_run_count: 1 },
    labels: { 'prefect.flow.id': run.deployment.flowId },
  };
}

export const logRow = (
  run: Run,
  random: Random,
  time: number,
  taskRunId: string | null,
): Rows<'log'>[number] => ({
  ...{
    id: random.uuid(),
    created: moment(time),
    updated: moment(time),
    name: taskRunId ? 'prefect.task_runs' : 'prefect.flow_runs',
  },
  ...{ level: run.type === 'FAILED' && taskRunId ? 40 : 20, flow_run_id: run.id, task_run_id: taskRunId },
  ...{ message: sentence(random, 6 + random.below(30)), timestamp: moment(time) },
});

export function addEvent(batch: Batch, run: Run, stateId: string, random: Random): void {
  const [id, time] = [random.uuid(), moment(run.ended)];
  const resource = {
    'prefect.resource.id': `prefect.flow-run.${run.id}`,
    'prefect.resource.name': run.name,
    'prefect.state-type': run.type,
  };
  const flow = {
    'prefect.resource.id': `prefect.flow.${run.deployment.flowId}`,
    'prefect.resource.role': 'flow',
    'prefect.resource.name': run.deployment.flowName,
  };
  batch.events.push({
    ...{
      id,
      created: time,
      updated: time,
      occurred: time,
      received: time,
      recorded: time,
      event: `prefect.flow-run.${run.stateName}`,
    },
    ...{
      resource_id: resource['prefect.resource.id'],
      resource,
      related: [flow],
      related_resource_ids: [flow['prefect.resource.id']],
    },
    payload: new JsonText(
      `{"intended": {"from": "RUNNING", "to": "${run.type}"}, "validated_state": {"type": "${run.type}", "name": "${run.stateName}", "id": "${stateId}"}}`,
    ),
  });
  for (const [role, one] of [
    ['', resource],
    ['flow', flow],
  ] as const) {
    batch.event_resources.push({
      ...{ id: random.uuid(), created: time, updated: time, occurred: time, event_id: id },
      ...{ resource_id: one['prefect.resource.id'], resource_role: role, resource: one },
    });
  }
}

export const artifactRow = (run: Run, random: Random): Rows<'artifact'>[number] => ({
  ...{
    id: random.uuid(),
    created: moment(run.ended),
    updated: moment(run.ended),
    key: `report-${run.deployment.flowName}`,
    type: 'markdown',
  },
  data: JsonText.of(`# ${run.name}\n\n${sentence(random, 60)}\n`),
  ...{ flow_run_id: run.id, task_run_id: run.taskRunId, description: null },
});

export function sentence(random: Random, words: number): string {
  let text: string = random.of(WORDS);
  for (let i = 1; i < words; i++) text += ` ${random.of(WORDS)}`;
  return text;
}
