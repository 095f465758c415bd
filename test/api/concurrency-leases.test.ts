import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { grantEmptyLease, renewEmptyLease } from '../../src/entities/concurrency-limit.ts';
import { type Api, startApi } from './client.ts';

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());
afterEach(() => vi.useRealTimers());

const LIMITS = '/v2/concurrency_limits';
const names = ['tag:a', 'tag:b'];

test('slots of limits that nobody set are there, with a lease that lives until it is given back', async () => {
  const granted = await api.post(`${LIMITS}/increment-with-lease`, { names, slots: 1, lease_duration: 60 });
  expect(granted).toMatchObject({ status: 200, body: { limits: [] } });
  const { lease_id } = granted.body as { lease_id: string };
  const renew = (id: string) => api.post(`${LIMITS}/leases/${id}/renew`, { lease_duration: 60 });
  expect((await renew(lease_id)).status).toBe(204);
  expect((await api.post(`${LIMITS}/decrement-with-lease`, { lease_id })).status).toBe(204);
  expect(await renew(lease_id)).toMatchObject({
    status: 410,
    body: { detail: 'Lease not found - it may have expired or been revoked' },
  });
  expect((await api.post(`${LIMITS}/decrement-with-lease`, { lease_id })).status).toBe(204);
  expect((await renew('nonsense')).status).toBe(422);
});

test('without a lease the answer is an empty list', async () => {
  expect(await api.post(`${LIMITS}/increment`, { names, slots: 2 })).toMatchObject({ status: 200, body: [] });
  expect(await api.post(`${LIMITS}/decrement`, { names, slots: 2 })).toMatchObject({ status: 200, body: [] });
  expect((await api.post(`${LIMITS}/increment`, { names, slots: 0 })).status).toBe(422);
});

test('a lease that isn’t renewed expires', async () => {
  const { db } = api;
  const short = grantEmptyLease(db, 0.01);
  const long = grantEmptyLease(db, 60);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(renewEmptyLease(db, short, 60)).toBe(false);
  expect(renewEmptyLease(db, long, 60)).toBe(true);
});

test('a limit that is switched on is refused aloud, one that is off takes no slots', async () => {
  const { db } = api;
  const { concurrency_limit_v2 } = db.tables;
  const row = {
    limit: 1,
    active_slots: 0,
    denied_slots: 0,
    slot_decay_per_second: 0,
    avg_slot_occupancy_seconds: 2,
  };
  await db.orm.insert(concurrency_limit_v2).values([
    { ...row, name: 'on', active: true },
    { ...row, name: 'off', active: false },
  ]);
  const off = await api.post(`${LIMITS}/increment-with-lease`, { names: ['off', 'unknown'], slots: 1 });
  expect(off).toMatchObject({ status: 200, body: { limits: [{ name: 'off', limit: 1 }] } });
  const on = await api.post(`${LIMITS}/increment-with-lease`, { names: ['off', 'on'], slots: 1 });
  expect(on.status).toBe(501);
});
