import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/open.ts';
import { createMigratedTarget, dialect } from '../support/database.ts';
import type { EmptyTarget } from '../support/engine.ts';
import { difference, findDamage, Ledger, readContents } from './ledger.ts';
import { Serving } from './serve.ts';
import { Writers } from './writers.ts';

const SECONDS = dialect === 'sqlite' ? 20 : 6;

let database: EmptyTarget;
let server: Serving;
beforeEach(async () => {
  database = await createMigratedTarget();
  // On a slow machine a run may be late before its client comes back to it.
  server = await Serving.start(database, { PREFECT_SERVER_SERVICES_LATE_RUNS_ENABLED: 'false' });
});
afterEach(async () => {
  await server.remove();
  await database.dispose();
});

test('64 parallel clients: every answer is a success, and afterwards the database has what was acknowledged', {
  timeout: 120_000,
}, async () => {
  const ledger = new Ledger();
  const writers = new Writers(server.url, ledger);
  const shared = await writers.prepare();
  const end = Date.now() + SECONDS * 1000;
  await writers.run(64, shared, () => Date.now() < end);
  expect(writers.refusals).toEqual([]);
  expect(writers.unanswered).toBe(0);
  expect(writers.answers).toBeGreaterThan(500);

  const db = await openDatabase(database.target);
  try {
    const stored = await readContents(db);
    expect(ledger.lostFrom(stored)).toEqual([]);
    expect(difference(stored, ledger.acknowledged)).toEqual([]);
    expect(await findDamage(db)).toEqual([]);
  } finally {
    await db.close();
  }
  expect(server.faults).toEqual([]);
});
