import { eq } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import {
  countDeploymentsByFlow,
  countEndedTaskRuns,
  countTaskRunsByFlowRun,
  nextRunsByFlow,
} from '../../src/entities/dashboard-query.ts';
import { findFlowRunTimes, meanLateness } from '../../src/entities/flow-run/query.ts';
import {
  flowRunHistory,
  type HistoryPiece,
  historySpan,
  taskRunHistory,
} from '../../src/entities/run/history-query.ts';
import { countTaskRunsByState } from '../../src/entities/task-run/query.ts';
import { STATE_TYPES } from '../../src/schema/types.ts';
import {
  addSeconds,
  fromMicros,
  now,
  secondsBetween,
  type Timestamp,
  toMicros,
} from '../../src/time/timestamp.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { matches } from './reference.ts';
import { MOMENTS, makeWorld, NAMES, type World } from './world.ts';

let own: TestDatabase;
let db: Database;
let world: World;

beforeAll(async () => {
  own = await createTestDatabase();
  db = own.db;
  world = await makeWorld(db, 3);
});
afterAll(() => own.dispose());

type Run = World['flowRuns'][number] | World['taskRuns'][number];

const ENDED = ['COMPLETED', 'CANCELLED', 'FAILED', 'CRASHED'];

function lateness(run: Run, moment: Timestamp): number {
  const { start_time: start, expected_start_time: expected } = run;
  if (start && expected && start > expected) return secondsBetween(expected, start);
  if (!start && expected && !ENDED.includes(run.state_type!) && expected < moment)
    return secondsBetween(expected, moment);
  return 0;
}

const runTime = (run: Run, moment: Timestamp): number =>
  run.total_run_time + (run.state_type === 'RUNNING' ? secondsBetween(run.state_timestamp!, moment) : 0);

/** The same by hand, one run after another. */
function naiveHistory(
  runs: Run[],
  start: Timestamp,
  end: Timestamp,
  seconds: number,
  moment: Timestamp,
): HistoryPiece[] {
  const pieces: HistoryPiece[] = [];
  const last = toMicros(end);
  for (let at = toMicros(start); at < last && pieces.length < 500; at += seconds * 1e6) {
    const piece = { interval_start: fromMicros(at), interval_end: fromMicros(at + seconds * 1e6) };
    const within = runs.filter(
      ({ expected_start_time: expected }) =>
        expected !== null && expected >= piece.interval_start && expected < piece.interval_end,
    );
    const states: HistoryPiece['states'] = [];
    for (const run of within) {
      let state = states.find(
        (one) => one.state_type === run.state_type && one.state_name === run.state_name,
      );
      if (!state) {
        const { state_type, state_name } = run;
        state = {
          state_type: state_type!,
          state_name: state_name!,
          count_runs: 0,
          sum_estimated_run_time: 0,
          sum_estimated_lateness: 0,
        };
        states.push(state);
      }
      state.count_runs++;
      state.sum_estimated_run_time = Number(state.sum_estimated_run_time) + Math.max(0, runTime(run, moment));
      state.sum_estimated_lateness = Number(state.sum_estimated_lateness) + lateness(run, moment);
    }
    pieces.push({ ...piece, states });
  }
  return pieces;
}

const inOrder = (pieces: HistoryPiece[]) =>
  pieces.map(({ states, ...piece }) => ({
    ...piece,
    states: states
      .map((state) => ({ key: `${state.state_type} ${state.state_name}`, count: state.count_runs }))
      .sort((a, b) => a.key.localeCompare(b.key)),
  }));

/** Sums of what goes on while the test runs may lie seconds apart; all others are exact to a microsecond. */
function expectSums(found: HistoryPiece[], wanted: HistoryPiece[]): void {
  found.forEach((piece, i) => {
    for (const state of piece.states) {
      const other = wanted[i]!.states.find(
        (one) => one.state_type === state.state_type && one.state_name === state.state_name,
      )!;
      const going = state.state_type === 'RUNNING' ? 20 : 1e-5;
      const waiting = ENDED.includes(state.state_type) ? 1e-5 : 20;
      expect(near(state.sum_estimated_run_time, other.sum_estimated_run_time, going * state.count_runs)).toBe(
        true,
      );
      expect(
        near(state.sum_estimated_lateness, other.sum_estimated_lateness, waiting * state.count_runs),
      ).toBe(true);
    }
  });
}

const near = (left: unknown, right: unknown, tolerance: number) =>
  Math.abs(Number(left) - Number(right)) <= tolerance;

const span = fc.record({
  start: fc.oneof(fc.constantFrom(...MOMENTS), fc.constant('2026-11-21T08:59:59.999999Z')),
  length: fc.oneof(
    fc.constantFrom(-1, 0, 0.000001, 1, 3600, 7200.000001),
    fc.integer({ min: 1, max: 10_000 }),
  ),
  seconds: fc.constantFrom(1, 1.5, 60, 61.000001, 3600, 100_000),
});

test.each(['flow runs', 'task runs'] as const)(
  'the history of %s is what counting by hand gives',
  async (which) => {
    const filter = { name: { any_: NAMES.slice(0, 8) } };
    const isFlow = which === 'flow runs';
    const runs: Run[] = isFlow
      ? world.flowRuns.filter((run) => matches('flowRun', run, filter, world))
      : world.taskRuns.filter((run) => matches('taskRun', run, filter, world));
    await fc.assert(
      fc.asyncProperty(span, async ({ start, length, seconds }) => {
        const end = addSeconds(start, length);
        const pieces = historySpan(start, end, seconds)!;
        const found = isFlow
          ? await flowRunHistory(db, pieces, { flow_runs: filter })
          : await taskRunHistory(db, pieces, { task_runs: filter });
        const wanted = naiveHistory(runs, start, end, seconds, now());
        expect(inOrder(found)).toEqual(inOrder(wanted));
        expectSums(found, wanted);
      }),
      { numRuns: 60 },
    );
  },
);

test('a history has five hundred pieces at most, and none past the year 9999', () => {
  expect(historySpan('2026-01-01T00:00:00.000000Z', '2027-01-01T00:00:00.000000Z', 1)).toMatchObject({
    pieces: 500,
  });
  expect(historySpan('2026-01-01T00:00:00.000000Z', '2027-01-01T00:00:00.000000Z', 1e12)).toBeNull();
});

test('the mean lateness is the mean of all, and null of none', async () => {
  const filter = { state: { type: { any_: ENDED } } };
  const runs = world.flowRuns.filter((run) => ENDED.includes(run.state_type!));
  const mean = runs.reduce((sum, run) => sum + lateness(run, now()), 0) / runs.length;
  expect(await meanLateness(db, { flow_runs: filter })).toBeCloseTo(mean, 5);
  expect(await meanLateness(db, { flow_runs: { id: { any_: [] } } })).toBeNull();
});

test('a chart gets the times of each run', async () => {
  const slice = { sort: 'EXPECTED_START_TIME_DESC', limit: 1000, offset: 0 } as const;
  const found = await findFlowRunTimes(db, {}, slice);
  const moment = now();
  expect(found).toHaveLength(world.flowRuns.length);
  for (const row of found) {
    const run = world.flowRuns.find(({ id }) => id === row.id)!;
    expect(row.timestamp).toBe(run.start_time ?? run.expected_start_time);
    expect(near(row.duration, runTime(run, moment), 20)).toBe(true);
    expect(near(row.lateness, lateness(run, moment), 20)).toBe(true);
  }
});

test('task runs are counted by state, by flow run, and deployments by flow', async () => {
  const counts = await countTaskRunsByState(db, { task_runs: { name: { like_: 'a' } } });
  const named = world.taskRuns.filter((run) => matches('taskRun', run, { name: { like_: 'a' } }, world));
  for (const type of STATE_TYPES) {
    expect(counts[type]).toBe(named.filter((run) => run.state_type === type).length);
  }
  const runIds = world.flowRuns.slice(0, 25).map(({ id }) => id);
  const parents = new Set(world.flowRuns.map((run) => run.parent_task_run_id));
  const counted = world.taskRuns.filter((run) => !parents.has(run.id));
  expect(await countTaskRunsByFlowRun(db, runIds)).toEqual(
    Object.fromEntries(runIds.map((id) => [id, counted.filter((run) => run.flow_run_id === id).length])),
  );
  const flowIds = world.flows.map(({ id }) => id);
  expect(await countDeploymentsByFlow(db, flowIds)).toEqual(
    Object.fromEntries(flowIds.map((id) => [id, world.deployments.filter((d) => d.flow_id === id).length])),
  );
});

test('the next run of a flow is its scheduled run that comes first', async () => {
  const flowIds = world.flows.map(({ id }) => id);
  const found = await nextRunsByFlow(db, flowIds);
  for (const id of flowIds) {
    const scheduled = world.flowRuns.filter(
      (run) => run.flow_id === id && run.state_type === 'SCHEDULED' && run.next_scheduled_start_time,
    );
    const first = scheduled.map((run) => run.next_scheduled_start_time!).sort()[0];
    expect(found[id]?.next_scheduled_start_time ?? undefined).toBe(first);
  }
  expect(Object.values(found).some(Boolean)).toBe(true);
});

test('ended task runs are counted in twenty parts of the time they started in', async () => {
  const after = addSeconds(MOMENTS[4]!, -7200);
  const before = addSeconds(MOMENTS[4]!, 7200);
  const found = await countEndedTaskRuns(db, after, before, { task_runs: { start_time: { after_: after } } });
  const start = toMicros(`${after.slice(0, 17)}00.000000Z`);
  const width = (toMicros(`${before.slice(0, 17)}59.999999Z`) - start) / 20;
  const wanted = Array.from({ length: 20 }, () => ({ completed: 0, failed: 0 }));
  for (const run of world.taskRuns) {
    if (!run.start_time || !ENDED.includes(run.state_type!)) continue;
    const bucket = wanted[Math.floor((toMicros(run.start_time) - start) / width)]!;
    if (run.state_type === 'CRASHED' || run.state_type === 'FAILED') bucket.failed++;
    else bucket.completed++;
  }
  expect(found).toEqual(wanted);
  expect(wanted.filter(({ completed }) => completed > 0).length).toBeGreaterThan(2);
});

test('a run whose state is gone is left out of the history', async () => {
  const { flow_run } = db.tables;
  const run = world.flowRuns.find((one) => one.expected_start_time === MOMENTS[4])!;
  const pieces = historySpan(MOMENTS[4]!, addSeconds(MOMENTS[4]!, 1), 1)!;
  const count = async () =>
    (await flowRunHistory(db, pieces, {}))[0]!.states.reduce((sum, state) => sum + state.count_runs, 0);
  const before = await count();
  await db.orm.update(flow_run).set({ state_type: null, state_name: null }).where(eq(flow_run.id, run.id));
  expect(await count()).toBe(before - 1);
});
