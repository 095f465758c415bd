/** Whatever is proposed in whatever order: what must hold of a run, its states and its events afterwards. */
import { asc, eq } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFlow } from '../../src/entities/flow.ts';
import { readFlowRun } from '../../src/entities/flow-run/flow-run.ts';
import { isTerminal, type StateProposal } from '../../src/entities/run/state.ts';
import { findFlowRunStates, findTaskRunStates } from '../../src/entities/run/state-query.ts';
import { readTaskRun } from '../../src/entities/task-run/task-run.ts';
import { JsonText } from '../../src/json/json.ts';
import { createFlowRun } from '../../src/orchestration/create-flow-run.ts';
import { createTaskRun } from '../../src/orchestration/create-task-run.ts';
import { setFlowRunState } from '../../src/orchestration/set-flow-run-state.ts';
import { setTaskRunState } from '../../src/orchestration/set-task-run-state.ts';
import { STATE_TYPES } from '../../src/schema/types.ts';
import { addSeconds, now, secondsBetween } from '../../src/time/timestamp.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let flowId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  flowId = (await createFlow(database.db, { name: 'flow' })).id;
});
afterAll(() => database.dispose());

interface Step {
  state: StateProposal;
  force: boolean;
}

const details = fc.record(
  {
    scheduled_time: fc.integer({ min: -60, max: 60 }).map((seconds) => addSeconds(now(), seconds)),
    pause_timeout: fc.integer({ min: -60, max: 60 }).map((seconds) => addSeconds(now(), seconds)),
    pause_key: fc.constantFrom('a', 'b'),
    transition_id: fc.constantFrom(
      '00000000-0000-4000-8000-000000000001',
      '00000000-0000-4000-8000-000000000002',
    ),
    cache_key: fc.constantFrom('k1', 'k2'),
    retriable: fc.boolean(),
  },
  { requiredKeys: [] },
);

const step: fc.Arbitrary<Step> = fc.record({
  state: fc.record({
    type: fc.constantFrom(...STATE_TYPES),
    name: fc.constantFrom(null, 'Late', 'AwaitingRetry', 'Suspended', 'Submitting', 'Resuming'),
    data: fc.constantFrom(null, new JsonText('{"type":"unpersisted"}'), new JsonText('{"key":1.0}')),
    state_details: details,
  }),
  force: fc.boolean(),
});

const play = fc.record({
  first: fc.constantFrom(...STATE_TYPES),
  retries: fc.constantFrom(null, 1, 3),
  steps: fc.array(step, { minLength: 1, maxLength: 12 }),
});

interface Times {
  state_type: string | null;
  start_time: string | null;
  end_time: string | null;
  next_scheduled_start_time: string | null;
  run_count: number;
  total_run_time: { valueOf(): number };
}

function expectConsistent(run: Times): void {
  expect(run.end_time !== null).toBe(isTerminal(run.state_type as never));
  expect(run.next_scheduled_start_time !== null).toBe(run.state_type === 'SCHEDULED');
  if (run.end_time) expect(secondsBetween(run.start_time!, run.end_time)).toBeGreaterThanOrEqual(0);
  if (run.state_type === 'RUNNING') expect(run.start_time).not.toBe(null);
  expect(Number(run.total_run_time)).toBeGreaterThanOrEqual(0);
}

const distinct = (values: string[]) => new Set(values).size === values.length;

test('a flow run, the task run that stands for it, and its events', async () => {
  const { db } = database;
  let key = 0;
  await fc.assert(
    fc.asyncProperty(play, async ({ first, retries, steps }) => {
      const caller = await createFlowRun(db, { flow_id: flowId, state: { type: 'RUNNING' } });
      const task = await createTaskRun(db, {
        flow_run_id: caller.id,
        task_key: 'sub',
        dynamic_key: String(key++),
      });
      const run = await createFlowRun(db, {
        flow_id: flowId,
        parent_task_run_id: task.id,
        empirical_policy: { retries },
        state: { type: first },
      });
      let [current, written] = [run.state_id!, 1];
      for (const { state, force } of steps) {
        const outcome = (await setFlowRunState(db, run.id, state, { force }))!;
        const { result } = outcome;
        expect(outcome.written).toBe(result.state!.id !== current);
        if (result.status === 'ACCEPT') expect(outcome.written).toBe(true);
        if (result.status === 'ABORT' || result.status === 'WAIT') expect(outcome.written).toBe(false);
        current = result.state!.id;
        written += Number(outcome.written);
      }
      const stored = (await readFlowRun(db, run.id))!;
      const states = await findFlowRunStates(db, run.id);
      expect(states.map(({ id }) => id).at(-1)).toBe(current);
      expect(states).toHaveLength(written);
      expect(distinct(states.map(({ timestamp }) => timestamp))).toBe(true);
      expect(stored).toMatchObject({
        state_id: current,
        state_type: states.at(-1)!.type,
        state_name: states.at(-1)!.name,
        state: states.at(-1)!,
      });
      expectConsistent(stored);
      expect(stored.run_count).toBeLessThanOrEqual(states.filter(({ type }) => type === 'RUNNING').length);

      const { events } = db.tables;
      const told = await db.orm
        .select()
        .from(events)
        .where(eq(events.resource_id, `prefect.flow-run.${run.id}`))
        .orderBy(asc(events.occurred));
      expect(told.map(({ id }) => id)).toEqual(states.map(({ id }) => id));
      expect(told.slice(1).map(({ follows }) => follows)).toEqual(told.slice(0, -1).map(({ id }) => id));

      const twin = (await readTaskRun(db, task.id))!;
      expect(twin).toMatchObject({ state_type: stored.state_type, state_name: stored.state_name });
      expect(await findTaskRunStates(db, task.id)).toHaveLength(written + 1);
      expectConsistent(twin);
    }),
    { numRuns: 60 },
  );
});

test('a task run', async () => {
  const { db } = database;
  const flowRun = await createFlowRun(db, { flow_id: flowId, state: { type: 'RUNNING' } });
  let key = 0;
  await fc.assert(
    fc.asyncProperty(play, fc.boolean(), async ({ first, retries, steps }, deferred) => {
      const run = await createTaskRun(db, {
        flow_run_id: flowRun.id,
        task_key: 'task',
        dynamic_key: String(key++),
        empirical_policy: { retries, retry_delay: [0.5, 1], retry_jitter_factor: 0.2 },
        state: { type: first, state_details: { deferred } },
      });
      let [current, written] = [run.state_id!, 1];
      for (const { state, force } of steps) {
        const proposal = { ...state, state_details: { ...state.state_details, deferred } };
        const outcome = (await setTaskRunState(db, run.id, proposal, { force }))!;
        expect(outcome.written).toBe(outcome.result.state!.id !== current);
        current = outcome.result.state!.id;
        written += Number(outcome.written);
      }
      const stored = (await readTaskRun(db, run.id))!;
      const states = await findTaskRunStates(db, run.id);
      expect(states).toHaveLength(written);
      expect(distinct(states.map(({ timestamp }) => timestamp))).toBe(true);
      expect(stored).toMatchObject({ state_id: current, state: states.at(-1)! });
      expectConsistent(stored);
    }),
    { numRuns: 60 },
  );
});
