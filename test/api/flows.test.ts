import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Api, startApi } from './client.ts';

let api: Api;
beforeAll(async () => {
  api = await startApi({ PREFECT_SERVER_API_DEFAULT_LIMIT: '5' });
});
afterAll(() => api.close());

interface Flow {
  id: string;
  name: string;
}

async function createFlow(name: string): Promise<Flow> {
  return (await api.post('/flows/', { name })).body;
}

const eventsOf = async (id: string): Promise<string[]> => {
  const rows = await api.db.orm.select().from(api.db.tables.events).orderBy(api.db.tables.events.occurred);
  return rows.filter((row) => row.resource_id === `prefect.flow.${id}`).map((row) => row.event);
};

test('a change of a flow is an event', async () => {
  const { id } = await createFlow('told');
  await createFlow('told');
  await api.ask('PATCH', `/flows/${id}`, { tags: ['a'] });
  await api.ask('DELETE', `/flows/${id}`);
  await api.ask('DELETE', `/flows/${id}`);
  expect(await eventsOf(id)).toEqual([
    'prefect.flow.created',
    'prefect.flow.updated',
    'prefect.flow.deleted',
  ]);
});

test('the limit of a list is a setting: its default and its most', async () => {
  for (let i = 0; i < 7; i++) await createFlow(`many-${i}`);
  const flows = { name: { like_: 'many-' } };
  const list = (body: object) => api.post('/flows/filter', { flows, ...body });
  expect((await list({})).body).toHaveLength(5);
  expect((await list({ limit: 0 })).body).toEqual([]);
  expect(await list({ limit: 6 })).toMatchObject({
    status: 422,
    body: { detail: 'Invalid limit: must be less than or equal to 5.' },
  });
  expect(await list({ limit: -1 })).toMatchObject({
    status: 422,
    body: { detail: 'Invalid limit: must be greater than or equal to 0.' },
  });
  expect((await api.post('/flows/count', { flows })).body).toBe(7);
});

test('pages say how many there are', async () => {
  const flows = { name: { like_: 'many-' } };
  const page = async (body: object) => (await api.post('/flows/paginate', { flows, ...body })).body;
  expect(await page({ limit: 3, page: 3 })).toMatchObject({
    results: [{ name: 'many-6' }],
    count: 7,
    limit: 3,
    pages: 3,
    page: 3,
  });
  expect(await page({ page: 9 })).toMatchObject({ results: [], count: 7, limit: 5, pages: 2, page: 9 });
  expect(await page({ limit: 0 })).toMatchObject({ results: [], count: 7, limit: 0, pages: 0, page: 1 });
});

test('a bulk delete takes the first that match, and no more than it is told', async () => {
  const flows = { name: { like_: 'many-' } };
  const first = await api.post('/flows/bulk_delete', { flows, limit: 3 });
  expect((first.body as { deleted: string[] }).deleted).toHaveLength(3);
  const left = (await api.post('/flows/filter', { flows })).body as Flow[];
  expect(left.map(({ name }) => name)).toEqual(['many-3', 'many-4', 'many-5', 'many-6']);
  expect((await api.post('/flows/bulk_delete', { flows, limit: 51 })).status).toBe(422);
  expect((await api.post('/flows/bulk_delete', { flows: { name: { any_: ['none'] } } })).body).toEqual({
    deleted: [],
  });
});

test('a bulk delete takes runs and deployments along', async () => {
  const { db } = api;
  const { id } = await createFlow('whole');
  await db.orm.insert(db.tables.deployment).values({ name: 'd', flow_id: id });
  await api.post('/flow_runs/', { flow_id: id });
  const flows = { id: { any_: [id] } };
  expect((await api.post('/flow_runs/count', { flows })).body).toBe(1);
  expect((await api.post('/flows/bulk_delete', { flows })).body).toEqual({ deleted: [id] });
  expect(await db.orm.select().from(db.tables.deployment)).toEqual([]);
  expect(await db.orm.select().from(db.tables.flow_run)).toEqual([]);
});
