import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFlow } from '../../src/entities/flow.ts';
import { readFlowRun } from '../../src/entities/flow-run/flow-run.ts';
import { readTaskRun } from '../../src/entities/task-run/task-run.ts';
import { createFlowRun } from '../../src/orchestration/create-flow-run.ts';
import { createTaskRun } from '../../src/orchestration/create-task-run.ts';
import { setFlowRunState } from '../../src/orchestration/set-flow-run-state.ts';
import { cancellationCleanup } from '../../src/services/cancellation-cleanup.ts';
import { cancellingTimeouts } from '../../src/services/cancelling-timeouts.ts';
import { lateRuns } from '../../src/services/late-runs.ts';
import { pauseExpirations } from '../../src/services/pause-expirations.ts';
import { addSeconds, now } from '../../src/time/timestamp.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { listeningLog, settingsWith, turn } from './stage.ts';

let own: TestDatabase;
let flowId: string;

beforeAll(async () => {
  own = await createTestDatabase();
  flowId = (await createFlow(own.db, { name: 'flow' })).id;
});
afterAll(() => own.dispose());

type Proposal = Parameters<typeof setFlowRunState>[2];

async function runIn(state: Proposal, more: Partial<Parameters<typeof createFlowRun>[1]> = {}) {
  return (await createFlowRun(own.db, { flow_id: flowId, state, ...more })).id;
}

const force = (id: string, state: Proposal) => setFlowRunState(own.db, id, state, { force: true });
const stateOf = async (id: string) => (await readFlowRun(own.db, id))!.state!;
const stateOfTask = async (id: string) => (await readTaskRun(own.db, id))!.state!;
const ago = (seconds: number) => addSeconds(now(), -seconds);

function scheduled(seconds: number): Proposal {
  return { type: 'SCHEDULED', state_details: { scheduled_time: ago(seconds) } };
}

async function eventsOf(id: string): Promise<string[]> {
  const { events } = own.db.tables;
  const rows = await own.db.orm
    .select()
    .from(events)
    .where(eq(events.resource_id, `prefect.flow-run.${id}`));
  return rows.map(({ event }) => event).sort();
}

async function taskOf(flowRunId: string, key: string, state: Parameters<typeof createTaskRun>[1]['state']) {
  const task = { flow_run_id: flowRunId, task_key: key, dynamic_key: '0', state };
  return (await createTaskRun(own.db, task)).id;
}

describe('late_runs', () => {
  test('marks what is overdue, and nothing else', async () => {
    const overdue = await runIn(scheduled(60));
    const recent = await runIn(scheduled(10));
    const future = await runIn(scheduled(-60));
    const retrying = await runIn({ ...scheduled(60), name: 'AwaitingRetry' });
    const running = await runIn({ type: 'RUNNING' });
    await turn(lateRuns, own.db);

    const late = await stateOf(overdue);
    expect(late).toMatchObject({ type: 'SCHEDULED', name: 'Late' });
    const run = (await readFlowRun(own.db, overdue))!;
    expect(late.state_details.scheduled_time).toBe(run.expected_start_time);
    expect(run.next_scheduled_start_time).toBe(run.expected_start_time);
    expect(await eventsOf(overdue)).toContain('prefect.flow-run.Late');
    const names = await Promise.all(
      [recent, future, retrying, running].map(async (id) => (await stateOf(id)).name),
    );
    expect(names).toEqual(['Scheduled', 'Scheduled', 'AwaitingRetry', 'Running']);

    // A second look finds nothing to do.
    await turn(lateRuns, own.db);
    expect((await stateOf(overdue)).id).toBe(late.id);
  });

  test('its setting says how late is late', async () => {
    const id = await runIn(scheduled(60));
    await turn(lateRuns, own.db, { env: { PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS: '120' } });
    expect((await stateOf(id)).name).toBe('Scheduled');
    await turn(lateRuns, own.db, { env: { PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS: '30' } });
    expect((await stateOf(id)).name).toBe('Late');
  });

  test('gets through more than a page, with equal times', async () => {
    const moment = ago(90);
    const ids: string[] = [];
    await own.db.transaction(async () => {
      for (let i = 0; i < 205; i++)
        ids.push(await runIn({ type: 'SCHEDULED', state_details: { scheduled_time: moment } }));
    });
    const { log, lines } = listeningLog();
    await turn(lateRuns, own.db, { log });
    const { flow_run } = own.db.tables;
    const left = await own.db.orm
      .select()
      .from(flow_run)
      .where(eq(flow_run.next_scheduled_start_time, moment));
    expect(new Set(left.map((run) => run.state_name))).toEqual(new Set(['Late']));
    // Of earlier tests one or the other may have become overdue meanwhile.
    expect(lines.find(({ msg }) => msg === 'marked late')?.['flow_runs']).toBeGreaterThanOrEqual(205);
  });

  test('stops between two runs', async () => {
    const ids = [await runIn(scheduled(90)), await runIn(scheduled(80))];
    const stop = new AbortController();
    stop.abort();
    await turn(lateRuns, own.db, { stopping: stop.signal });
    expect(await Promise.all(ids.map(async (id) => (await stateOf(id)).name))).toEqual([
      'Scheduled',
      'Scheduled',
    ]);
  });
});

describe('pause_expirations', () => {
  test('fails the runs whose pause is over', async () => {
    const paused = (timeout: number | null): Proposal => ({
      type: 'PAUSED',
      state_details: { pause_timeout: timeout === null ? null : ago(timeout), pause_key: 'k' },
    });
    const [over, waiting, forever] = [
      await runIn({ type: 'PENDING' }),
      await runIn({ type: 'PENDING' }),
      await runIn({ type: 'PENDING' }),
    ];
    await force(over, paused(1));
    await force(waiting, paused(-60));
    await force(forever, paused(null));
    await turn(pauseExpirations, own.db);
    expect(await stateOf(over)).toMatchObject({
      type: 'FAILED',
      message: 'The flow was paused and never resumed.',
    });
    expect(await eventsOf(over)).toContain('prefect.flow-run.Failed');
    expect((await stateOf(waiting)).type).toBe('PAUSED');
    expect((await stateOf(forever)).type).toBe('PAUSED');
  });
});

describe('cancellation_cleanup', () => {
  test('cancels the task runs of a cancelled flow run', async () => {
    const parent = await runIn({ type: 'RUNNING' });
    const running = await taskOf(parent, 'a', { type: 'RUNNING' });
    const done = await taskOf(parent, 'b', { type: 'COMPLETED' });
    const other = await taskOf(await runIn({ type: 'RUNNING' }), 'c', { type: 'RUNNING' });
    await turn(cancellationCleanup, own.db);
    expect((await stateOfTask(running)).type).toBe('RUNNING');

    await force(parent, { type: 'CANCELLED' });
    await turn(cancellationCleanup, own.db);
    expect(await stateOfTask(running)).toMatchObject({
      type: 'CANCELLED',
      message: 'The parent flow run was cancelled.',
    });
    expect((await stateOfTask(done)).type).toBe('COMPLETED');
    expect((await stateOfTask(other)).type).toBe('RUNNING');
  });

  test('leaves the task runs of one that was cancelled long ago', async () => {
    const { flow_run } = own.db.tables;
    const parent = await runIn({ type: 'RUNNING' });
    const task = await taskOf(parent, 'a', { type: 'RUNNING' });
    await force(parent, { type: 'CANCELLED' });
    await own.db.orm
      .update(flow_run)
      .set({ end_time: ago(2 * 86_400) })
      .where(eq(flow_run.id, parent));
    await turn(cancellationCleanup, own.db);
    expect((await stateOfTask(task)).type).toBe('RUNNING');
  });

  test('cancels subflow runs: at once where their process was the parent’s, through their worker otherwise', async () => {
    const { deployment } = own.db.tables;
    const [deployed] = await own.db.orm
      .insert(deployment)
      .values({ name: 'd', flow_id: flowId })
      .returning({ id: deployment.id });
    const parent = await runIn({ type: 'RUNNING' });
    const inside = await runIn(
      { type: 'RUNNING' },
      { parent_task_run_id: await taskOf(parent, 's', { type: 'RUNNING' }) },
    );
    const elsewhere = await runIn(
      { type: 'RUNNING' },
      { parent_task_run_id: await taskOf(parent, 't', { type: 'RUNNING' }), deployment_id: deployed!.id },
    );
    const paused = await runIn(
      { type: 'PAUSED', state_details: { pause_timeout: ago(60) } },
      { parent_task_run_id: await taskOf(parent, 'p', { type: 'RUNNING' }) },
    );
    const grandchild = await runIn(
      { type: 'RUNNING' },
      { parent_task_run_id: await taskOf(inside, 'g', { type: 'RUNNING' }) },
    );
    await turn(cancellationCleanup, own.db);
    expect((await stateOf(inside)).type).toBe('RUNNING');

    await force(parent, { type: 'CANCELLED' });
    await turn(cancellationCleanup, own.db);
    await turn(cancellationCleanup, own.db);
    expect((await stateOf(inside)).type).toBe('CANCELLED');
    expect((await stateOf(grandchild)).type).toBe('CANCELLED');
    // It doesn't resume: how long it may be paused is of no interest.
    const ended = (await readFlowRun(own.db, paused))!;
    expect([ended.state_type, ended.empirical_policy.resuming]).toEqual(['CANCELLED', false]);
    const cancelling = await stateOf(elsewhere);
    expect(cancelling.type).toBe('CANCELLING');
    await turn(cancellationCleanup, own.db);
    expect((await stateOf(elsewhere)).id).toBe(cancelling.id);
  });
});

describe('cancelling_timeouts', () => {
  test('cancels what has been cancelling for longer than the setting says', async () => {
    const { flow_run } = own.db.tables;
    const [stuck, fresh] = [await runIn({ type: 'RUNNING' }), await runIn({ type: 'RUNNING' })];
    await force(stuck, { type: 'CANCELLING' });
    await force(fresh, { type: 'CANCELLING' });
    await own.db.orm
      .update(flow_run)
      .set({ state_timestamp: ago(301) })
      .where(eq(flow_run.id, stuck));
    await turn(cancellingTimeouts, own.db);
    expect(await stateOf(stuck)).toMatchObject({
      type: 'CANCELLED',
      message: 'Flow run cancellation timed out; marked this flow run as Cancelled.',
    });
    expect((await stateOf(fresh)).type).toBe('CANCELLING');
    const env = { PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_CANCELLING_TIMEOUT_SECONDS: '0.001' };
    await turn(cancellingTimeouts, own.db, { env });
    expect((await stateOf(fresh)).type).toBe('CANCELLED');
  });
});

test('each is switched by its setting', () => {
  const all = [lateRuns, pauseExpirations, cancellationCleanup, cancellingTimeouts];
  const off = settingsWith({
    PREFECT_SERVER_SERVICES_LATE_RUNS_ENABLED: 'false',
    PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED: 'false',
    PREFECT_API_SERVICES_CANCELLATION_CLEANUP_ENABLED: 'false',
  });
  expect(all.map((service) => service.enabled(settingsWith()))).toEqual([true, true, true, true]);
  expect(all.map((service) => service.enabled(off))).toEqual([false, false, false, false]);
});
