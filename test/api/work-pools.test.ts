import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addSeconds, now } from '../../src/time/timestamp.ts';
import { type Api, startApi } from './client.ts';

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

interface Queue {
  id: string;
  name: string;
  priority: number;
}
const makePool = async (name: string, more: object = {}) =>
  (await api.post('/work_pools/', { name, type: 'process', ...more })).body as { id: string };
const queuesOf = async (pool: string) =>
  (await api.post(`/work_pools/${pool}/queues/filter`)).body as Queue[];
const countEvents = async (event: string, id: string): Promise<number> => {
  const rows = await api.db.orm.select().from(api.db.tables.events);
  return rows.filter((row) => row.event === event && row.resource_id === id).length;
};

let flowId: string | undefined;
async function schedule(pool: string, queue = 'default', minutes = -1): Promise<string> {
  flowId ??= ((await api.post('/flows/', { name: 'flow' })).body as { id: string }).id;
  const state = { type: 'SCHEDULED', state_details: { scheduled_time: addSeconds(now(), minutes * 60) } };
  const body = { flow_id: flowId, state, work_pool_name: pool, work_queue_name: queue };
  return ((await api.post('/flow_runs/', body)).body as { id: string }).id;
}
const poll = async (pool: string, body: object = {}) =>
  (
    (await api.post(`/work_pools/${pool}/get_scheduled_flow_runs`, body)).body as {
      flow_run: { id: string };
      work_queue_id: string;
    }[]
  ).map(({ flow_run }) => flow_run.id);

test('workers that come up at once make their pool ready once', async () => {
  const { id } = await makePool('ready');
  await Promise.all(
    Array.from({ length: 8 }, (_, i) => api.post('/work_pools/ready/workers/heartbeat', { name: `w${i}` })),
  );
  expect(await countEvents('prefect.work-pool.ready', `prefect.work-pool.${id}`)).toBe(1);
});

test('polls at once make a queue ready once', async () => {
  await makePool('polled');
  const [queue] = await queuesOf('polled');
  await Promise.all(Array.from({ length: 8 }, () => poll('polled')));
  expect(await countEvents('prefect.work-queue.ready', `prefect.work-queue.${queue!.id}`)).toBe(1);
});

test('the same pool made at once is made once, with its queue', async () => {
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => api.post('/work_pools/', { name: 'once', type: 'process' })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
  expect(await queuesOf('once')).toHaveLength(1);
});

test('queues made at once get priorities of their own', async () => {
  await makePool('crowded');
  await Promise.all(
    Array.from({ length: 8 }, (_, i) => api.post('/work_pools/crowded/queues', { name: `q${i}` })),
  );
  expect((await queuesOf('crowded')).map(({ priority }) => priority)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('a worker never gets more runs than pool and queue have slots for, and the urgent ones first', async () => {
  const limits = fc.option(fc.integer({ min: 0, max: 4 }), { nil: null });
  const queue = fc.record({
    limit: limits,
    scheduled: fc.integer({ min: 0, max: 4 }),
    pending: fc.integer({ min: 0, max: 2 }),
    paused: fc.boolean(),
  });
  let n = 0;
  await fc.assert(
    fc.asyncProperty(
      limits,
      fc.array(queue, { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 0, max: 9 }),
      async (limit, queues, most) => {
        const pool = `limits-${++n}`;
        await makePool(pool, { concurrency_limit: limit });
        const taken: number[] = [];
        const waiting: string[][] = [];
        for (const [i, { limit, scheduled, pending, paused }] of queues.entries()) {
          await api.post(`/work_pools/${pool}/queues`, {
            name: `q${i}`,
            concurrency_limit: limit,
            is_paused: paused,
          });
          const ids: string[] = [];
          for (let k = 0; k < scheduled; k++) ids.push(await schedule(pool, `q${i}`, -1 - k));
          // The last one made is the first one due.
          waiting.push(ids.reverse());
          for (let k = 0; k < pending; k++) {
            const id = await schedule(pool, `q${i}`);
            await api.post(`/flow_runs/${id}/set_state`, { state: { type: 'PENDING' } });
          }
          taken.push(pending);
        }
        const all = taken.reduce((sum, one) => sum + one, 0);
        const ofPool = limit === null ? most : Math.max(0, Math.min(most, limit - all));
        const expected = queues.flatMap(({ limit, paused }, i) => {
          if (paused) return [];
          const slots = limit === null ? Number.POSITIVE_INFINITY : Math.max(0, limit - taken[i]!);
          return waiting[i]!.slice(0, slots);
        });
        expect(await poll(pool, { limit: most })).toEqual(expected.slice(0, ofPool));
      },
    ),
    { numRuns: 6 },
  );
});

test('of two workers that got the same run one may start it', async () => {
  await makePool('shared');
  const id = await schedule('shared');
  const [first, second] = await Promise.all([poll('shared'), poll('shared')]);
  expect([...new Set([...first, ...second])]).toEqual([id]);
  const answers = await Promise.all(
    [1, 2, 3].map(() => api.post(`/flow_runs/${id}/set_state`, { state: { type: 'PENDING' } })),
  );
  const said = answers.map(({ body }) => (body as { status: string }).status);
  expect(said.sort()).toEqual(['ABORT', 'ABORT', 'ACCEPT']);
});

test('a pool of hundreds of queues is polled like one of a few', async () => {
  const { id: work_pool_id } = await makePool('large');
  const rows = Array.from({ length: 250 }, (_, i) => ({ name: `q${i}`, work_pool_id, priority: i + 2 }));
  await api.db.insertMany(api.db.tables.work_queue, rows);
  const [last, first] = [await schedule('large', 'q249'), await schedule('large', 'q7')];
  expect(await poll('large')).toEqual([first, last]);
  expect(await poll('large', { limit: 1 })).toEqual([first]);
});
