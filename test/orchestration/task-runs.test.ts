import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { IntegrityError } from '../../src/db/errors.ts';
import { createFlow } from '../../src/entities/flow.ts';
import { findTaskRunStates } from '../../src/entities/run/state-query.ts';
import { deleteTaskRun, readTaskRun } from '../../src/entities/task-run/task-run.ts';
import { JsonText, parseJson, stringifyJson } from '../../src/json/json.ts';
import { createFlowRun } from '../../src/orchestration/create-flow-run.ts';
import { createTaskRun } from '../../src/orchestration/create-task-run.ts';
import { setFlowRunState } from '../../src/orchestration/set-flow-run-state.ts';
import { setTaskRunState } from '../../src/orchestration/set-task-run-state.ts';
import { addSeconds, now } from '../../src/time/timestamp.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let db: Database;
let flowRunId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
  const flow = await createFlow(db, { name: 'flow', labels: { team: 'x' } });
  flowRunId = (await createFlowRun(db, { flow_id: flow.id, state: { type: 'RUNNING' } })).id;
});
afterAll(() => database.dispose());

let keys = 0;
const create = (proposal: Partial<Parameters<typeof createTaskRun>[1]> = {}) =>
  createTaskRun(db, { flow_run_id: flowRunId, task_key: 't', dynamic_key: String(keys++), ...proposal });

const set = async (id: string, proposal: Parameters<typeof setTaskRunState>[2], options = {}) =>
  (await setTaskRunState(db, id, proposal, options))!;

describe('creating a task run', () => {
  test('takes the labels of its flow run', async () => {
    const run = await create({ labels: { own: 1 } });
    expect(run.labels).toMatchObject({ team: 'x', 'prefect.flow-run.id': flowRunId, own: 1 });
    expect(run).toMatchObject({
      state_type: 'PENDING',
      run_count: 0,
      name: expect.stringMatching(/^\w+-\w+$/),
    });
  });

  test('takes the id that the client chose', async () => {
    const id = crypto.randomUUID();
    expect((await create({ id })).id).toBe(id);
    await expect(create({ id })).rejects.toThrow(IntegrityError);
  });

  test.each([true, false])('of the same keys there is one (in a flow run: %s)', async (inFlowRun) => {
    const same = { dynamic_key: 'same', flow_run_id: inFlowRun ? flowRunId : null };
    const first = await create({ ...same, name: 'first' });
    const second = await create({ ...same, name: 'second', state: { type: 'RUNNING' } });
    expect(second).toMatchObject({ id: first.id, name: 'first', state_type: 'PENDING' });
    expect(await findTaskRunStates(db, first.id)).toHaveLength(1);
  });

  test('the same keys at once make one', async () => {
    const runs = await Promise.all(Array.from({ length: 8 }, () => create({ dynamic_key: 'at once' })));
    expect(new Set(runs.map(({ id }) => id)).size).toBe(1);
  });

  test('of an unknown flow run there is none', async () => {
    await expect(create({ flow_run_id: crypto.randomUUID() })).rejects.toThrow(IntegrityError);
  });

  test('the delays of its retries keep their spelling', async () => {
    const empirical_policy = parseJson('{"retries":3,"retry_delay":[1.0,2,0.5]}') as Record<string, unknown>;
    const { id } = await create({ empirical_policy });
    const stored = (await readTaskRun(db, id))!.empirical_policy;
    expect(stringifyJson(stored).replaceAll(' ', '')).toContain('"retry_delay":[1.0,2,0.5]');
    expect(stored['retries']).toBe(3);
  });
});

describe('the cache', () => {
  const complete = async (details: object, text: string) => {
    const { id } = await create({ state: { type: 'RUNNING' } });
    await set(id, { type: 'COMPLETED', data: new JsonText(text), state_details: details });
  };
  const run = async (details: object) => {
    const { id } = await create();
    return { id, ...(await set(id, { type: 'RUNNING', state_details: details })) };
  };

  test('gives the newest completed state of the key, as a state of its own', async () => {
    await complete({ cache_key: 'k' }, '{"old":1}');
    await complete({ cache_key: 'k' }, '{"new":1.0}');
    const { id, result, written } = await run({ cache_key: 'k' });
    expect(written).toBe(true);
    expect(result).toMatchObject({ status: 'REJECT', state: { type: 'COMPLETED', name: 'Cached' } });
    const stored = (await readTaskRun(db, id))!;
    expect(stored.state!.data!.text).toContain('"new"');
    expect(stored.state!.state_details.task_run_id).toBe(id);
    expect(stored.state_id).toBe(result.state!.id);
  });

  test('gives nothing that has expired', async () => {
    await complete({ cache_key: 'e', cache_expiration: addSeconds(now(), -1) }, '1');
    expect((await run({ cache_key: 'e' })).result.status).toBe('ACCEPT');
    await complete({ cache_key: 'e', cache_expiration: addSeconds(now(), 60) }, '1');
    expect((await run({ cache_key: 'e' })).result.status).toBe('REJECT');
  });

  test('gives nothing to who asks for a fresh result, or for another key', async () => {
    await complete({ cache_key: 'f' }, '1');
    expect((await run({ cache_key: 'f', refresh_cache: true })).result.status).toBe('ACCEPT');
    expect((await run({ cache_key: 'F' })).result.status).toBe('ACCEPT');
  });

  test('gives nothing of a task run that is gone', async () => {
    const { id } = await create({ state: { type: 'RUNNING' } });
    await set(id, { type: 'COMPLETED', state_details: { cache_key: 'gone' } });
    await deleteTaskRun(db, id);
    expect((await run({ cache_key: 'gone' })).result.status).toBe('ACCEPT');
  });

  test('has no state of a forced transition', async () => {
    const { id } = await create({ state: { type: 'RUNNING' } });
    await set(id, { type: 'COMPLETED', state_details: { cache_key: 'forced' } }, { force: true });
    expect((await run({ cache_key: 'forced' })).result.status).toBe('ACCEPT');
  });
});

test('a task waits with its flow, and notes in which run of it it ran', async () => {
  const flow = await createFlow(db, { name: 'pausing' });
  const flowRun = await createFlowRun(db, { flow_id: flow.id, state: { type: 'RUNNING' } });
  const { id } = await create({ flow_run_id: flowRun.id });
  const pause_timeout = addSeconds(now(), 100);
  await setFlowRunState(db, flowRun.id, { type: 'PAUSED', state_details: { pause_timeout } });
  const waiting = await set(id, { type: 'RUNNING' });
  expect(waiting.result.state).toMatchObject({ name: 'NotReady', state_details: { pause_timeout } });
  await setFlowRunState(db, flowRun.id, { type: 'RUNNING' });
  await set(id, { type: 'RUNNING' });
  expect(await readTaskRun(db, id)).toMatchObject({ state_type: 'RUNNING', flow_run_run_count: 2 });
});

test('changes of one run come one after the other', async () => {
  const { id } = await create();
  await Promise.all(Array.from({ length: 12 }, () => set(id, { type: 'RUNNING' }, { force: true })));
  const states = await findTaskRunStates(db, id);
  expect(states).toHaveLength(13);
  expect(await readTaskRun(db, id)).toMatchObject({ run_count: 12, state_id: states.at(-1)!.id });
});

test('what goes with a deleted run', async () => {
  const { id } = await create();
  const log = { name: 'n', level: 20, message: 'm', timestamp: now(), flow_run_id: flowRunId };
  await db.orm.insert(db.tables.log).values([{ ...log, task_run_id: id }, log]);
  expect(await deleteTaskRun(db, id)).toBe(true);
  expect(await deleteTaskRun(db, id)).toBe(false);
  expect(await findTaskRunStates(db, id)).toEqual([]);
  const logs = await db.orm.select().from(db.tables.log);
  expect(logs.map((row) => row.task_run_id)).toEqual([null]);
});
