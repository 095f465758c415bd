import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { markDeploymentsNotReady, markDeploymentsReady } from '../../src/entities/deployment/readiness.ts';
import { JsonText } from '../../src/json/json.ts';
import { type Api, startApi } from './client.ts';

let api: Api;
let flowId: string;
beforeAll(async () => {
  api = await startApi();
  flowId = (await body('/flows/', { name: 'f', labels: { of: 'flow' } })).id;
});
afterAll(() => api.close());

interface Answered {
  id: string;
  [member: string]: unknown;
}

const body = async (path: string, sent: unknown): Promise<Answered> => (await api.post(path, sent)).body;
const deploy = (name: string, more: object = {}): Promise<Answered> =>
  body('/deployments/', { name, flow_id: flowId, ...more });
const read = async (id: string): Promise<Answered> => (await api.ask('GET', `/deployments/${id}`)).body;
const change = (id: string, sent: unknown) => api.ask('PATCH', `/deployments/${id}`, sent);

let pools = 0;
/** A pool whose jobs have these variables. */
async function aPool(properties: object, more: object = {}): Promise<string> {
  const name = `pool-${++pools}`;
  const variables = { type: 'object', properties, ...more };
  const { status, text } = await api.post('/work_pools/', {
    name,
    type: 'process',
    base_job_template: { job_configuration: { command: 'x' }, variables },
  });
  expect(status, text).toBe(201);
  return name;
}

async function eventsOf(id: string): Promise<{ event: string; fields: string[] }[]> {
  const { events } = api.db.tables;
  const rows = await api.db.orm
    .select()
    .from(events)
    .where(eq(events.resource_id, `prefect.deployment.${id}`))
    .orderBy(events.occurred);
  return rows.map(({ event, payload }) => ({
    event,
    fields: (payload.parse() as { updated_fields?: string[] }).updated_fields ?? [],
  }));
}

/** A run that the scheduler could have made. */
async function scheduled(deploymentId: string, columns: object): Promise<string> {
  const { flow_run } = api.db.tables;
  const run = await body(`/deployments/${deploymentId}/create_flow_run`, {});
  await api.db.orm
    .update(flow_run)
    .set({ auto_scheduled: true, ...columns })
    .where(eq(flow_run.id, run.id));
  return run.id;
}

const FUTURE = '2100-01-01T00:00:00.000000Z';
const exists = async (id: string) => (await api.ask('GET', `/flow_runs/${id}`)).status === 200;

describe('making it again', () => {
  test('keeps what is not said, but not parameters, labels and schedules', async () => {
    const made = await deploy('again', {
      tags: ['a'],
      parameters: { n: 1 },
      labels: { mine: 1 },
      description: 'words',
      schedules: [{ schedule: { interval: 60 }, slug: 's' }],
      job_variables: { x: 1 },
    });
    const again = await api.post('/deployments/', { name: 'again', flow_id: flowId, version: '2' });
    expect(again.status).toBe(200);
    expect(again.body).toMatchObject({
      id: made.id,
      created: made['created'],
      tags: ['a'],
      description: 'words',
      version: '2',
      parameters: {},
      labels: { of: 'flow', 'prefect.flow.id': flowId },
      schedules: [],
      job_variables: { x: 1 },
    });
  });

  test('at the same moment makes one, which only one answer says it made', async () => {
    const sent = { name: 'race', flow_id: flowId, parameters: { a: 1 } };
    const answers = await Promise.all(Array.from({ length: 8 }, () => api.post('/deployments/', sent)));
    expect(new Set(answers.map((answer) => (answer.body as Answered).id)).size).toBe(1);
    const created = await eventsOf((answers[0]!.body as Answered).id);
    expect(created.map(({ event }) => event)).toEqual(['prefect.deployment.created']);
  });

  test('takes away runs planned for the future, and no others', async () => {
    const { id } = await deploy('planned');
    const future = await scheduled(id, { next_scheduled_start_time: FUTURE });
    const late = await scheduled(id, {});
    const byHand = await scheduled(id, { next_scheduled_start_time: FUTURE, auto_scheduled: false });
    const begun = await scheduled(id, { next_scheduled_start_time: FUTURE, run_count: 1 });
    const waiting = await scheduled(id, {
      next_scheduled_start_time: FUTURE,
      state_name: 'AwaitingConcurrencySlot',
    });
    await deploy('planned');
    expect(await Promise.all([future, late, byHand, begun, waiting].map(exists))).toEqual([
      false,
      true,
      true,
      true,
      true,
    ]);
    const another = await scheduled(id, { next_scheduled_start_time: FUTURE });
    await change(id, {});
    expect(await exists(another)).toBe(false);
    await api.post(`/deployments/${id}/pause_deployment`);
    expect(await Promise.all([late, byHand, begun].map(exists))).toEqual([false, true, true]);
    await api.ask('DELETE', `/deployments/${id}`);
    expect(await Promise.all([byHand, begun, waiting].map(exists))).toEqual([false, true, true]);
  });
});

describe('changing it', () => {
  test('tells of what changed, and of nothing when nothing did', async () => {
    const { id } = await deploy('told', { parameters: { n: 1.5 } });
    await change(id, { tags: ['x'], description: 'd' });
    await change(id, { tags: ['x'], description: 'd', parameters: { n: 1.5 } });
    await deploy('told', { parameters: { n: 2 } });
    await api.ask('DELETE', `/deployments/${id}`);
    await api.ask('DELETE', `/deployments/${id}`);
    expect(await eventsOf(id)).toEqual([
      { event: 'prefect.deployment.created', fields: [] },
      { event: 'prefect.deployment.updated', fields: ['description', 'tags'] },
      { event: 'prefect.deployment.updated', fields: ['parameters'] },
      { event: 'prefect.deployment.deleted', fields: [] },
    ]);
  });

  test('that is refused changes nothing', async () => {
    const { id } = await deploy('refused', {
      tags: ['old'],
      schedules: [{ schedule: { interval: 60 }, slug: 's' }],
    });
    const before = await read(id);
    const refused: [object, number][] = [
      [{ tags: ['new'], parameters: null }, 409],
      [{ tags: ['new'], work_pool_name: 'nowhere' }, 404],
      [{ tags: ['new'], global_concurrency_limit_id: flowId }, 404],
      [{ tags: ['new'], schedules: [{ schedule: { interval: 5 } }] }, 422],
      [{ tags: ['new'], schedules: [{ slug: 'unheard of' }] }, 422],
      [{ tags: ['new'], parameters: { a: { __prefect_kind: 'json', value: '{' } } }, 400],
      [{ tags: ['new'], storage_document_id: flowId }, 409],
    ];
    for (const [sent, status] of refused) expect((await change(id, sent)).status).toBe(status);
    expect(await read(id)).toEqual(before);
  });

  test('leaves each schedule the one that has its slug', async () => {
    const { id } = await deploy('slugs', {
      schedules: [
        { schedule: { interval: 60 }, slug: 'a' },
        { schedule: { cron: '0 0 * * *' }, slug: 'b' },
      ],
    });
    const bySlug = async () => {
      const schedules = (await read(id))['schedules'] as { id: string; slug: string; active: boolean }[];
      return Object.fromEntries(schedules.map((schedule) => [schedule.slug, schedule]));
    };
    const before = await bySlug();
    expect((await change(id, { schedules: [{ slug: 'a', active: false }] })).status).toBe(204);
    expect(await bySlug()).toMatchObject({ a: { id: before['a']!.id, active: false }, b: { active: true } });
    const swap = [
      { slug: 'b', replaces: 'a' },
      { slug: 'a', replaces: 'b' },
    ];
    expect((await change(id, { schedules: swap })).status).toBe(204);
    expect(await bySlug()).toMatchObject({ a: { id: before['b']!.id }, b: { id: before['a']!.id } });
  });
});

describe('running it', () => {
  test('the number in a parameter comes back as it was sent', async () => {
    const { id } = await deploy('numbers');
    const sent = '{"a":1.0,"b":12345678901234567890,"c":1e5}';
    await api.ask('PATCH', `/deployments/${id}`, `{"parameters":${sent}}`);
    const answer = await api.post(`/deployments/${id}/create_flow_run`, '{"parameters":{"d":2.0}}');
    expect(answer.status).toBe(201);
    for (const number of ['1.0', '12345678901234567890', '2.0']) expect(answer.text).toContain(number);
  });

  test('a key is good for one run', async () => {
    const { id } = await deploy('once');
    const ask = () => api.post(`/deployments/${id}/create_flow_run`, { idempotency_key: 'k' });
    const answers = await Promise.all([ask(), ask(), ask()]);
    expect(new Set(answers.map((answer) => (answer.body as Answered).id)).size).toBe(1);
    expect((await ask()).status).toBe(200);
  });

  test('one of many that fails is no harm to the others', async () => {
    const pool = await aPool({ cpu: { type: 'integer' } });
    const { id } = await deploy('many', {
      work_pool_name: pool,
      parameter_openapi_schema: { type: 'object', properties: { n: { type: 'integer' } } },
    });
    const { results } = (await body(`/deployments/${id}/create_flow_run/bulk`, [
      { parent_task_run_id: flowId },
      { parameters: { n: 'x' } },
      { job_variables: { cpu: 'x' } },
      { work_queue_name: 'new', parameters: { n: 3 } },
    ])) as unknown as { results: { status: string; flow_run_id: string; error: string }[] };
    expect(results[0]).toMatchObject({ status: 'FAILED', error: expect.stringContaining('integrity') });
    expect(results.slice(1).map(({ status, error }) => [status, error])).toEqual([
      [
        'FAILED',
        "Parameter validation failed: Validation failed for field 'n'. Failure reason: 'x' is not valid under any of the given schemas",
      ],
      [
        'FAILED',
        "Error creating flow run: Validation failed for field 'cpu'. Failure reason: 'x' is not valid under any of the given schemas",
      ],
      ['CREATED', null],
    ]);
    expect(await exists(results[3]!.flow_run_id)).toBe(true);
  });

  test('what a pool requires must come from somewhere', async () => {
    const pool = await aPool(
      { a: { type: 'string' }, b: { type: 'string', default: 'x' } },
      { required: ['a', 'b'] },
    );
    const { id } = await deploy('required', { work_pool_name: pool });
    const run = (job_variables: object) => api.post(`/deployments/${id}/create_flow_run`, { job_variables });
    expect(await run({})).toMatchObject({
      status: 422,
      body: {
        detail: "Error creating flow run: Validation failed. Failure reason: 'a' is a required property",
      },
    });
    expect((await run({ a: '1' })).status).toBe(201);
    await change(id, { job_variables: { a: '2' } });
    expect((await run({})).status).toBe(201);
  });
});

test("a pool's own default that doesn't fit is passed over, and then nothing is required", async () => {
  const pool = await aPool({ a: { type: 'string' } });
  const { work_pool } = api.db.tables;
  const properties = { a: { type: 'string' }, size: { type: 'integer', default: 'large' } };
  const variables = { type: 'object', properties, required: ['a', 'size'] };
  await api.db.orm
    .update(work_pool)
    .set({ base_job_template: JsonText.of({ job_configuration: { a: 'x' }, variables }) })
    .where(eq(work_pool.name, pool));
  const { id } = await deploy('old pool', { work_pool_name: pool });
  const run = (job_variables: object) => api.post(`/deployments/${id}/create_flow_run`, { job_variables });
  expect((await run({})).status).toBe(201);
  expect((await run({ size: 'small' })).status).toBe(422);
});

test('being asked for work makes it ready, which is told once, and changes nothing else', async () => {
  const { id, updated } = await deploy('polled', { concurrency_limit: 2 });
  for (const _ of [1, 2]) await markDeploymentsReady(api.db, { ids: [id] });
  const ready = await read(id);
  expect(ready).toMatchObject({ status: 'READY', updated, last_polled: expect.stringMatching(/Z$/) });
  await markDeploymentsNotReady(api.db, { ids: [id] });
  expect(await read(id)).toEqual({ ...ready, status: 'NOT_READY' });
  const told = (await eventsOf(id)).map(({ event }) => event);
  expect(told).toEqual(
    ['created', 'ready', 'not-ready'].map((happening) => `prefect.deployment.${happening}`),
  );
  const { events } = api.db.tables;
  const rows = await api.db.orm.select().from(events).where(eq(events.event, 'prefect.deployment.ready'));
  expect(rows.at(-1)!.related.map((related) => related['prefect.resource.role'])).toEqual([
    'flow',
    'concurrency-limit',
  ]);
});

test('a deployment goes with its flow, its queue only leaves it', async () => {
  const pool = await aPool({});
  const { id: own } = await body('/flows/', { name: 'short-lived' });
  const { id } = await deploy('bound', { flow_id: own, work_pool_name: pool });
  await api.ask('DELETE', `/work_pools/${pool}`);
  expect(await read(id)).toMatchObject({ work_pool_name: null, work_queue_id: null });
  await api.ask('DELETE', `/flows/${own}`);
  expect((await api.ask('GET', `/deployments/${id}`)).status).toBe(404);
});
