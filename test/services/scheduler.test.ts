import { asc, count, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/open.ts';
import { deleteDeployments } from '../../src/entities/deployment/delete.ts';
import { insertSchedules, updateSchedule } from '../../src/entities/deployment/schedule.ts';
import { planDates, plannedRuns, readSchedulable } from '../../src/entities/deployment/schedule-plan.ts';
import { deleteScheduledRuns, scheduleDeployments } from '../../src/entities/deployment/scheduled-runs.ts';
import { setPaused } from '../../src/entities/deployment/update.ts';
import { upsertDeployment } from '../../src/entities/deployment/upsert.ts';
import { createFlow } from '../../src/entities/flow.ts';
import { JsonText } from '../../src/json/json.ts';
import { setFlowRunState } from '../../src/orchestration/set-flow-run-state.ts';
import { horizonOf, recentDeploymentsScheduler, scheduler } from '../../src/services/scheduler.ts';
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
beforeEach(async () => {
  const { deployment, flow_run } = own.db.tables;
  await own.db.orm.delete(flow_run);
  await own.db.orm.delete(deployment);
});

const hourly = { interval: 3600, anchor_date: '2026-01-01T00:00:00Z', timezone: 'UTC' };
const minutely = { cron: '* * * * *', timezone: 'Europe/Berlin', day_or: true };
const daily = { rrule: 'DTSTART:20200101T000000\nFREQ=DAILY', timezone: 'Asia/Tokyo' };
const never = { cron: '0 0 30 2 *', timezone: null, day_or: true };

let made = 0;
async function deploy(schedules: object[], more: object = {}): Promise<string> {
  const plain = { parameters: new JsonText('{}') };
  // A schedule alone, or one with what belongs to it.
  const given = schedules.map((one) => ({ ...plain, ...('schedule' in one ? one : { schedule: one }) }));
  const name = `d${made++}`;
  const values = {
    flow_id: flowId,
    name,
    parameters: new JsonText('{"a":1.0,"b":2}'),
    tags: ['t'],
    schedules: given,
    ...more,
  };
  return (await upsertDeployment(own.db, values as Parameters<typeof upsertDeployment>[1])).id;
}

const runsOf = (id: string) => {
  const { flow_run } = own.db.tables;
  return own.db.orm
    .select()
    .from(flow_run)
    .where(eq(flow_run.deployment_id, id))
    .orderBy(asc(flow_run.next_scheduled_start_time));
};

/** PostgreSQL puts spaces between members. */
const compact = ({ text }: JsonText): string => text.replaceAll(' ', '');

async function states(): Promise<number> {
  const [row] = await own.db.orm.select({ count: count() }).from(own.db.tables.flow_run_state);
  return row!.count;
}

test('a turn makes the runs that each schedule is short of, with their states; the next turn makes none', async () => {
  const id = await deploy([hourly, minutely, daily]);
  await turn(scheduler, own.db);
  const runs = await runsOf(id);
  const kinds = runs.map(({ created_by }) => created_by!['display_value']);
  const runsOfKind = (kind: string) => kinds.filter((one) => one === kind).length;
  expect([runsOfKind('IntervalSchedule'), runsOfKind('RRuleSchedule')]).toEqual([3, 3]);
  // At least an hour ahead.
  expect(runsOfKind('CronSchedule')).toBeGreaterThanOrEqual(60);
  expect(await states()).toBe(runs.length);
  for (const run of runs) {
    expect(run).toMatchObject({
      state_type: 'SCHEDULED',
      state_name: 'Scheduled',
      auto_scheduled: true,
      tags: ['auto-scheduled', 't'],
      labels: { 'prefect.flow.id': flowId, 'prefect.deployment.id': id },
      expected_start_time: run.next_scheduled_start_time,
    });
    expect(run.state_id).not.toBeNull();
    expect(compact(run.parameters)).toBe('{"a":1.0,"b":2}');
  }
  await turn(scheduler, own.db);
  await turn(recentDeploymentsScheduler, own.db);
  const again = await runsOf(id);
  expect(
    new Set(
      again.map(
        ({ next_scheduled_start_time, created_by }) => `${next_scheduled_start_time} ${created_by!['id']}`,
      ),
    ).size,
  ).toBe(again.length);
  // A minute may have passed, and in rare moments an hour.
  expect(again.length - runs.length).toBeLessThan(5);
});

test("a run's key is the one that Prefect would give it, local time and all", async () => {
  const id = await deploy([
    { slug: 'tokyo', schedule: daily, parameters: new JsonText('{"b":3.0,"c":null}') },
  ]);
  await turn(recentDeploymentsScheduler, own.db);
  const [run] = await runsOf(id);
  const [schedulable] = await readSchedulable(own.db, [id]);
  const { schedule } = schedulable!;
  const date = addSeconds(run!.next_scheduled_start_time!, 9 * 3600).slice(0, 10);
  expect(run!.idempotency_key).toBe(`scheduled ${id} ${schedule.id} ${date} 00:00:00+09:00`);
  expect(run!.created_by).toEqual({ id: schedule.id, type: 'SCHEDULE', display_value: 'tokyo' });
  expect(compact(run!.parameters)).toBe('{"a":1.0,"b":3.0,"c":null}');
});

test('the settings say how many and how far; pages and batches of any size make the same', async () => {
  const ids = await Promise.all(Array.from({ length: 7 }, () => deploy([hourly, minutely])));
  const env = {
    PREFECT_SERVER_SERVICES_SCHEDULER_DEPLOYMENT_BATCH_SIZE: '2',
    PREFECT_SERVER_SERVICES_SCHEDULER_INSERT_BATCH_SIZE: '5',
    PREFECT_SERVER_SERVICES_SCHEDULER_MIN_RUNS: '4',
    PREFECT_SERVER_SERVICES_SCHEDULER_MAX_RUNS: '6',
    PREFECT_SERVER_SERVICES_SCHEDULER_MIN_SCHEDULED_TIME: '600',
    PREFECT_SERVER_SERVICES_SCHEDULER_MAX_SCHEDULED_TIME: '7100',
  };
  await turn(scheduler, own.db, { env });
  for (const id of ids) {
    const runs = await runsOf(id);
    const kinds = runs.map(({ created_by }) => created_by!['display_value']);
    expect(kinds.filter((kind) => kind === 'CronSchedule')).toHaveLength(6);
    // Two hours have one or two full ones in them.
    const hours = kinds.filter((kind) => kind === 'IntervalSchedule').length;
    expect([1, 2]).toContain(hours);
  }
});

test('paused deployments and inactive schedules get none, nor does what has no dates keep the others', async () => {
  const paused = await deploy([hourly], { paused: true });
  const inactive = await deploy([{ schedule: hourly, active: false }]);
  const broken = await deploy([never, hourly]);
  const { log, lines } = listeningLog();
  await turn(scheduler, own.db, { log });
  expect([(await runsOf(paused)).length, (await runsOf(inactive)).length]).toEqual([0, 0]);
  expect(await runsOf(broken)).toHaveLength(3);
  expect(lines.filter(({ level }) => level === 40)).toMatchObject([{ deployment_id: broken }]);
});

test('a pause, a change and a deletion take away what was planned, but for what has begun or waits for a slot', async () => {
  const id = await deploy([hourly]);
  await turn(scheduler, own.db, { env: { PREFECT_SERVER_SERVICES_SCHEDULER_MIN_RUNS: '5' } });
  const [begun, waiting] = await runsOf(id);
  await setFlowRunState(own.db, begun!.id, { type: 'PENDING' });
  const slot = { type: 'SCHEDULED' as const, name: 'AwaitingConcurrencySlot' };
  await setFlowRunState(own.db, waiting!.id, slot, { force: true });
  await setPaused(own.db, id, true);
  expect((await runsOf(id)).map((run) => run.id).sort()).toEqual([begun!.id, waiting!.id].sort());

  await setPaused(own.db, id, false);
  await turn(scheduler, own.db);
  expect((await runsOf(id)).length).toBeGreaterThanOrEqual(3);
  await deleteDeployments(own.db, [id]);
  expect((await runsOf(id)).map((run) => run.id).sort()).toEqual([begun!.id, waiting!.id].sort());
});

test('only the future goes when only the future is meant', async () => {
  const id = await deploy([hourly]);
  const settings = settingsWith();
  const horizon = { ...horizonOf(settings, addSeconds(now(), -10 * 3600)), minRuns: 20, minSeconds: 0 };
  await scheduleDeployments(own.db, [id], { horizon, batch: 500 });
  expect(await runsOf(id)).toHaveLength(20);
  await deleteScheduledRuns(own.db, [id], { futureOnly: true });
  const left = await runsOf(id);
  // An hour may have begun meanwhile.
  expect([10, 11]).toContain(left.length);
  expect(left.every((run) => run.next_scheduled_start_time! <= now())).toBe(true);
});

test('two servers at once make each run once', async () => {
  const ids = await Promise.all(Array.from({ length: 4 }, () => deploy([hourly, minutely])));
  const other = await openDatabase(own.target);
  try {
    await Promise.all([
      turn(scheduler, own.db),
      turn(scheduler, other),
      turn(recentDeploymentsScheduler, other),
    ]);
    for (const id of ids) {
      const runs = await runsOf(id);
      expect(new Set(runs.map((run) => run.idempotency_key)).size).toBe(runs.length);
      expect(runs.every((run) => run.state_id !== null)).toBe(true);
    }
    const [row] = await own.db.orm.select({ count: count() }).from(own.db.tables.flow_run);
    expect(await states()).toBe(row!.count);
  } finally {
    await other.close();
  }
});

test('a schedule that changes while its dates are worked out keeps nothing of what it was', async () => {
  const id = await deploy([hourly]);
  const before = await readSchedulable(own.db, [id]);
  const plan = planDates(before, horizonOf(settingsWith(), now()));
  expect(plannedRuns(before, plan)).toHaveLength(3);
  await updateSchedule(own.db, id, before[0]!.schedule.id, { schedule: minutely });
  await insertSchedules(own.db, id, [{ schedule: daily, parameters: new JsonText('{}') }]);
  expect(plannedRuns(await readSchedulable(own.db, [id]), plan)).toEqual([]);
});
