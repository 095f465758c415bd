import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/open.ts';
import { createMigratedTarget } from '../support/database.ts';
import type { EmptyTarget } from '../support/engine.ts';
import { EventSenders } from './event-senders.ts';
import { difference, findDamage, Ledger, readContents } from './ledger.ts';
import { Serving } from './serve.ts';
import { Writers } from './writers.ts';

let database: EmptyTarget;
let server: Serving;
beforeEach(async () => {
  database = await createMigratedTarget();
  server = await Serving.start(database);
});
afterEach(async () => {
  await server.remove();
  await database.dispose();
});

test('told to stop under load: everything it has begun is answered, and it is gone in time', {
  timeout: 60_000,
}, async () => {
  const ledger = new Ledger();
  const writers = new Writers(server.url, ledger);
  const senders = new EventSenders(server.socketUrl, ledger);
  const shared = await writers.prepare();
  const load = Promise.all([writers.run(32, shared, () => true), senders.run(4, shared.runId, () => true)]);
  while (writers.answers < 200 || senders.answeredPings < 8) await sleep(5);
  const { code, seconds } = await server.terminate();
  await load;
  expect(code).toBe(0);
  expect(seconds).toBeLessThan(5);
  expect(writers.refusals).toEqual([]);
  expect(senders.closeCodes).toEqual([1012, 1012, 1012, 1012]);
  expect(server.faults).toEqual([]);

  const db = await openDatabase(database.target);
  try {
    const stored = await readContents(db);
    expect(ledger.lostFrom(stored)).toEqual([]);
    expect(await findDamage(db)).toEqual([]);
    // A request whose work was done and whose answer was not sent would be here. Events have no answer but the pings'.
    const { flow_runs, flow_run_states, logs, labels, artifacts } = stored;
    const done = { ...ledger.acknowledged, flow_runs, flow_run_states, logs, labels, artifacts };
    expect(difference(done, ledger.acknowledged)).toEqual([]);
  } finally {
    await db.close();
  }
});
