import { randomUUID } from 'node:crypto';
import { eq, inArray } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { grantEmptyLease, renewEmptyLease } from '../../src/entities/concurrency/empty-lease.ts';
import { endExpiredLeases } from '../../src/entities/concurrency/lease.ts';
import { addSeconds, now } from '../../src/time/timestamp.ts';
import { type Api, startApi } from './client.ts';

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const V1 = '/concurrency_limits';
const V2 = '/v2/concurrency_limits';

interface Limit {
  id: string;
  name: string;
  limit: number;
  active_slots: number;
}

const create = async (fields: object) => (await api.post(`${V2}/`, { limit: 1, ...fields })).body as Limit;
const read = async (name: string) => (await api.ask('GET', `${V2}/${name}`)).body as Limit;
const active = async (name: string) => (await read(name)).active_slots;
const take = (names: string[], more: object = {}) =>
  api.post(`${V2}/increment-with-lease`, { names, slots: 1, ...more });
const leaseOf = ({ body }: { body: unknown }) => (body as { lease_id: string }).lease_id;
const renew = (id: string) => api.post(`${V2}/leases/${id}/renew`, { lease_duration: 60 });
const release = (lease_id: string) => api.post(`${V2}/decrement-with-lease`, { lease_id });

/** As if the last change of a limit had been so long ago. */
async function age(name: string, seconds: number): Promise<void> {
  const { concurrency_limit_v2: limit } = api.db.tables;
  await api.db.orm
    .update(limit)
    .set({ updated: addSeconds(now(), -seconds) })
    .where(eq(limit.name, name));
}

async function row(name: string) {
  const { concurrency_limit_v2: limit } = api.db.tables;
  const [found] = await api.db.orm.select().from(limit).where(eq(limit.name, name));
  return found!;
}

test('slots of limits that nobody set are there, with a lease that lives until it is given back', async () => {
  const granted = await take(['tag:a', 'tag:b'], { lease_duration: 60 });
  expect(granted).toMatchObject({ status: 200, body: { limits: [] } });
  const id = leaseOf(granted);
  expect((await renew(id)).status).toBe(204);
  expect((await release(id)).status).toBe(204);
  expect(await renew(id)).toMatchObject({
    status: 410,
    body: { detail: 'Lease not found - it may have expired or been revoked' },
  });
  expect((await release(id)).status).toBe(204);
  expect((await renew('nonsense')).status).toBe(422);
  expect(await api.post(`${V2}/increment`, { names: ['tag:a'], slots: 2 })).toMatchObject({ body: [] });
  expect(await api.post(`${V2}/decrement`, { names: ['tag:a'], slots: 2 })).toMatchObject({ body: [] });
});

test('a lease on nothing that isn’t renewed expires', async () => {
  const short = grantEmptyLease(api.db, 0.01);
  const long = grantEmptyLease(api.db, 60);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(renewEmptyLease(api.db, short, 60)).toBe(false);
  expect(renewEmptyLease(api.db, long, 60)).toBe(true);
});

test('a limit gives out its slots and says when to come back', async () => {
  await create({ name: 'two', limit: 2 });
  const [first] = [await take(['two']), await take(['two'])];
  expect(first).toMatchObject({ status: 200, body: { limits: [{ name: 'two', limit: 2 }] } });
  const refused = await take(['two']);
  expect(refused).toMatchObject({ status: 423, body: { detail: 'Locked' } });
  // Half of the average of 2 seconds, spread by three tenths.
  const wait = Number(refused.headers.get('retry-after'));
  expect(wait).toBeGreaterThan(0.3);
  expect(wait).toBeLessThanOrEqual(1.3);
  expect(await row('two')).toMatchObject({ active_slots: 2, denied_slots: 1 });
  await release(leaseOf(first!));
  await release(leaseOf(first!));
  expect(await active('two')).toBe(1);
  expect((await take(['two'], { slots: 3 })).status).toBe(422);
});

test('of several limits all slots are taken or none', async () => {
  await create({ name: 'wide', limit: 5 });
  await create({ name: 'narrow', limit: 1 });
  const both = await take(['wide', 'narrow', 'unknown']);
  expect((both.body as { limits: Limit[] }).limits.map(({ name }) => name)).toEqual(['narrow', 'wide']);
  expect((await take(['wide', 'narrow'])).status).toBe(423);
  expect([await active('wide'), await active('narrow')]).toEqual([1, 1]);
  await release(leaseOf(both));
  expect([await active('wide'), await active('narrow')]).toEqual([0, 0]);
});

test('a limit that is switched off takes no slots, and a lease gives back what it took', async () => {
  const { id } = await create({ name: 'off', active: false });
  expect(await take(['off'])).toMatchObject({ status: 200, body: { limits: [{ name: 'off' }] } });
  expect(await active('off')).toBe(0);
  await api.ask('PATCH', `${V2}/${id}`, { active: true });
  const granted = await take(['off']);
  await api.ask('PATCH', `${V2}/off`, { active: false });
  await release(leaseOf(granted));
  expect(await active('off')).toBe(0);
});

test('slots of a rate limit come back with time, as Prefect counts them', async () => {
  await create({ name: 'rate', limit: 10, slot_decay_per_second: 0.02 });
  await create({ name: 'lasting' });
  const rate = (slots: number, names = ['rate']) =>
    api.post(`${V2}/increment`, { names, slots, mode: 'rate_limit' });
  expect((await rate(1, ['rate', 'lasting'])).body).toMatchObject({
    detail:
      "Only concurrency limits with slot decay can be used for rate limiting. The following limits do not have a decay configured: 'lasting'",
  });
  expect((await rate(10)).status).toBe(200);
  await age('rate', 170);
  expect(await active('rate')).toBe(7);
  const refused = await rate(4);
  expect(refused.status).toBe(423);
  // A refusal doesn't start the clock anew.
  expect(await active('rate')).toBe(7);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(60);
  expect((await rate(3)).status).toBe(200);
  expect(await active('rate')).toBe(10);
  await age('rate', 600);
  expect(await active('rate')).toBe(0);
});

test('refusals are forgotten at the pace at which slots come free, within the longest wait', async () => {
  await create({ name: 'tag:slow', limit: 5, denied_slots: 10 });
  await create({ name: 'slow', limit: 5, denied_slots: 10 });
  const { concurrency_limit_v2: limit } = api.db.tables;
  for (const name of ['tag:slow', 'slow']) {
    await api.db.orm.update(limit).set({ avg_slot_occupancy_seconds: 600 }).where(eq(limit.name, name));
    await age(name, 61);
    expect((await api.post(`${V2}/increment`, { names: [name], slots: 1 })).status).toBe(200);
  }
  expect([(await row('tag:slow')).denied_slots, (await row('slow')).denied_slots]).toEqual([4, 8]);
});

test('how long slots are held goes into the average', async () => {
  await create({ name: 'average', limit: 2 });
  await api.post(`${V2}/increment`, { names: ['average'], slots: 2 });
  await api.post(`${V2}/decrement`, { names: ['average'], slots: 2, occupancy_seconds: 20 });
  expect(await row('average')).toMatchObject({ active_slots: 0, avg_slot_occupancy_seconds: 4 });
  await api.post(`${V2}/decrement`, { names: ['average'], slots: 1 });
  expect(await row('average')).toMatchObject({ active_slots: 0, avg_slot_occupancy_seconds: 4 });
  await api.ask('PATCH', `${V2}/average`, { limit: 0 });
  await api.post(`${V2}/decrement`, { names: ['average'], slots: 1, occupancy_seconds: 5 });
  expect((await row('average')).avg_slot_occupancy_seconds).toBe(5);
});

test('the slots of a holder who died come back when its lease has run out, once', async () => {
  await create({ name: 'held', limit: 2 });
  const [dead, alive] = [leaseOf(await take(['held'])), leaseOf(await take(['held']))];
  const { _concurrency_lease: lease } = api.db.tables;
  const expiration = addSeconds(now(), -1);
  await api.db.orm
    .update(lease)
    .set({ expiration })
    .where(inArray(lease.id, [dead, alive]));
  expect((await renew(alive)).status).toBe(204);
  expect(await endExpiredLeases(api.db, 100)).toBe(1);
  expect(await endExpiredLeases(api.db, 100)).toBe(0);
  expect(await active('held')).toBe(1);
  expect((await renew(dead)).status).toBe(410);
  await release(dead);
  expect(await active('held')).toBe(1);
  await release(alive);
  expect(await active('held')).toBe(0);
});

test('limits are made, listed, changed and deleted by id or name, with their events', async () => {
  const made = await api.post(`${V2}/`, { name: 'crud', limit: 3, active_slots: 1 });
  expect(made).toMatchObject({ status: 201, body: { denied_slots: 0, avg_slot_occupancy_seconds: 2 } });
  const { id } = made.body as Limit;
  expect((await api.post(`${V2}/`, { name: 'crud', limit: 3 })).status).toBe(409);
  expect((await api.post(`${V2}/`, { name: 'a/b', limit: 3 })).status).toBe(422);
  expect((await api.ask('GET', `${V2}/${id.toUpperCase()}`)).body).toEqual(await read('crud'));
  expect((await api.ask('PATCH', `${V2}/crud`, { limit: 4, name: 'renamed' })).status).toBe(204);
  expect((await api.ask('PATCH', `${V2}/crud`, { limit: 4 })).status).toBe(404);
  expect((await api.ask('PATCH', `${V2}/${id}`, { limit: null })).status).toBe(409);
  expect(await read('renamed')).toMatchObject({ id, limit: 4, active_slots: 1 });
  const listed = (await api.post(`${V2}/filter`, { limit: 2, offset: 1 })).body as Limit[];
  const all = (await api.post(`${V2}/filter`, {})).body as Limit[];
  expect(listed).toEqual(all.slice(1, 3));
  expect((await api.ask('DELETE', `${V2}/${id}`)).status).toBe(204);
  expect((await api.ask('DELETE', `${V2}/${id}`)).status).toBe(404);
  const { events } = api.db.tables;
  const told = await api.db.orm
    .select()
    .from(events)
    .where(eq(events.resource_id, `prefect.concurrency-limit.${id}`));
  expect(told.map(({ event }) => event).sort()).toEqual(
    ['created', 'deleted', 'updated'].map((action) => `prefect.concurrency-limit.${action}`),
  );
});

test('the first API is a view of the limits of tags', async () => {
  const made = await api.post(`${V1}/`, { tag: 'db', concurrency_limit: 2 });
  expect(made).toMatchObject({ status: 201, body: { tag: 'db', concurrency_limit: 2, active_slots: [] } });
  const again = await api.post(`${V1}/`, { tag: 'db', concurrency_limit: 1 });
  expect(again).toMatchObject({ status: 200, body: { concurrency_limit: 1 } });
  const { id } = again.body as Limit;
  expect(await read('tag:db')).toMatchObject({ id, limit: 1 });
  const task_run_id = randomUUID();
  const step = (verb: string, task: string) =>
    api.post(`${V1}/${verb}`, { names: ['db', 'unknown'], task_run_id: task });
  expect((await step('increment', task_run_id)).body).toMatchObject([{ id, name: 'db', limit: 1 }]);
  expect(await step('increment', randomUUID())).toMatchObject({
    status: 423,
    body: { detail: 'Concurrency limit for the db tag has been reached' },
  });
  expect((await api.ask('GET', `${V1}/tag/db`)).body).toMatchObject({ id, active_slots: [task_run_id] });
  await step('decrement', randomUUID());
  expect(await active('tag:db')).toBe(1);
  await step('decrement', task_run_id);
  await step('decrement', task_run_id);
  expect(await active('tag:db')).toBe(0);
  const holder = randomUUID();
  await step('increment', task_run_id);
  expect((await api.post(`${V1}/tag/db/reset`, { slot_override: [holder] })).status).toBe(200);
  expect((await api.ask('GET', `${V1}/${id}`)).body).toMatchObject({ active_slots: [holder] });
  expect(await active('tag:db')).toBe(1);
  await api.post(`${V1}/tag/db/reset`, {});
  expect(await active('tag:db')).toBe(0);
  await api.ask('PATCH', `${V2}/tag:db`, { limit: 0 });
  expect((await step('increment', task_run_id)).status).toBe(423);
  expect((await api.ask('DELETE', `${V1}/tag/db`)).status).toBe(200);
  expect((await api.ask('GET', `${V1}/tag/db`)).status).toBe(404);
});

test('a lease of two limits keeps the other one’s slot until it ends when one of them is deleted or reset', async () => {
  for (const name of ['one', 'another', 'third']) await create({ name: `tag:${name}` });
  const lease = leaseOf(await take(['tag:one', 'tag:another', 'tag:third']));
  await api.ask('DELETE', `${V1}/tag/one`);
  expect(await active('tag:another')).toBe(1);
  await api.post(`${V1}/tag/third/reset`, {});
  expect(await active('tag:third')).toBe(0);
  expect(await active('tag:another')).toBe(1);
  await release(lease);
  expect(await active('tag:another')).toBe(0);
  expect(await active('tag:third')).toBe(0);
});

test('however many ask at once, no more than the limit get slots, and none is lost', async () => {
  await create({ name: 'busy-a', limit: 3 });
  await create({ name: 'busy-b', limit: 4 });
  const leases: string[] = [];
  let inside = 0;
  let most = 0;
  const client = async (at: number) => {
    for (let turn = 0; turn < 6; turn++) {
      const names = at % 2 ? ['busy-a', 'busy-b'] : ['busy-b', 'busy-a'];
      const granted = await take(names);
      if (granted.status !== 200) continue;
      most = Math.max(most, ++inside);
      leases.push(leaseOf(granted));
      await new Promise((resolve) => setImmediate(resolve));
      inside--;
      await release(leaseOf(granted));
    }
  };
  await Promise.all(Array.from({ length: 12 }, (_, at) => client(at)));
  expect(most).toBeLessThanOrEqual(3);
  expect(leases.length).toBeGreaterThan(3);
  expect(new Set(leases).size).toBe(leases.length);
  expect([await active('busy-a'), await active('busy-b')]).toEqual([0, 0]);
});
