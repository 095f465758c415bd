import { gt, sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import type { Engine, Statement } from '../../src/db/engine.ts';
import { slotsOfPools, slotsOfQueues } from '../../src/entities/concurrency/active-slots.ts';
import { readPoolConcurrency } from '../../src/entities/concurrency/slot-holders.ts';
import { findScheduledWork } from '../../src/entities/work-pool/scheduled-work.ts';
import { notePoll, readPolledPool } from '../../src/entities/work-pool/work-poll.ts';
import { createWorkPool } from '../../src/entities/work-pool/work-pool.ts';
import { insertWorkQueue } from '../../src/entities/work-pool/work-queue-insert.ts';
import { recordHeartbeat } from '../../src/entities/work-pool/worker.ts';
import { addSeconds, now } from '../../src/time/timestamp.ts';
import { createMigratedTarget, dialect } from '../support/database.ts';
import type { EmptyTarget } from '../support/engine.ts';
import { openNoting } from '../support/noting.ts';

const ROWS = 20_000;
const BEGAN = '2026-01-01T00:00:00.000000Z';

let own: EmptyTarget;
let engine: Engine;
let db: Database;
let sent: Statement[];

beforeAll(async () => {
  own = await createMigratedTarget();
  ({ db, engine, sent } = await openNoting(own.target));
  await fill();
}, 60_000);

afterAll(async () => {
  await db.close();
  await own.dispose();
});

/** Half of the runs were this pool's and are over, half wait, most of them for another pool; a few run. */
async function fill(): Promise<void> {
  const { flow, flow_run } = db.tables;
  const pool = await createWorkPool(db, { name: 'pool', type: 'process', concurrency_limit: 500 });
  const urgent = await db.transaction(() =>
    insertWorkQueue(db, pool, { name: 'urgent', concurrency_limit: 300 }),
  );
  const elsewhere = await createWorkPool(db, { name: 'elsewhere', type: 'process' });
  const [made] = await db.orm.insert(flow).values({ name: 'flow' }).returning();
  const states = (i: number) => (i % 2 === 0 ? 'SCHEDULED' : i % 400 === 1 ? 'RUNNING' : 'COMPLETED');
  const queueOf = (i: number) => {
    if (i % 2 === 1) return i % 4 === 1 ? urgent.id : pool.default_queue_id!;
    return i % 100 === 0 ? urgent.id : i % 100 === 50 ? pool.default_queue_id! : elsewhere.default_queue_id!;
  };
  await db.insertMany(
    flow_run,
    Array.from({ length: ROWS }, (_, i) => ({
      flow_id: made!.id,
      name: `run-${i}`,
      state_type: states(i) as 'SCHEDULED',
      work_queue_id: queueOf(i),
      next_scheduled_start_time: states(i) === 'SCHEDULED' ? addSeconds(BEGAN, i) : null,
      empirical_policy: {},
    })),
  );
  await recordHeartbeat(db, 'pool', { name: 'worker', heartbeat_interval_seconds: 30 });
  if (dialect === 'postgres') await db.execute(sql`analyze`);
}

async function statementsOf(work: () => Promise<unknown>): Promise<Statement[]> {
  sent.length = 0;
  await work();
  return sent.filter((statement) => !/^(begin|commit|savepoint|release)/i.test(statement.sql));
}

async function planOf(work: () => Promise<unknown>): Promise<string> {
  const plans: string[] = [];
  for (const statement of await statementsOf(work)) {
    const explain = dialect === 'sqlite' ? 'explain query plan ' : 'explain ';
    const text = { sql: explain + statement.sql, params: statement.params };
    const lines = await engine.run(text, 'object', false);
    plans.push(lines.map((line) => Object.values(line as object).at(-1)).join('\n'));
  }
  return plans.join('\n');
}

const scansRuns = (plan: string): boolean =>
  dialect === 'sqlite' ? /^SCAN flow_run(?! USING)/m.test(plan) : /Seq Scan on flow_run\b/.test(plan);

const poll = async (limit = 50, scheduled_before = addSeconds(now(), 10)) => {
  const polled = (await readPolledPool(db, 'pool'))!;
  const found = await findScheduledWork(db, polled, polled.queues, { limit, scheduled_before });
  await notePoll(db, polled.pool, polled.queues);
  return found;
};

test('a poll reads the next runs of each queue along their index, however many there are', async () => {
  await poll();
  const plan = await planOf(() => poll());
  expect(scansRuns(plan), plan).toBe(false);
  // Where most runs that are due are this queue's, as far as PostgreSQL knows, the index of all that are due serves as well.
  expect(plan).toMatch(/ix_flow_run__(work_queue_id_)?next_scheduled_start_time/);
  if (dialect === 'sqlite') expect(plan).toContain('ix_flow_run__work_queue_id_next_scheduled_start_time');
  expect(await poll(7)).toHaveLength(7);
});

test('a poll is two statements, one more where it is noted, whatever limits there are', async () => {
  await poll();
  expect(await statementsOf(() => poll())).toHaveLength(2);
  const { work_pool, work_queue } = db.tables;
  const long = addSeconds(now(), -30);
  await db.orm.update(work_queue).set({ last_polled: long });
  // In no transaction, whose statements wouldn't be seen here.
  const noted = await statementsOf(() => poll());
  expect(noted).toHaveLength(3);
  expect(sent).toHaveLength(3);
  const queues = await db.orm.select().from(work_queue).where(gt(work_queue.last_polled, long));
  expect(queues.map(({ name }) => name).sort()).toEqual(['default', 'urgent']);
  await db.orm.update(work_queue).set({ concurrency_limit: null });
  await db.orm.update(work_pool).set({ concurrency_limit: null });
  expect(await statementsOf(() => poll())).toHaveLength(2);
});

test('a heartbeat is two statements', async () => {
  const beat = () => recordHeartbeat(db, 'pool', { name: 'worker', heartbeat_interval_seconds: 30 });
  expect(await statementsOf(beat)).toHaveLength(2);
});

test('slots are counted without a look at the runs that are over', async () => {
  const counted = await planOf(() => readPolledPool(db, 'pool'));
  expect(counted).toMatch(/ix_flow_run__state_type/);
  expect(scansRuns(counted), counted).toBe(false);
  const { pool, queues } = (await readPolledPool(db, 'pool'))!;
  const ids = queues.map(({ id }) => id);
  for (const work of [
    () => slotsOfPools(db, [pool.id]),
    () => slotsOfQueues(db, ids),
    () => readPoolConcurrency(db, pool, { limit: 10, page: 1, runsOfQueue: 3 }),
  ]) {
    const plan = await planOf(work);
    expect(scansRuns(plan), plan).toBe(false);
  }
});
