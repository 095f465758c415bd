import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { enqueueCancellingTimeout, uuid5 } from '../../src/entities/cleanup/message.ts';
import { cancellingTimeouts } from '../../src/services/cancelling-timeouts.ts';
import { cleanupReconciler } from '../../src/services/cleanup-reconciler.ts';
import { addSeconds, now } from '../../src/time/timestamp.ts';
import { type Api, startApi } from '../api/client.ts';
import { listeningLog, turn } from '../services/stage.ts';
import { Client, type Stage, serve } from './stage.ts';

type Body = Record<string, unknown>;
interface Frame {
  type: string;
  payload: Body;
}

let api: Api;
let stage: Stage;
let pool = '';
beforeAll(async () => {
  api = await startApi();
  stage = await serve(api.db, { PREFECT_SERVER_WORKER_CHANNEL_CLEANUP_MAX_DELIVERY_ATTEMPTS: '2' });
});
afterAll(async () => {
  await stage.close();
  await api.close();
});
beforeEach(async () => {
  pool = `p${randomUUID()}`;
  await api.post('/work_pools/', { name: pool, type: 'process' });
});

const KIND = 'cancelling_timeout_teardown.v1';
const frame = (type: string, payload: Body) => ({ type, id: randomUUID(), sent_at: now(), payload });
const hello = (more: Body = {}) =>
  frame('worker.hello.v1', {
    consumer_id: randomUUID(),
    worker_name: 'w',
    worker_type: 'process',
    heartbeat_interval_seconds: 30,
    supported_channel_versions: ['work_pool_worker_channel.v1'],
    requested_capabilities: ['worker_heartbeat.v1', 'work_pool_snapshot.v1', 'cleanup_delivery.v1'],
    handled_cleanup_kinds: [KIND],
    ...more,
  });

class Worker extends Client {
  get frames(): Frame[] {
    return this.received as Frame[];
  }

  /** The newest frame, once there are so many. */
  async frameAt(count: number): Promise<Frame> {
    await this.until(count);
    return this.frames[count - 1]!;
  }

  /** Says so of a message, and gives back the answer. */
  async say(
    operation: 'ack' | 'release' | 'renew',
    { message_id, reservation_token }: Body,
    reason?: string,
  ) {
    const sent = frame(`cleanup.${operation}.v1`, {
      message_id,
      reservation_token,
      ...(reason && { reason }),
    });
    this.send(sent);
    const answered = () => this.frames.find(({ payload }) => payload['request_frame_id'] === sent.id);
    await expect.poll(answered).toBeTruthy();
    return answered()!.payload;
  }
}

async function connect(more: Body = {}, url = stage.url): Promise<Worker> {
  const worker = await new Worker(`${url}/work_pools/${pool}/workers/connect`).enter();
  worker.send(hello(more));
  await worker.until(1);
  return worker as Worker;
}

const poolBody = async () => (await api.ask('GET', `/work_pools/${pool}`)).body as Body;
const queueOf = async (name?: string): Promise<string> => {
  if (!name) return (await poolBody())['default_queue_id'] as string;
  return ((await api.post(`/work_pools/${pool}/queues`, { name })).body as Body)['id'] as string;
};

/** Something to take down. */
async function leave(queue?: string): Promise<string> {
  const run = { id: randomUUID(), work_queue_id: queue ?? (await queueOf()), infrastructure_pid: 'host:1' };
  await api.db.transaction(() => enqueueCancellingTimeout(api.db, run, randomUUID()));
  return run.id;
}
const messages = () => api.db.orm.select().from(api.db.tables._cleanup_message);
const left = async (runId: string) => (await messages()).find(({ target }) => target.flow_run_id === runId);
const overdue = (runId: string) => async () => {
  const { _cleanup_message } = api.db.tables;
  const { id } = (await left(runId))!;
  await api.db.orm
    .update(_cleanup_message)
    .set({ lease_expires_at: addSeconds(now(), -1) })
    .where(eq(_cleanup_message.id, id));
};

test('a uuid of a name is the one that Python makes', () => {
  expect(uuid5('prefect:x')).toBe('57f6528e-54f4-57e6-b9f5-6f4ecada8257');
});

test('a run whose cancelling took too long is left to a worker of its pool', async () => {
  const worker = await connect();
  const flow = (await api.post('/flows/', { name: `f${randomUUID()}` })).body as Body;
  const deployed = await api.post('/deployments/', {
    name: 'd',
    flow_id: flow['id'],
    work_pool_name: pool,
  });
  const { id } = deployed.body as Body;
  const run = (await api.post(`/deployments/${id}/create_flow_run`, {})).body as Body;
  await api.ask('PATCH', `/flow_runs/${run['id']}`, { infrastructure_pid: 'host:42' });
  await api.post(`/flow_runs/${run['id']}/set_state`, { state: { type: 'CANCELLING' }, force: true });
  const env = { PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_CANCELLING_TIMEOUT_SECONDS: '0.001' };
  await turn(cancellingTimeouts, api.db, { env });
  const { type, payload } = await worker.frameAt(2);
  expect(type).toBe('cleanup.message.v1');
  const { state_id } = (await api.ask('GET', `/flow_runs/${run['id']}`)).body as Body;
  expect(payload).toEqual({
    message_id: uuid5(`prefect:${KIND}:${run['id']}:${state_id}`),
    kind: KIND,
    reservation_token: expect.stringMatching(/^[\w-]{43}$/),
    lease_expires_at: expect.stringMatching(/Z$/),
    delivery_count: 1,
    work_queue_id: run['work_queue_id'],
    target: { flow_run_id: run['id'], infrastructure_pid: 'host:42' },
    data: {},
  });
  expect(await worker.say('ack', payload)).toEqual({
    request_frame_id: expect.any(String),
    message_id: payload['message_id'],
    operation: 'ack',
    status: 'accepted',
    lease_expires_at: null,
    reason: null,
    detail: null,
  });
  expect(await left(run['id'] as string)).toBeUndefined();
  expect(await worker.say('ack', payload)).toMatchObject({
    status: 'not_found',
    reason: 'message_not_found',
  });
  worker.ws.close();
});

test('nobody is asked where there is no worker', async () => {
  const push = `x${randomUUID()}`;
  const made = (await api.post('/work_pools/', { name: push, type: 'ecs:push' })).body as Body;
  const run = { id: randomUUID(), infrastructure_pid: null };
  const queued = { ...run, work_queue_id: made['default_queue_id'] as string };
  expect(await enqueueCancellingTimeout(api.db, queued, 's')).toBe('no worker');
  expect(await enqueueCancellingTimeout(api.db, { ...run, work_queue_id: null }, 's')).toBe('no pool');
  expect(await left(run.id)).toBeUndefined();
  const waiting = await leave();
  await api.ask('DELETE', `/work_pools/${pool}`);
  expect(await left(waiting)).toBeUndefined();
});

describe('what a worker may ask for', () => {
  const refusals: [string, Body][] = [
    [
      'kinds without the capability',
      { requested_capabilities: ['worker_heartbeat.v1', 'work_pool_snapshot.v1'] },
    ],
    ['another kind', { handled_cleanup_kinds: ['other.v1'] }],
    ['less than none', { max_cleanup_concurrency: -1 }],
  ];
  test.each(refusals)('refused: %s', async (_what, more) => {
    const worker = await new Worker(`${stage.url}/work_pools/${pool}/workers/connect`).enter();
    worker.send(hello(more));
    expect(await worker.closed).toEqual({ code: 1002, reason: 'protocol_error' });
  });

  test('none is what one gets that takes no kind, or none at a time', async () => {
    await leave();
    for (const more of [{ handled_cleanup_kinds: [] }, { max_cleanup_concurrency: 0 }]) {
      const worker = await connect(more);
      expect(worker.frames[0]!.payload).toMatchObject({
        rejected_capabilities: ['cleanup_delivery.v1'],
        effective_max_cleanup_concurrency: 0,
      });
      const said = await worker.say('ack', { message_id: randomUUID(), reservation_token: 't' });
      expect(said).toMatchObject({ status: 'unauthorized', reason: 'cleanup_delivery_not_accepted' });
      expect(worker.frames).toHaveLength(2);
      worker.ws.close();
    }
  });
});

test('a worker gets as many at a time as it takes, those of its queue first, the oldest first', async () => {
  const [mine, others] = [await queueOf('mine'), await queueOf('others')];
  const runs = [await leave(others), await leave(mine), await leave(mine)];
  const worker = await connect({ work_queue_names: ['mine'], max_cleanup_concurrency: 2 });
  const first = (await worker.frameAt(2)).payload;
  const second = (await worker.frameAt(3)).payload;
  const targets = [first, second].map(({ target }) => (target as Body)['flow_run_id']);
  expect(targets).toEqual([runs[1], runs[2]]);
  expect((await left(runs[0]!))?.delivery_count).toBe(0);
  await worker.say('ack', first);
  const third = (await worker.frameAt(5)).payload;
  expect(third).toMatchObject({ target: { flow_run_id: runs[0] }, work_queue_id: others });
  worker.ws.close();
});

test('what is given back another one gets, until too many have tried', async () => {
  const run = await leave();
  const worker = await connect();
  const first = (await worker.frameAt(2)).payload;
  expect(await worker.say('release', first, 'no rights')).toMatchObject({ status: 'accepted' });
  const second = (await worker.frameAt(4)).payload;
  expect(second).toMatchObject({ message_id: first['message_id'], delivery_count: 2 });
  expect(second['reservation_token']).not.toBe(first['reservation_token']);
  expect(await worker.say('renew', first)).toMatchObject({
    status: 'invalid_token',
    reason: 'reservation_token_mismatch',
  });
  const renewed = await worker.say('renew', second);
  expect(renewed).toMatchObject({ status: 'accepted', lease_expires_at: expect.any(String) });
  expect(String(renewed['lease_expires_at']) > String(second['lease_expires_at'])).toBe(true);
  expect(await worker.say('release', second, 'no rights')).toMatchObject({
    status: 'dead_lettered',
    reason: 'max_delivery_attempts_reached',
  });
  expect(await left(run)).toBeUndefined();
  const told = stage.logged.find((line) => line['flow_run_id'] === run);
  expect(told?.['msg']).toContain('a clean-up is given up');
  worker.ws.close();
});

test('another pool has no say, and what nobody has can not be said done', async () => {
  const run = await leave();
  const { id } = (await left(run))!;
  const worker = await connect({ handled_cleanup_kinds: ['pending_claim_teardown.v1'] });
  const held = { message_id: id, reservation_token: 't' };
  expect(await worker.say('ack', held)).toMatchObject({
    status: 'not_current',
    reason: 'no_active_reservation',
  });
  pool = `q${randomUUID()}`;
  await api.post('/work_pools/', { name: pool, type: 'process' });
  const stranger = await connect();
  expect(await stranger.say('ack', held)).toMatchObject({
    status: 'unauthorized',
    reason: 'work_pool_mismatch',
  });
  worker.ws.close();
  stranger.ws.close();
});

test('a worker that is gone keeps nothing for longer than its lease', async () => {
  const run = await leave();
  const gone = await connect();
  const first = (await gone.frameAt(2)).payload;
  gone.ws.terminate();
  const next = await connect({ worker_name: 'next' });
  const { log, lines } = listeningLog();
  await turn(cleanupReconciler, api.db, { log });
  expect(lines).toEqual([]);
  await overdue(run)();
  await turn(cleanupReconciler, api.db, { log });
  expect(lines[0]?.msg).toBe('clean-ups wait for another worker');
  const second = (await next.frameAt(2)).payload;
  expect(second).toMatchObject({ message_id: first['message_id'], delivery_count: 2 });
  await overdue(run)();
  const env = { PREFECT_SERVER_WORKER_CHANNEL_CLEANUP_MAX_DELIVERY_ATTEMPTS: '2' };
  await turn(cleanupReconciler, api.db, { env, log });
  expect(lines.at(-1)?.msg).toContain('a clean-up is given up');
  expect(await left(run)).toBeUndefined();
  next.ws.close();
});

test('a lease that ran out is no reason to do it twice at once', async () => {
  const run = await leave();
  const worker = await connect();
  const { payload } = await worker.frameAt(2);
  await overdue(run)();
  expect(await worker.say('ack', payload)).toMatchObject({ status: 'expired', reason: 'lease_expired' });
  expect(await worker.frameAt(4)).toMatchObject({ payload: { delivery_count: 2 } });
  worker.ws.close();
});

test('two servers on one database hand each message to one worker, also to those of the other', async () => {
  const other = await serve(api.db);
  const workers = [await connect({ worker_name: 'a' }), await connect({ worker_name: 'b' }, other.url)];
  const queue = await queueOf();
  const runs = [randomUUID(), randomUUID()];
  // As a third server does it, whose changes nobody here hears of.
  const rows = runs.map((run) => ({
    id: randomUUID(),
    created: now(),
    work_queue_id: queue,
    kind: KIND,
    target: { flow_run_id: run, infrastructure_pid: null },
    delivery_count: 0,
  }));
  const { id } = await poolBody();
  await api.db.orm
    .insert(api.db.tables._cleanup_message)
    .values(rows.map((row) => ({ ...row, work_pool_id: String(id) })));
  await expect.poll(() => workers.flatMap(({ frames }) => frames).length, { timeout: 5000 }).toBe(4);
  const targets = workers.map(({ frames }) => (frames[1]!.payload['target'] as Body)['flow_run_id']);
  expect(targets.sort()).toEqual(runs.sort());
  for (const worker of workers) worker.ws.close();
  await other.close();
});
