import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { openDatabase } from '../../src/db/open.ts';
import { createFlow } from '../../src/entities/flow.ts';
import { addServices, endTurn, keepTurn, takeTurn } from '../../src/entities/service-turn.ts';
import { createFlowRun } from '../../src/orchestration/create-flow-run.ts';
import { startServices } from '../../src/services/runner.ts';
import type { Service } from '../../src/services/service.ts';
import { addSeconds, now } from '../../src/time/timestamp.ts';
import { Serving } from '../server/serve.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { listeningLog, settingsWith, until } from './stage.ts';

let own: TestDatabase;
let other: Database;
beforeAll(async () => {
  own = await createTestDatabase();
  other = await openDatabase(own.target);
});
afterAll(async () => {
  await other.close();
  await own.dispose();
});

const claim = { seconds: 60, furthest: 1000 };

async function setDue(name: string, due: string): Promise<void> {
  const { _service: service } = own.db.tables;
  await own.db.orm.update(service).set({ due }).where(eq(service.name, name));
}

test('of many that ask for a turn one gets it', async () => {
  await addServices(own.db, ['a']);
  const asked = Array.from({ length: 20 }, (_, i) => takeTurn(i % 2 ? own.db : other, 'a', `h${i}`, claim));
  const answers = await Promise.all(asked);
  expect(answers.filter(({ taken }) => taken)).toHaveLength(1);
  for (const { taken, dueIn } of answers) if (!taken) expect(dueIn).toBeCloseTo(60, -1);
});

test('a turn is kept by its holder, and taken over from one that has died', async () => {
  await addServices(own.db, ['b']);
  expect((await takeTurn(own.db, 'b', 'dead', claim)).taken).toBe(true);
  expect(await keepTurn(own.db, 'b', 'dead', 60)).toBe(true);
  expect((await takeTurn(other, 'b', 'alive', claim)).taken).toBe(false);
  await setDue('b', addSeconds(now(), -1));
  expect((await takeTurn(other, 'b', 'alive', claim)).taken).toBe(true);
  expect(await keepTurn(own.db, 'b', 'dead', 60)).toBe(false);
  // Nor does it end what isn't its own any more.
  await endTurn(own.db, 'b', 'dead', { due: now(), failure: null });
  expect((await takeTurn(own.db, 'b', 'third', claim)).taken).toBe(false);
});

test('a turn that is due further off than anybody would mean it is taken', async () => {
  await addServices(own.db, ['c']);
  await setDue('c', addSeconds(now(), 900));
  expect((await takeTurn(own.db, 'c', 'x', claim)).taken).toBe(false);
  await setDue('c', addSeconds(now(), 1100));
  expect((await takeTurn(own.db, 'c', 'x', claim)).taken).toBe(true);
});

test('a row that somebody has deleted is made again', async () => {
  expect((await takeTurn(own.db, 'd', 'x', claim)).taken).toBe(false);
  expect((await takeTurn(own.db, 'd', 'x', claim)).taken).toBe(true);
});

test('two runners share the turns: never two at once, none left out', async () => {
  const done: string[] = [];
  let [inside, most] = [0, 0];
  const service = (who: string): Service => ({
    name: 'shared',
    about: 'counts',
    setting: 'server.services.late_runs.enabled',
    enabled: () => true,
    intervalSeconds: () => 0.05,
    async turn() {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 10));
      inside--;
      done.push(who);
    },
  });
  const settings = settingsWith();
  const { log } = listeningLog();
  const one = startServices({ db: own.db, settings, log }, [service('one')]);
  const two = startServices({ db: other, settings, log }, [service('two')]);
  await until(() => done.length >= 20);
  const [report] = await one.report();
  await Promise.all([one.stop(), two.stop()]);
  expect(most).toBe(1);
  expect(report).toMatchObject({ name: 'shared', enabled: true, last_failure: null });
  expect(report!.last_finished).toMatch(/Z$/);
});

test('two servers mark each late run once', async () => {
  const flowId = (await createFlow(own.db, { name: 'flow' })).id;
  const { flow_run_state: states, events } = own.db.tables;
  const env = { PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS: '0.1' };
  const servers = await Promise.all([Serving.start(own, env), Serving.start(own, env)]);
  try {
    const scheduled_time = addSeconds(now(), -60);
    const make = async () => {
      const state = { type: 'SCHEDULED' as const, state_details: { scheduled_time } };
      await createFlowRun(own.db, { flow_id: flowId, state });
    };
    for (let i = 0; i < 40; i++) await make();
    const late = () => own.db.orm.select().from(states).where(eq(states.name, 'Late'));
    await until(async () => (await late()).length >= 40);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await late()).toHaveLength(40);
    const told = await own.db.orm.select().from(events).where(eq(events.event, 'prefect.flow-run.Late'));
    expect(told).toHaveLength(40);
    const ready = await fetch(`${servers[0]!.url}/ready?verbose`);
    const { services } = (await ready.json()) as { services: { name: string; last_finished: string }[] };
    expect(services.find(({ name }) => name === 'late_runs')?.last_finished).toMatch(/Z$/);
    expect((await Promise.all(servers.map((server) => server.terminate()))).map(({ code }) => code)).toEqual([
      0, 0,
    ]);
    expect(servers.flatMap(({ faults }) => faults)).toEqual([]);
  } finally {
    await Promise.all(servers.map((server) => server.remove()));
  }
});
