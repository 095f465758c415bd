import { asc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { IntegrityError } from '../../src/db/errors.ts';
import { openDatabase } from '../../src/db/open.ts';
import { createFlow } from '../../src/entities/flow.ts';
import { deleteFlowRuns, readFlowRun, updateFlowRunLabels } from '../../src/entities/flow-run/flow-run.ts';
import type { State } from '../../src/entities/run/state.ts';
import { findFlowRunStates, findTaskRunStates } from '../../src/entities/run/state-query.ts';
import { freeTimestamp, ofFlowRuns } from '../../src/entities/run/timestamps.ts';
import { readTaskRun } from '../../src/entities/task-run/task-run.ts';
import { JsonText } from '../../src/json/json.ts';
import { createFlowRun } from '../../src/orchestration/create-flow-run.ts';
import { createTaskRun } from '../../src/orchestration/create-task-run.ts';
import { setFlowRunState } from '../../src/orchestration/set-flow-run-state.ts';
import { setFlowRunStates } from '../../src/orchestration/set-flow-run-states.ts';
import { setTaskRunState } from '../../src/orchestration/set-task-run-state.ts';
import { createMigratedTarget } from '../support/database.ts';

let db: Database;
let dispose: () => Promise<void>;
let flowId: string;
/** Every statement since the last look. */
const statements: string[] = [];

beforeAll(async () => {
  const target = await createMigratedTarget();
  db = await openDatabase(target.target, { onStatement: (sql) => statements.push(sql) });
  dispose = async () => {
    await db.close();
    await target.dispose();
  };
  flowId = (await createFlow(db, { name: 'flow', tags: ['b', 'a'], labels: { team: 'x' } })).id;
});
afterAll(() => dispose());

const create = (proposal: Partial<Parameters<typeof createFlowRun>[1]> = {}) =>
  createFlowRun(db, { flow_id: flowId, ...proposal });

const set = async (id: string, proposal: Parameters<typeof setFlowRunState>[2], options = {}) =>
  (await setFlowRunState(db, id, proposal, options))!;

async function eventsOf(id: string) {
  const { events } = db.tables;
  const rows = await db.orm
    .select()
    .from(events)
    .where(eq(events.resource_id, `prefect.flow-run.${id}`))
    .orderBy(asc(events.occurred));
  return rows;
}

async function statementsOf(work: () => Promise<unknown>): Promise<number> {
  statements.length = 0;
  await work();
  return statements.length;
}

describe('creating a flow run', () => {
  test('what is answered is what is stored', async () => {
    const run = await create({
      name: 'mine',
      parameters: new JsonText('{"x":1.0}'),
      tags: ['z'],
      labels: { own: true },
      empirical_policy: { retries: 3 },
      state: { type: 'RUNNING', message: 'go' },
    });
    const stored = await readFlowRun(db, run.id);
    const { estimated_run_time: _, estimated_start_time_delta: __, parameters, ...lasting } = run;
    expect(stored).toMatchObject({
      ...lasting,
      context: expect.anything(),
      job_variables: expect.anything(),
    });
    expect(stored!.parameters.parse()).toEqual(parameters.parse());
    expect(run).toMatchObject({
      name: 'mine',
      run_count: 1,
      start_time: run.state?.timestamp,
      labels: { team: 'x', 'prefect.flow.id': flowId, own: true },
      state: { name: 'Running', message: 'go', state_details: { flow_run_id: run.id } },
    });
  });

  test('is PENDING, with a name of two words, when nothing is said', async () => {
    const run = await create();
    expect(run.name).toMatch(/^[a-z]+-[a-z]+$/);
    expect(run).toMatchObject({ state_type: 'PENDING', state_name: 'Pending', run_count: 0 });
  });

  test('an unknown flow leaves nothing behind', async () => {
    const id = '00000000-0000-4000-8000-000000000000';
    await expect(create({ flow_id: id })).rejects.toThrow(IntegrityError);
    const { flow_run } = db.tables;
    expect(await db.orm.select().from(flow_run).where(eq(flow_run.flow_id, id))).toEqual([]);
  });

  test('what it refers to must be there; one that refers to nothing leaves the transaction as it was', async () => {
    const name = 'refers to nothing';
    const none = crypto.randomUUID();
    await db.transaction(async () => {
      for (const column of ['work_queue_id', 'parent_task_run_id', 'infrastructure_document_id']) {
        await expect(create({ name, [column]: none })).rejects.toThrow(IntegrityError);
      }
      await create({ name: 'beside them', deployment_id: none });
    });
    const { flow_run } = db.tables;
    const rows = await db.orm.select({ name: flow_run.name }).from(flow_run);
    expect(rows.filter((row) => row.name === name)).toEqual([]);
    expect(rows.filter((row) => row.name === 'beside them')).toHaveLength(1);
  });

  test('the result of a run that was there already is not kept', async () => {
    const { artifact } = db.tables;
    const state = { type: 'COMPLETED' as const, data: new JsonText('{"a":1}') };
    const count = async () => (await db.orm.select({ id: artifact.id }).from(artifact)).length;
    const first = await create({ idempotency_key: 'with a result', state });
    const before = await count();
    expect((await create({ idempotency_key: 'with a result', state })).id).toBe(first.id);
    expect(await count()).toBe(before);
  });

  test('of one idempotency key there is one run, however many ask at once', async () => {
    const key = { idempotency_key: 'key' };
    const runs = await Promise.all(Array.from({ length: 8 }, () => create({ ...key, name: 'first' })));
    expect(new Set(runs.map((run) => run.id)).size).toBe(1);
    expect(await create({ ...key, name: 'second', state: { type: 'RUNNING' } })).toMatchObject({
      id: runs[0]!.id,
      name: 'first',
      state_type: 'PENDING',
    });
    expect(await eventsOf(runs[0]!.id)).toHaveLength(1);
  });

  test('the same key is free for another flow', async () => {
    const other = await createFlow(db, { name: 'other' });
    const mine = await create({ idempotency_key: 'shared' });
    const theirs = await create({ idempotency_key: 'shared', flow_id: other.id });
    expect(theirs.id).not.toBe(mine.id);
  });
});

describe('the event of a change', () => {
  test('says what Prefect says, and follows the one before', async () => {
    const run = await create({ name: 'told', tags: ['z', 'a'], state: { type: 'PENDING', message: 'hey' } });
    const { result } = await set(run.id, { type: 'PAUSED', name: 'Mine' }, { force: true });
    const [first, second] = await eventsOf(run.id);
    expect(first).toMatchObject({ id: run.state_id, follows: null, event: 'prefect.flow-run.Pending' });
    expect(second).toMatchObject({
      id: result.state!.id,
      follows: run.state_id,
      occurred: result.state!.timestamp,
      event: 'prefect.flow-run.Mine',
    });
    expect(second!.resource).toEqual({
      'prefect.resource.id': `prefect.flow-run.${run.id}`,
      'prefect.resource.name': 'told',
      'prefect.run-count': '0',
      'prefect.state-message': '',
      'prefect.state-name': 'Mine',
      'prefect.state-timestamp': result.state!.timestamp.replace('Z', '+00:00'),
      'prefect.state-type': 'PAUSED',
    });
    expect(second!.related).toEqual([
      {
        'prefect.resource.id': `prefect.flow.${flowId}`,
        'prefect.resource.role': 'flow',
        'prefect.resource.name': 'flow',
      },
      ...['a', 'b', 'z'].map((tag) => ({
        'prefect.resource.id': `prefect.tag.${tag}`,
        'prefect.resource.role': 'tag',
      })),
    ]);
    expect(second!.payload.parse()).toEqual({
      intended: { from: 'PENDING', to: 'PAUSED' },
      initial_state: { type: 'PENDING', name: 'Pending', message: 'hey' },
      validated_state: { type: 'PAUSED', name: 'Mine', pause_reschedule: 'false' },
    });
  });

  test('has the deployment, its queue and pool, and who made the run', async () => {
    const { work_pool, work_queue, deployment } = db.tables;
    const ids = { pool: crypto.randomUUID(), queue: crypto.randomUUID(), deployment: crypto.randomUUID() };
    await db.orm.insert(work_pool).values({ id: ids.pool, name: 'pool', type: 'process' });
    await db.orm.insert(work_queue).values({ id: ids.queue, name: 'queue', work_pool_id: ids.pool });
    await db.orm
      .insert(deployment)
      .values({ id: ids.deployment, name: 'dep', flow_id: flowId, tags: ['d'], labels: { from: 'dep' } });
    const run = await create({
      deployment_id: ids.deployment,
      work_queue_id: ids.queue,
      created_by: { id: ids.pool, type: 'AUTOMATION', display_value: 'auto' },
    });
    expect(run).toMatchObject({
      work_queue_name: 'queue',
      work_pool_name: 'pool',
      work_pool_id: ids.pool,
      labels: { from: 'dep', 'prefect.deployment.id': ids.deployment },
    });
    const [event] = await eventsOf(run.id);
    expect(event!.related.map((related) => related['prefect.resource.role'])).toEqual([
      'flow',
      'deployment',
      'work-queue',
      'work-pool',
      'tag',
      'tag',
      'tag',
      'creator',
    ]);
    await set(run.id, { type: 'RUNNING' });
    const [, later] = await eventsOf(run.id);
    expect(later!.related).toEqual(event!.related);
    expect(later!.related[3]).toMatchObject({ 'prefect.work-pool.type': 'process' });
  });

  test('there is none where nothing is written', async () => {
    const run = await create({ state: { type: 'COMPLETED' } });
    expect(await set(run.id, { type: 'CRASHED' })).toMatchObject({ written: false });
    expect(await eventsOf(run.id)).toHaveLength(1);
  });
});

describe('what belongs to the user', () => {
  const text = '{"f": 1.0, "n": 12345678901234567890, "t": "1.0"}';

  test('numbers of a result come back as they were sent', async () => {
    const run = await create({ parameters: new JsonText(text), state: { type: 'RUNNING' } });
    const { result } = await set(run.id, { type: 'COMPLETED', data: new JsonText(text) });
    const stored = (await readFlowRun(db, run.id))!;
    const [, completed] = await findFlowRunStates(db, run.id);
    for (const data of [result.state!.data, stored.state!.data, completed!.data, stored.parameters]) {
      expect(data!.text).toContain('1.0,');
      expect(data!.text).toContain('12345678901234567890');
    }
  });

  test('a result that is kept nowhere is answered once and not stored', async () => {
    const run = await create({ state: { type: 'RUNNING' } });
    const data = new JsonText('{"type":"unpersisted"}');
    const { result } = await set(run.id, { type: 'COMPLETED', data });
    expect(result.state!.data).toEqual(data);
    expect((await readFlowRun(db, run.id))!.state!.data).toBe(null);
    expect(
      await db.orm.select().from(db.tables.artifact).where(eq(db.tables.artifact.flow_run_id, run.id)),
    ).toEqual([]);
  });

  test('what describes the artifact of a result is taken out of it', async () => {
    const run = await create({ state: { type: 'RUNNING' } });
    const data = new JsonText('{"x":1.0,"artifact_type":"t","artifact_description":"d"}');
    const { result } = await set(run.id, { type: 'COMPLETED', data });
    expect(result.state!.data!.text).toBe('{"x":1.0}');
    const { artifact } = db.tables;
    const rows = await db.orm.select().from(artifact).where(eq(artifact.flow_run_id, run.id));
    expect(rows).toMatchObject([{ type: 't', description: 'd', key: null }]);
  });

  test('microseconds are kept', async () => {
    const scheduled_time = '2031-02-03T04:05:06.000007Z';
    const run = await create({ state: { type: 'SCHEDULED', state_details: { scheduled_time } } });
    const stored = (await readFlowRun(db, run.id))!;
    expect(stored.next_scheduled_start_time).toBe(scheduled_time);
    expect(stored.state!.state_details.scheduled_time).toBe(scheduled_time);
    expect(stored.state!.timestamp).toBe(run.state!.timestamp);
  });
});

describe('several at once', () => {
  test('changes of one run come one after the other', async () => {
    const run = await create();
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, () => set(run.id, { type: 'RUNNING' }, { force: true })),
    );
    expect(outcomes.every(({ written }) => written)).toBe(true);
    const stored = (await readFlowRun(db, run.id))!;
    const states = await findFlowRunStates(db, run.id);
    expect(states).toHaveLength(13);
    expect(stored.run_count).toBe(12);
    expect(stored.state_id).toBe(states.at(-1)!.id);
    const follows = (await eventsOf(run.id)).map((event) => event.follows);
    expect(follows).toEqual([null, ...states.slice(0, -1).map((state) => state.id)]);
  });

  test('one of several with the same transition id is written, and all get its state', async () => {
    const run = await create();
    const state_details = { transition_id: crypto.randomUUID() };
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, () => set(run.id, { type: 'RUNNING', state_details })),
    );
    expect(outcomes.filter(({ written }) => written)).toHaveLength(1);
    expect(new Set(outcomes.map(({ result }) => result.state!.id)).size).toBe(1);
    expect((await readFlowRun(db, run.id))!.run_count).toBe(1);
  });

  test('a state is told from one with the same moment', async () => {
    const run = await create();
    const taken = run.state!.timestamp;
    const at = (micros: number) => `${taken.slice(0, 20)}${String(micros).padStart(6, '0')}Z`;
    const { flow_run_state } = db.tables;
    for (const micros of [1, 2, 4]) {
      await db.orm.insert(flow_run_state).values({
        type: 'PENDING',
        name: 'x',
        flow_run_id: run.id,
        timestamp: at(micros).replace(taken.slice(0, 4), '2199'),
      });
    }
    const wanted = at(1).replace(taken.slice(0, 4), '2199');
    const latest = at(4).replace(taken.slice(0, 4), '2199');
    const states = ofFlowRuns(db.tables);
    expect(await freeTimestamp(db, states, run.id, latest, wanted)).toBe(
      wanted.replace('000001Z', '000003Z'),
    );
    expect(await freeTimestamp(db, states, run.id, null, wanted)).toBe(wanted);
  });

  test('labels that are added at once are all there', async () => {
    const run = await create();
    await Promise.all(Array.from({ length: 8 }, (_, i) => updateFlowRunLabels(db, run.id, { [`l${i}`]: i })));
    expect(Object.keys((await readFlowRun(db, run.id))!.labels)).toHaveLength(10);
  });
});

describe('a flow run in another one', () => {
  async function subflow() {
    const parent = await create({ state: { type: 'RUNNING' } });
    const task = await createTaskRun(db, { flow_run_id: parent.id, task_key: 'sub', dynamic_key: '0' });
    const child = await create({ parent_task_run_id: task.id });
    return { parent, task, child };
  }

  test('is a task run there, which goes through its states', async () => {
    const { parent, task, child } = await subflow();
    await set(child.id, { type: 'RUNNING' });
    await set(child.id, { type: 'COMPLETED', data: new JsonText('{"r":1.0}') });
    const stored = (await readTaskRun(db, task.id))!;
    expect(stored).toMatchObject({
      state_type: 'COMPLETED',
      run_count: 1,
      state: {
        state_details: { child_flow_run_id: child.id, task_run_id: task.id, flow_run_id: parent.id },
      },
    });
    expect(stored.state!.data!.text).toBe('{"r":1.0}');
    expect(stored.end_time).not.toBe(null);
    const states = await findTaskRunStates(db, task.id);
    expect(states.map((state) => state.type)).toEqual(['PENDING', 'PENDING', 'RUNNING', 'COMPLETED']);
    const own = (await readFlowRun(db, child.id))!.state!;
    expect(own.state_details).toMatchObject({ task_run_id: task.id, child_flow_run_id: null });
  });

  test('nothing is lost when both are changed at once', async () => {
    const { task, child } = await subflow();
    const times = Array.from({ length: 10 });
    await Promise.all([
      ...times.map(() => set(child.id, { type: 'RUNNING' }, { force: true })),
      ...times.map(() => setTaskRunState(db, task.id, { type: 'RUNNING' }, { force: true })),
    ]);
    const states = await findTaskRunStates(db, task.id);
    const running = states.filter((state: State) => state.type === 'RUNNING');
    expect(running).toHaveLength(20);
    expect((await readTaskRun(db, task.id))!.run_count).toBe(20);
  });

  test('its event names the task run', async () => {
    const { task, child } = await subflow();
    const [event] = await eventsOf(child.id);
    expect(event!.related).toContainEqual({
      'prefect.resource.id': `prefect.task-run.${task.id}`,
      'prefect.resource.role': 'task-run',
      'prefect.resource.name': task.name,
    });
  });
});

test('a client that knows no retries of tasks has them made by the server', async () => {
  const run = await create({ state: { type: 'RUNNING' }, empirical_policy: { retries: 1 } });
  const task = await createTaskRun(db, {
    flow_run_id: run.id,
    task_key: 't',
    dynamic_key: '0',
    state: { type: 'RUNNING' },
  });
  await setTaskRunState(db, task.id, { type: 'FAILED' });
  await set(run.id, { type: 'FAILED' }, { client: { knowsPauses: false, retriesItsTasks: false } });
  expect(await readTaskRun(db, task.id)).toMatchObject({ state_name: 'AwaitingRetry', run_count: 0 });
});

test('several runs are set one by one, and one that is gone says so', async () => {
  const [one, two] = [
    await create({ state: { type: 'RUNNING' } }),
    await create({ state: { type: 'FAILED' } }),
  ];
  const gone = crypto.randomUUID();
  const results = await setFlowRunStates(db, [one.id, gone, two.id], { type: 'CRASHED' }, {});
  expect(results.map(({ status, details }) => [status, 'reason' in details ? details.reason : ''])).toEqual([
    ['ACCEPT', ''],
    ['ABORT', `Flow run with id ${gone} not found`],
    ['ABORT', 'Run is already in terminal state FAILED.'],
  ]);
});

test('what goes with a deleted run', async () => {
  const run = await create({ state: { type: 'RUNNING' } });
  const kept = await create();
  await createTaskRun(db, { flow_run_id: run.id, task_key: 't', dynamic_key: '0' });
  const log = { name: 'n', level: 20, message: 'm', timestamp: run.created };
  await db.orm.insert(db.tables.log).values([
    { ...log, flow_run_id: run.id },
    { ...log, flow_run_id: kept.id },
  ]);
  expect(await deleteFlowRuns(db, [run.id, crypto.randomUUID()])).toEqual([run.id]);
  expect(await readFlowRun(db, run.id)).toBe(undefined);
  expect(await findFlowRunStates(db, run.id)).toEqual([]);
  const logs = await db.orm.select().from(db.tables.log);
  expect(logs.map((row) => row.flow_run_id)).toEqual([kept.id]);
});

describe('how many statements each operation sends', () => {
  test('get 1', async () => {
    const run = await create();
    expect(await statementsOf(() => readFlowRun(db, run.id))).toBe(1);
  });

  test('create 4, whatever labels there are; with a result 5', async () => {
    const plain = await createFlow(db, { name: 'without labels' });
    expect(await statementsOf(() => create({ flow_id: plain.id, tags: ['a'] }))).toBe(4);
    expect(await statementsOf(() => create({ labels: { mine: 'y' } }))).toBe(4);
    const data = new JsonText('{"a":1}');
    expect(await statementsOf(() => create({ state: { type: 'COMPLETED', data } }))).toBe(5);
  });

  test('set_state 5, with a result 6, of a subflow at most 8', async () => {
    const run = await create();
    const data = new JsonText('{"a":1}');
    expect(await statementsOf(() => set(run.id, { type: 'RUNNING' }))).toBe(5);
    expect(await statementsOf(() => set(run.id, { type: 'COMPLETED', data }))).toBe(6);
    const task = await createTaskRun(db, { flow_run_id: run.id, task_key: 's', dynamic_key: '0' });
    const child = await create({ parent_task_run_id: task.id });
    expect(await statementsOf(() => set(child.id, { type: 'RUNNING' }))).toBe(7);
    expect(await statementsOf(() => set(child.id, { type: 'COMPLETED', data }))).toBe(8);
  });

  test('set_state of a task run at most 4', async () => {
    const run = await create({ state: { type: 'RUNNING' } });
    const task = await createTaskRun(db, { flow_run_id: run.id, task_key: 's', dynamic_key: '0' });
    expect(await statementsOf(() => setTaskRunState(db, task.id, { type: 'RUNNING' }))).toBe(3);
    const data = new JsonText('{"a":1}');
    expect(await statementsOf(() => setTaskRunState(db, task.id, { type: 'COMPLETED', data }))).toBe(4);
  });
});
