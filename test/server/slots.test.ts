/** Slots of concurrency limits while many want them from servers that are killed: never more than there are, none lost. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { openDatabase } from '../../src/db/open.ts';
import { endExpiredLeases } from '../../src/entities/concurrency/lease.ts';
import { createLimit } from '../../src/entities/concurrency/limit.ts';
import { addSeconds, now } from '../../src/time/timestamp.ts';
import { createMigratedTarget } from '../support/database.ts';
import { dialect, type EmptyTarget } from '../support/engine.ts';
import { Serving } from './serve.ts';

const LIMITS = { a: 3, b: 4 };
const CLIENTS = 10;
/** Only PostgreSQL has several. */
const SERVERS = dialect === 'postgres' ? 2 : 1;
const KILLS = 2;
/** A server that is killed in its turn of a service keeps the others from it for a minute. */
const NO_REPOSSESSOR = { PREFECT_SERVER_SERVICES_REPOSSESSOR_ENABLED: 'false' };

let database: EmptyTarget;
let db: Database;
let servers: Serving[] = [];
beforeAll(async () => {
  database = await createMigratedTarget();
  db = await openDatabase(database.target);
  for (const [name, limit] of Object.entries(LIMITS)) await createLimit(db, { name, limit });
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.remove()));
  await db.close();
  await database.dispose();
});

class Crowd {
  granted = 0;
  unanswered = 0;
  inside = 0;
  most = 0;
  private stopped = false;

  async press(): Promise<void> {
    await Promise.all(Array.from({ length: CLIENTS }, (_, at) => this.client(at)));
  }

  stop(): void {
    this.stopped = true;
  }

  private async client(at: number): Promise<void> {
    const names = at % 2 ? ['a', 'b'] : ['b', 'a'];
    while (!this.stopped) {
      const answer = await this.post('increment-with-lease', { names, slots: 1, lease_duration: 600 });
      if (answer?.status !== 200) {
        await sleep(5);
        continue;
      }
      const { lease_id } = (await answer.json()) as { lease_id: string };
      this.granted++;
      this.most = Math.max(this.most, ++this.inside);
      await sleep(Math.random() * 10);
      // Some keep it, as those who die do.
      if (this.stopped) return;
      this.inside--;
      await this.post('decrement-with-lease', { lease_id });
    }
  }

  private async post(path: string, body: unknown): Promise<Response | undefined> {
    const server = servers[Math.floor(Math.random() * servers.length)]!;
    try {
      return await fetch(`${server.url}/v2/concurrency_limits/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    } catch {
      this.unanswered++;
      return undefined;
    }
  }
}

/** By limit: the slots that are taken, and those that leases account for. */
async function books(): Promise<Record<string, { taken: number; leased: number }>> {
  const { concurrency_limit_v2: limits, _concurrency_lease: leases } = db.tables;
  const [all, granted] = [await db.orm.select().from(limits), await db.orm.select().from(leases)];
  return Object.fromEntries(
    all.map(({ id, name, active_slots }) => {
      const ofIt = granted.filter(({ limit_ids }) => limit_ids.includes(id));
      return [name, { taken: active_slots, leased: ofIt.reduce((sum, { slots }) => sum + slots, 0) }];
    }),
  );
}

test('killed while many take slots and give them back', { timeout: 120_000 }, async () => {
  for (let kill = 0; kill < KILLS; kill++) {
    servers = await Promise.all(
      Array.from({ length: SERVERS }, () => Serving.start(database, NO_REPOSSESSOR)),
    );
    const crowd = new Crowd();
    const pressing = crowd.press();
    while (crowd.granted < 30) await sleep(10);
    await servers[0]!.kill();
    crowd.stop();
    await pressing;
    expect(crowd.most).toBeLessThanOrEqual(LIMITS.a);
    expect(crowd.unanswered).toBeGreaterThan(0);
    await Promise.all(servers.map((server) => server.remove()));
    for (const [name, { taken, leased }] of Object.entries(await books())) {
      expect(taken, name).toBe(leased);
      expect(taken).toBeLessThanOrEqual(LIMITS[name as keyof typeof LIMITS]);
    }
    // Else nobody gets one in the next round.
    await letAllRunOut();
  }
});

test('a lease outlives the server, and runs out without its holder', { timeout: 60_000 }, async () => {
  const first = await Serving.start(database, NO_REPOSSESSOR);
  servers = [first];
  const post = (server: Serving, path: string, body: unknown) =>
    fetch(`${server.url}/v2/concurrency_limits/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const granted = await post(first, 'increment-with-lease', { names: ['a'], slots: 3 });
  const { lease_id } = (await granted.json()) as { lease_id: string };
  await first.kill();
  const second = await Serving.start(database, { PREFECT_SERVER_SERVICES_REPOSSESSOR_LOOP_SECONDS: '1' });
  servers.push(second);
  expect((await post(second, `leases/${lease_id}/renew`, {})).status).toBe(204);
  expect((await post(second, 'increment', { names: ['a'], slots: 1 })).status).toBe(423);
  await runOut();
  let status = 423;
  for (let attempt = 0; attempt < 100 && status === 423; attempt++) {
    await sleep(100);
    status = (await post(second, 'increment', { names: ['a'], slots: 3 })).status;
  }
  expect(status).toBe(200);
  expect((await post(second, `leases/${lease_id}/renew`, {})).status).toBe(410);
});

async function runOut(): Promise<void> {
  await db.orm.update(db.tables._concurrency_lease).set({ expiration: addSeconds(now(), -1) });
}

async function letAllRunOut(): Promise<void> {
  await runOut();
  await endExpiredLeases(db, 1000);
  for (const { taken, leased } of Object.values(await books())) expect([taken, leased]).toEqual([0, 0]);
}
