/** Slots that runs hold of limits, in the database: whatever becomes of a run, it gives back what it holds, once. */
import { eq } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { setDeploymentLimit } from '../../src/entities/concurrency/deployment-limit.ts';
import {
  endExpiredLeases,
  FOREVER_SECONDS,
  grantLease,
  renewLease,
} from '../../src/entities/concurrency/lease.ts';
import { createLimit } from '../../src/entities/concurrency/limit.ts';
import { takeSlots } from '../../src/entities/concurrency/slots.ts';
import { createFlow, deleteFlows } from '../../src/entities/flow.ts';
import { deleteFlowRuns } from '../../src/entities/flow-run/flow-run.ts';
import type { StateProposal } from '../../src/entities/run/state.ts';
import { deleteTaskRun } from '../../src/entities/task-run/task-run.ts';
import { clientOf } from '../../src/orchestration/client.ts';
import { createFlowRun } from '../../src/orchestration/create-flow-run.ts';
import { createTaskRun } from '../../src/orchestration/create-task-run.ts';
import { setFlowRunState } from '../../src/orchestration/set-flow-run-state.ts';
import { setTaskRunState } from '../../src/orchestration/set-task-run-state.ts';
import { STATE_TYPES } from '../../src/schema/types.ts';
import { addSeconds, now } from '../../src/time/timestamp.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let own: TestDatabase;
let flowId: string;
beforeAll(async () => {
  own = await createTestDatabase();
  flowId = (await createFlow(own.db, { name: 'flow' })).id;
});
afterAll(() => own.dispose());

const renewing = clientOf(undefined, 'prefect/3.8.8 (API 0.8.4)');
const old = clientOf(undefined, 'prefect/3.4.10 (API 0.8.4)');

let count = 0;
async function aDeployment(limit: number): Promise<{ id: string; limitId: string }> {
  const { deployment } = own.db.tables;
  const [made] = await own.db.orm
    .insert(deployment)
    .values({ name: `d-${count++}`, flow_id: flowId })
    .returning({ id: deployment.id });
  const limitId = await own.db.transaction(() => setDeploymentLimit(own.db, made!.id, limit));
  return { id: made!.id, limitId: limitId! };
}

const aRun = async (deployment_id: string) =>
  (await createFlowRun(own.db, { flow_id: flowId, deployment_id, state: { type: 'SCHEDULED' } })).id;

async function set(id: string, proposal: StateProposal, { force = false, client = renewing } = {}) {
  return (await setFlowRunState(own.db, id, proposal, { force, client }))!.result;
}

async function taken(limitId: string): Promise<number> {
  const { concurrency_limit_v2: limit } = own.db.tables;
  const [row] = await own.db.orm.select().from(limit).where(eq(limit.id, limitId));
  return row!.active_slots;
}

async function leasesOf(limitId: string) {
  const all = await own.db.orm.select().from(own.db.tables._concurrency_lease);
  return all.filter(({ limit_ids }) => limit_ids.includes(limitId));
}

test('a run that was paused, and goes on without a slot, gives back nobody else’s', async () => {
  const { id, limitId } = await aDeployment(1);
  const [first, second, third] = [await aRun(id), await aRun(id), await aRun(id)];
  await set(first, { type: 'PENDING' });
  await set(first, { type: 'RUNNING' });
  await set(first, { type: 'PAUSED' });
  expect(await taken(limitId)).toBe(0);
  expect((await set(second, { type: 'PENDING' })).status).toBe('ACCEPT');
  await set(first, { type: 'RUNNING' });
  await set(first, { type: 'COMPLETED' });
  expect(await taken(limitId)).toBe(1);
  expect((await set(third, { type: 'PENDING' })).state?.name).toBe('AwaitingConcurrencySlot');
});

test('a run whose state was forced gives back its slot all the same', async () => {
  const { id, limitId } = await aDeployment(1);
  const run = await aRun(id);
  await set(run, { type: 'PENDING' });
  const { state } = await set(run, { type: 'RUNNING' }, { force: true });
  expect(state?.state_details.deployment_concurrency_lease_id).toBe(null);
  await set(run, { type: 'COMPLETED' });
  expect([await taken(limitId), await leasesOf(limitId)]).toEqual([0, []]);
});

test('a run whose lease ran out goes on when there is a slot, and is cancelled when there is none', async () => {
  const { id, limitId } = await aDeployment(1);
  const [lucky, unlucky] = [await aRun(id), await aRun(id)];
  await set(lucky, { type: 'PENDING' });
  await runOut(limitId);
  expect((await set(lucky, { type: 'RUNNING' })).status).toBe('ACCEPT');
  expect(await taken(limitId)).toBe(1);
  await set(lucky, { type: 'COMPLETED' });
  await set(unlucky, { type: 'PENDING' });
  await runOut(limitId);
  expect((await set(lucky, { type: 'SCHEDULED' })).status).toBe('ACCEPT');
  expect((await set(lucky, { type: 'PENDING' })).status).toBe('ACCEPT');
  expect((await set(unlucky, { type: 'RUNNING' })).state?.type).toBe('CANCELLED');
  expect(await taken(limitId)).toBe(1);
});

/** As if its holder had died, and its time were over. */
async function runOut(limitId: string): Promise<void> {
  const { _concurrency_lease: lease } = own.db.tables;
  for (const { id } of await leasesOf(limitId))
    await own.db.orm
      .update(lease)
      .set({ expiration: addSeconds(now(), -1) })
      .where(eq(lease.id, id));
  await endExpiredLeases(own.db, 100);
}

test('the lease of a client that doesn’t renew lasts until its run ends it', async () => {
  const { id, limitId } = await aDeployment(1);
  const run = await aRun(id);
  await set(run, { type: 'PENDING' }, { client: old });
  await set(run, { type: 'RUNNING' }, { client: old });
  const [lease] = await leasesOf(limitId);
  expect(lease!.expiration > addSeconds(now(), 50 * 365 * 86_400)).toBe(true);
  expect(await renewLease(own.db, lease!.id, 60)).toBe(false);
  await set(run, { type: 'FAILED' }, { client: old });
  expect([await taken(limitId), await leasesOf(limitId)]).toEqual([0, []]);
});

test('of a slot that Prefect’s server gave before the database was adopted only the id is left', async () => {
  const { id, limitId } = await aDeployment(2);
  const { concurrency_limit_v2: limit } = own.db.tables;
  await own.db.orm.update(limit).set({ active_slots: 1 }).where(eq(limit.id, limitId));
  const run = await aRun(id);
  const deployment_concurrency_lease_id = '0b1e1ac1-0f5c-4b1f-9d0a-0d8f3a1c2b3e';
  const state_details = { deployment_concurrency_lease_id };
  await set(run, { type: 'RUNNING', state_details }, { force: true });
  await set(run, { type: 'COMPLETED' });
  expect(await taken(limitId)).toBe(0);
});

test('runs that are deleted give back what nobody else would', async () => {
  const { id, limitId } = await aDeployment(1);
  const run = await aRun(id);
  await set(run, { type: 'PENDING' });
  const { id: tagLimit } = await createLimit(own.db, { name: 'tag:deleted', limit: 2 });
  const tasks = [];
  for (const dynamic_key of ['0', '1']) {
    const task = { flow_run_id: run, task_key: 'k', dynamic_key, tags: ['deleted'] };
    tasks.push((await createTaskRun(own.db, task)).id);
  }
  await set(run, { type: 'RUNNING' });
  for (const task of tasks)
    expect((await setTaskRunState(own.db, task, { type: 'RUNNING' }))!.result.status).toBe('ACCEPT');
  expect(await taken(tagLimit)).toBe(2);
  await deleteTaskRun(own.db, tasks[0]!);
  expect(await taken(tagLimit)).toBe(1);
  await deleteFlowRuns(own.db, [run]);
  expect([await taken(tagLimit), await taken(limitId)]).toEqual([0, 0]);
});

test('so do those whose flow is deleted', async () => {
  const flow = await createFlow(own.db, { name: 'to be deleted' });
  const { id: flowLimit } = await createLimit(own.db, { name: 'shared', limit: 2 });
  const { id: tagLimit } = await createLimit(own.db, { name: 'tag:of flow', limit: 2 });
  const state = { type: 'SCHEDULED' } as const;
  const others = await createFlowRun(own.db, { flow_id: flowId, state });
  const theirs = await createFlowRun(own.db, { flow_id: flow.id, state });
  for (const { id } of [others, theirs]) {
    const task = { flow_run_id: id, task_key: 'k', dynamic_key: '0', tags: ['of flow'] };
    await set(id, { type: 'RUNNING' }, { force: true });
    await setTaskRunState(own.db, (await createTaskRun(own.db, task)).id, { type: 'RUNNING' });
    await takeSlots(own.db, [flowLimit], 1);
    const holder = { type: 'flow_run', id } as const;
    await grantLease(own.db, { limitIds: [flowLimit], slots: 1, seconds: FOREVER_SECONDS, holder });
  }
  expect([await taken(flowLimit), await taken(tagLimit)]).toEqual([2, 2]);
  await deleteFlows(own.db, [flow.id]);
  expect([await taken(flowLimit), await taken(tagLimit)]).toEqual([1, 1]);
});

test('whatever is proposed, no more slots are taken than there are, and each has its lease', async () => {
  const step = fc.record({
    run: fc.nat(3),
    type: fc.constantFrom(...STATE_TYPES, 'PENDING' as const, 'PENDING' as const),
    name: fc.constantFrom(null, 'AwaitingRetry', 'Submitting'),
    force: fc.integer({ min: 0, max: 3 }).map((one) => one === 0),
    client: fc.constantFrom(renewing, old),
    expires: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
  });
  const plays = fc.tuple(fc.constantFrom(1, 2), fc.array(step, { minLength: 5, maxLength: 20 }));
  const property = fc.asyncProperty(plays, async ([most, steps]) => {
    const { id, limitId } = await aDeployment(most);
    const runs = [await aRun(id), await aRun(id), await aRun(id), await aRun(id)];
    for (const { run, type, name, force, client, expires } of steps) {
      if (expires) await runOut(limitId);
      await set(runs[run]!, { type, name }, { force, client });
      const slots = await taken(limitId);
      expect(slots).toBeLessThanOrEqual(most);
      expect(await leasesOf(limitId)).toHaveLength(slots);
    }
    for (const run of runs) await set(run, { type: 'RUNNING' }, { force: true });
    for (const run of runs) await set(run, { type: 'COMPLETED' }, { force: true });
    expect(await taken(limitId)).toBe(0);
  });
  await fc.assert(property, { numRuns: 15 });
});
