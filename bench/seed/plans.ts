import type { DatabaseTarget } from '../../src/settings/settings.ts';
import { addSeconds, now } from '../../src/time/timestamp.ts';
import { Random } from './random.ts';
import { openSink, type Rows, type Sink } from './sink.ts';

/** How much the scheduler finds: deployments without a run, beside others whose runs are planned far ahead. */
export interface Plans {
  deployments: number;
  planned: { deployments: number; runs: number };
}

export const PLANS: Plans = { deployments: 1000, planned: { deployments: 100, runs: 1000 } };

const MINUTES_APART = 10;

/** Fills a database that has Prefect's tables, ours or Prefect's own. */
export async function seedPlans(target: DatabaseTarget, { deployments, planned }: Plans): Promise<void> {
  const random = new Random(2);
  const sink = await openSink(target, ['flow_run', 'flow_run_state']);
  const start = now();
  const flow = { id: random.uuid(), created: start, updated: start, name: 'planned' };
  await sink.add('flow', [flow]);
  await addDeployments(sink, random, flow.id, 'short', deployments);
  for (const schedule of await addDeployments(sink, random, flow.id, 'full', planned.deployments))
    await addRuns(sink, random, flow.id, schedule, planned.runs);
  await sink.finish();
}

type Schedule = Rows<'deployment_schedule'>[number] & { id: string };

async function addDeployments(
  sink: Sink,
  random: Random,
  flow_id: string,
  name: string,
  count: number,
): Promise<Schedule[]> {
  // Not of the last seconds: those are the other scheduler's.
  const updated = addSeconds(now(), -86_400);
  const deployments = Array.from({ length: count }, (_, i) => ({
    ...{ id: random.uuid(), created: updated, updated, name: `${name} ${i}`, flow_id },
    tags: ['nightly'],
    labels: { 'owner.team': 'data' },
  }));
  const schedules = deployments.map(({ id: deployment_id }, i) => ({
    ...{ id: random.uuid(), created: updated, updated, deployment_id, active: true },
    schedule:
      i % 2 === 0
        ? { cron: `${i % 60} * * * *`, timezone: 'Europe/Berlin', day_or: true }
        : { interval: 900, anchor_date: '2026-01-01T00:00:00Z', timezone: 'UTC' },
  }));
  await sink.add('deployment', deployments);
  await sink.add('deployment_schedule', schedules);
  return schedules;
}

async function addRuns(
  sink: Sink,
  random: Random,
  flow_id: string,
  { id: scheduleId, deployment_id }: Schedule,
  count: number,
): Promise<void> {
  const created = now();
  const runs = Array.from({ length: count }, (_, i) => {
    const at = addSeconds(created, (i + 1) * MINUTES_APART * 60);
    return {
      ...{ id: random.uuid(), created, updated: created, name: 'planned', flow_id, deployment_id },
      ...{ state_id: random.uuid(), state_type: 'SCHEDULED' as const, state_name: 'Scheduled' },
      ...{ auto_scheduled: true, state_timestamp: created, tags: ['auto-scheduled', 'nightly'] },
      ...{ expected_start_time: at, next_scheduled_start_time: at },
      idempotency_key: `scheduled ${deployment_id} ${scheduleId} ${at}`,
      created_by: { id: scheduleId, type: 'SCHEDULE', display_value: 'interval' },
    };
  });
  const states = runs.map((run) => ({
    ...{ id: run.state_id, created, updated: created, flow_run_id: run.id, timestamp: created },
    ...{ type: run.state_type, name: run.state_name, message: 'Flow run scheduled' },
    state_details: { scheduled_time: run.next_scheduled_start_time },
  }));
  await sink.add('flow_run', runs);
  await sink.add('flow_run_state', states);
}
