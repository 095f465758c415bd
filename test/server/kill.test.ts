import { setTimeout as sleep } from 'node:timers/promises';
import SqliteDriver from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/open.ts';
import type { DatabaseTarget } from '../../src/settings/settings.ts';
import { createMigratedTarget } from '../support/database.ts';
import type { EmptyTarget } from '../support/engine.ts';
import { EventSenders } from './event-senders.ts';
import { findDamage, Ledger, readContents } from './ledger.ts';
import { Serving } from './serve.ts';
import { type Shared, Writers } from './writers.ts';

const KILLS = 10;

let database: EmptyTarget;
let server: Serving | undefined;
beforeEach(async () => {
  database = await createMigratedTarget();
});
afterEach(async () => {
  await server?.remove();
  await database.dispose();
});

test('killed ten times under load: what was acknowledged is there, and nothing is half written', {
  timeout: 300_000,
}, async () => {
  const ledger = new Ledger();
  let shared: Shared | undefined;
  let cutOff = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    server = await Serving.start(database);
    shared ??= await new Writers(server.url, ledger).prepare();
    cutOff += await loadAndKill(server, ledger, shared);
    await server.remove();
  }
  // Else it wasn't killed while it wrote.
  expect(cutOff).toBeGreaterThan(KILLS);

  server = await Serving.start(database);
  expect(integrityOf(database.target)).toEqual([]);
  const db = await openDatabase(database.target);
  try {
    expect(ledger.lostFrom(await readContents(db))).toEqual([]);
    expect(await findDamage(db)).toEqual([]);
  } finally {
    await db.close();
  }
  expect((await fetch(`${server.url}/flow_runs/${shared!.runId}`)).status).toBe(200);
});

/** @returns how many requests and sockets the kill cut off */
async function loadAndKill(server: Serving, ledger: Ledger, shared: Shared): Promise<number> {
  const before = ledger.size;
  const writers = new Writers(server.url, ledger);
  const senders = new EventSenders(server.socketUrl, ledger);
  const load = Promise.all([writers.run(16, shared, () => true), senders.run(4, shared.runId, () => true)]);
  while (writers.answers < 60 || senders.answeredPings < 4) await sleep(5);
  await sleep(Math.random() * 300);
  await server.kill();
  await load;
  expect(writers.refusals).toEqual([]);
  expect(ledger.size).toBeGreaterThan(before);
  return writers.unanswered + senders.closeCodes.filter((code) => code === 1006).length;
}

/** What SQLite itself finds wrong with its file. */
function integrityOf(target: DatabaseTarget): unknown[] {
  if (target.backend !== 'sqlite') return [];
  const driver = new SqliteDriver(target.file, { readonly: true });
  try {
    const problems = driver.pragma('integrity_check') as { integrity_check: string }[];
    return [
      ...problems.filter(({ integrity_check }) => integrity_check !== 'ok'),
      ...(driver.pragma('foreign_key_check') as unknown[]),
    ];
  } finally {
    driver.close();
  }
}
