import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Api, startApi } from './client.ts';

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

interface Variable {
  id: string;
  name: string;
  value: unknown;
  created: string;
  updated: string;
}

const create = (body: unknown) => api.post('/variables/', body);
const read = (name: string) => api.ask('GET', `/variables/name/${name}`);

/** Of each event its last word and what it says of the variable. */
async function eventsOf(id: string): Promise<[string, unknown][]> {
  const { events } = api.db.tables;
  const rows = await api.db.orm.select().from(events).orderBy(events.occurred, events.id);
  return rows
    .filter((row) => row.resource['prefect.resource.id'] === `prefect.variable.${id}`)
    .map(({ event, payload }) => [event.replace('prefect.variable.', ''), payload.parse()]);
}

test("the user's JSON comes back as it was sent", async () => {
  for (const [i, value] of [
    '1.0',
    '{"a":[1.50,9007199254740993]}',
    '"text"',
    'null',
    '[]',
    'true',
  ].entries()) {
    const made = await create(`{"name":"kept-${i}","value":${value}}`);
    expect(made.status).toBe(201);
    const got = await read(`kept-${i}`);
    expect(got.text.replaceAll(' ', '')).toContain(`"value":${value}`);
  }
});

test('a name is taken once, whoever comes at the same time', async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => create({ name: 'mine', value: i })));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(7).fill(409)]);
  const again = await create({ name: 'mine', value: 9 });
  expect(again.body).toEqual({ detail: "A variable with the name 'mine' already exists." });
});

test('each change is an event with what the variable is then, a refused one is none', async () => {
  const { id } = (await create({ name: 'told', value: 1, tags: ['t'] })).body as Variable;
  await api.ask('PATCH', '/variables/name/told', { value: { x: 1 } });
  expect((await api.ask('PATCH', `/variables/${id}`, { name: null })).status).toBe(409);
  expect((await api.ask('PATCH', `/variables/${id}`, { name: 'mine' })).status).toBe(409);
  await api.ask('PATCH', `/variables/${id}`, { name: 'renamed' });
  expect((await api.ask('DELETE', '/variables/name/told')).status).toBe(404);
  expect((await api.ask('DELETE', '/variables/name/renamed')).status).toBe(204);
  expect(await eventsOf(id)).toEqual([
    ['created', { name: 'told', value: 1, tags: ['t'] }],
    ['updated', { name: 'told', value: { x: 1 }, tags: ['t'] }],
    ['updated', { name: 'renamed', value: { x: 1 }, tags: ['t'] }],
    ['deleted', { name: 'renamed', value: { x: 1 }, tags: ['t'] }],
  ]);
});

test('a search keeps its filters under its name', async () => {
  const filters = [{ object: 'flow', property: 'name', type: 'text', operation: 'is', value: { a: [1.5] } }];
  const first = await api.ask('PUT', '/saved_searches/', { name: 'mine', filters });
  expect(first.status).toBe(201);
  const second = await api.ask('PUT', '/saved_searches/', { name: 'mine', filters: [] });
  expect(second.status).toBe(200);
  expect(second.body).toMatchObject({ ...(first.body as object), filters: [] });
  const { id } = first.body as { id: string };
  expect((await api.post('/saved_searches/filter')).body).toMatchObject([{ id, filters: [] }]);
  expect((await api.ask('DELETE', `/saved_searches/${id}`)).status).toBe(204);
  expect((await api.ask('GET', `/saved_searches/${id}`)).status).toBe(404);
});
