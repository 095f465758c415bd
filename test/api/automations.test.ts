import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Api, startApi } from './client.ts';

let api: Api;
const ids: string[] = [];
const DEPLOYMENT = 'prefect.deployment.5f0c6b3e-4a53-4f0e-9a3b-2f1d1a2b3c4d';

/** As a database of Prefect's has them: one that a deployment owns, one that acts on it, one of its own. */
beforeAll(async () => {
  api = await startApi();
  const { automation, automation_related_resource: related } = api.db.tables;
  for (const [i, name] of ['owned', 'acting', 'alone'].entries()) {
    const trigger = { type: 'event', id: `${i}`, match: {}, posture: 'Reactive', within: 0.0 };
    const [row] = await api.db.orm
      .insert(automation)
      .values({ name, description: '', trigger, actions: [{ type: 'do-nothing' }], tags: [`t${i}`] })
      .returning();
    ids.push(row!.id);
    if (name === 'alone') continue;
    await api.db.orm.insert(related).values({
      automation_id: row!.id,
      resource_id: DEPLOYMENT,
      automation_owned_by_resource: name === 'owned',
    });
  }
});
afterAll(() => api.close());

const names = (answer: { body: unknown }) => (answer.body as { name: string }[]).map(({ name }) => name);

test('they are listed, counted and read', async () => {
  expect(names(await api.post('/automations/filter'))).toEqual(['acting', 'alone', 'owned']);
  expect(names(await api.post('/automations/filter', { sort: 'NAME_DESC', limit: 1 }))).toEqual(['owned']);
  const automations = { tags: { any_: ['t1', 't2'] } };
  expect((await api.post('/automations/count', { automations })).body).toBe(2);
  expect((await api.ask('GET', `/automations/${ids[2]}`)).body).toMatchObject({
    name: 'alone',
    enabled: true,
    trigger: { type: 'event', posture: 'Reactive' },
    actions: [{ type: 'do-nothing' }],
    actions_on_trigger: [],
  });
});

test('one is switched off, and an event tells it', async () => {
  expect((await api.ask('PATCH', `/automations/${ids[2]}`, { enabled: false })).status).toBe(204);
  expect((await api.ask('GET', `/automations/${ids[2]}`)).body).toMatchObject({ enabled: false });
  const { events } = api.db.tables;
  const [event] = await api.db.orm.select().from(events);
  expect(event).toMatchObject({
    event: 'prefect.automation.updated',
    resource: { 'prefect.resource.id': `prefect.automation.${ids[2]}` },
  });
});

test("a deployment's own go with it, those that act on it stay", async () => {
  const related = () => api.ask('GET', `/automations/related-to/${DEPLOYMENT}`);
  expect(names(await related()).sort()).toEqual(['acting', 'owned']);
  expect(await api.ask('DELETE', `/automations/owned-by/${DEPLOYMENT}`)).toMatchObject({ status: 202 });
  expect(names(await related())).toEqual(['acting']);
  expect((await api.ask('DELETE', `/automations/${ids[1]}`)).status).toBe(204);
  expect(names(await related())).toEqual([]);
  const gone = await api.ask('GET', `/automations/${ids[0]}`);
  expect([gone.status, gone.body]).toEqual([404, { exception_message: 'Automation not found' }]);
});

test('none can be made that would never act', async () => {
  expect((await api.post('/automations/', { name: 'new' })).status).toBe(404);
});
