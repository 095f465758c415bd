import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Api, startApi } from './client.ts';

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

interface Artifact {
  id: string;
  key: string | null;
  data: unknown;
  latest_id?: string;
}

const create = async (body: object): Promise<Artifact> => (await api.post('/artifacts/', body)).body;
const latest = async (key: string) => await api.ask('GET', `/artifacts/${key}/latest`);
const collections = async (key: string): Promise<Artifact[]> =>
  (await api.post('/artifacts/latest/filter', { artifacts: { key: { any_: [key] } } })).body;

async function eventsOf(key: string) {
  const { events } = api.db.tables;
  const rows = await api.db.orm.select().from(events).orderBy(events.occurred, events.id);
  return rows.filter((row) => row.resource['prefect.resource.name'] === key);
}

test('the newest artifact of a key is the latest, and its deletion brings back the one before', async () => {
  const first = await create({ key: 'report', type: 'markdown', data: 'one' });
  const second = await create({ key: 'report', type: 'table', data: [1, 2] });
  expect(await collections('report')).toMatchObject([{ latest_id: second.id, type: 'table', data: [1, 2] }]);
  expect((await api.post('/artifacts/latest/count', {})).body).toBe(1);
  expect((await api.post('/artifacts/count', {})).body).toBe(2);
  expect((await api.ask('DELETE', `/artifacts/${second.id}`)).status).toBe(204);
  expect(await collections('report')).toMatchObject([{ latest_id: first.id, type: 'markdown', data: 'one' }]);
  expect((await latest('report')).body).toMatchObject({ key: 'report', data: 'one' });
  expect((await api.ask('DELETE', `/artifacts/${first.id}`)).status).toBe(204);
  expect(await collections('report')).toEqual([]);
  expect(await latest('report')).toMatchObject({ status: 404, body: { detail: 'Artifact not found.' } });
  expect((await api.ask('DELETE', `/artifacts/${first.id}`)).status).toBe(404);
  const names = (await eventsOf('report')).map(({ event }) =>
    event.replace('prefect.artifact-collection.', ''),
  );
  expect(names).toEqual(['created', 'updated', 'updated', 'deleted']);
});

test('an older artifact goes without a word', async () => {
  const first = await create({ key: 'quiet', data: 1 });
  const second = await create({ key: 'quiet', data: 2 });
  await api.ask('DELETE', `/artifacts/${first.id}`);
  expect(await collections('quiet')).toMatchObject([{ latest_id: second.id }]);
  expect(await eventsOf('quiet')).toHaveLength(2);
});

test('a new version replaces all that the collection shows', async () => {
  const flow_run_id = '00000000-0000-4000-8000-00000000000a';
  const task_run_id = '00000000-0000-4000-8000-00000000000b';
  await create({ key: 'whole', description: 'd', metadata_: { a: 'b' }, flow_run_id, task_run_id });
  const { id } = await create({ key: 'whole', data: null });
  expect(await collections('whole')).toMatchObject([
    { latest_id: id, description: null, metadata_: null, flow_run_id: null, task_run_id: null },
  ]);
  const [event] = await eventsOf('whole');
  expect(event!.related).toMatchObject([
    { 'prefect.resource.role': 'latest' },
    { 'prefect.resource.id': `prefect.flow-run.${flow_run_id}`, 'prefect.resource.role': 'flow-run' },
    { 'prefect.resource.id': `prefect.task-run.${task_run_id}`, 'prefect.resource.role': 'task-run' },
  ]);
});

test('an empty key is a key', async () => {
  const { id } = await create({ key: '', data: 1 });
  await api.ask('PATCH', `/artifacts/${id}`, { data: 2 });
  expect(await collections('')).toMatchObject([{ latest_id: id, data: 2 }]);
  await api.ask('DELETE', `/artifacts/${id}`);
  expect(await collections('')).toEqual([]);
});

test('an update reaches the collection when it is of the latest', async () => {
  const first = await create({ key: 'changed', data: 'a' });
  const second = await create({ key: 'changed', data: 'b', description: 'kept' });
  expect((await api.ask('PATCH', `/artifacts/${second.id}`, { data: 'c' })).status).toBe(204);
  await api.ask('PATCH', `/artifacts/${first.id}`, { data: 'z' });
  expect(await collections('changed')).toMatchObject([{ data: 'c', description: 'kept' }]);
  expect((await api.ask('GET', `/artifacts/${first.id}`)).body).toMatchObject({ data: 'z' });
  expect((await api.ask('PATCH', `/artifacts/${'0'.repeat(32)}`, { data: 1 })).status).toBe(404);
});

test("the user's JSON comes back as it was sent", async () => {
  for (const data of ['1.0', '{"b":12345678901234567890,"a":[1.50,-0.0]}', '"text"', 'null', '[]']) {
    const sent = await api.post('/artifacts/', `{"data":${data}}`);
    const { id } = sent.body as Artifact;
    const got = await api.ask('GET', `/artifacts/${id}`);
    expect(got.text.replaceAll(' ', '')).toContain(`"data":${data}`);
  }
});

test('artifacts of one key that come at once leave one latest', async () => {
  await Promise.all(Array.from({ length: 12 }, (_, i) => create({ key: 'busy', data: i })));
  const found = await collections('busy');
  expect(found).toHaveLength(1);
  const { body } = await api.post('/artifacts/filter', {
    artifacts: { id: { any_: [found[0]!.latest_id] } },
  });
  expect(body).toMatchObject([{ key: 'busy', data: found[0]!.data }]);
});
