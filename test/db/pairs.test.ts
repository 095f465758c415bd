import { randomUUID } from 'node:crypto';
import { asc, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { IntegrityError } from '../../src/db/errors.ts';
import { createFlow } from '../../src/entities/flow.ts';
import { now } from '../../src/time/timestamp.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let own: TestDatabase;
let flow_id: string;

beforeAll(async () => {
  own = await createTestDatabase();
  flow_id = (await createFlow(own.db, { name: 'flow' })).id;
});
afterAll(() => own.dispose());
beforeEach(async () => {
  await own.db.orm.delete(own.db.tables.flow_run);
});

/** A run with its first state, each with the id of the other. */
function pair(idempotency_key: string, flow = flow_id) {
  const [id, state_id] = [randomUUID(), randomUUID()];
  return {
    run: { id, state_id, name: idempotency_key, flow_id: flow, idempotency_key, tags: ['a'] },
    state: { id: state_id, flow_run_id: id, type: 'SCHEDULED', name: 'Scheduled', timestamp: now() },
  };
}

const insert = (pairs: ReturnType<typeof pair>[]) => {
  const { flow_run, flow_run_state } = own.db.tables;
  return own.db.insertPairs({
    first: { table: flow_run, rows: pairs.map(({ run }) => run) },
    second: { table: flow_run_state, rows: pairs.map(({ state }) => state) },
    by: flow_run_state.flow_run_id,
  });
};

async function stored() {
  const { flow_run, flow_run_state } = own.db.tables;
  const rows = await own.db.orm
    .select({ key: flow_run.idempotency_key, state: flow_run_state.name })
    .from(flow_run)
    .innerJoin(flow_run_state, eq(flow_run_state.id, flow_run.state_id))
    .orderBy(asc(flow_run.idempotency_key));
  return rows.map(({ key, state }) => `${key} ${state}`);
}

test('pairs go in together, none of them has to be updated', async () => {
  const pairs = ['a', 'b', 'c'].map((key) => pair(key));
  const ids = await insert(pairs);
  expect(ids.sort()).toEqual(pairs.map(({ run }) => run.id).sort());
  expect(await stored()).toEqual(['a Scheduled', 'b Scheduled', 'c Scheduled']);
  expect(await insert([])).toEqual([]);
});

test('what was there stays, and its counterpart is left out', async () => {
  await insert([pair('a')]);
  const [again, other] = [pair('a'), pair('b')];
  expect(await insert([again, other])).toEqual([other.run.id]);
  expect(await insert([again])).toEqual([]);
  expect(await stored()).toEqual(['a Scheduled', 'b Scheduled']);
  const { flow_run_state } = own.db.tables;
  const states = await own.db.orm.select({ id: flow_run_state.id }).from(flow_run_state);
  expect(states.map(({ id }) => id)).not.toContain(again.state.id);
});

test('a pair that refers to nothing leaves nothing behind', async () => {
  await expect(insert([pair('a'), pair('b', randomUUID())])).rejects.toBeInstanceOf(IntegrityError);
  const wrong = pair('c');
  wrong.run.state_id = randomUUID();
  await expect(insert([wrong])).rejects.toBeInstanceOf(IntegrityError);
  expect(await stored()).toEqual([]);
});
