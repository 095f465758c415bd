import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DatabaseUnavailable } from '../../src/db/errors.ts';
import { startServices } from '../../src/services/runner.ts';
import type { Service } from '../../src/services/service.ts';
import { services } from '../../src/services/services.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { listeningLog, settingsWith, until } from './stage.ts';

let own: TestDatabase;
beforeAll(async () => {
  own = await createTestDatabase();
});
afterAll(() => own.dispose());

let number = 0;

/** A service of the test's own, under a name that no other test has. */
function make(turn: Service['turn'], intervalSeconds = 0.02): Service {
  const name = `test_${number++}`;
  return {
    name,
    about: 'does what the test says',
    setting: 'server.services.late_runs.enabled',
    enabled: ({ server }) => server.services.lateRuns.enabled,
    intervalSeconds: () => intervalSeconds,
    turn,
  };
}

function start(...all: Service[]) {
  const { log, lines } = listeningLog();
  return { runner: startServices({ db: own.db, settings: settingsWith(), log }, all), lines };
}

describe('a runner', () => {
  test('does turn after turn, one at a time, and says when', async () => {
    let [turns, inside, most] = [0, 0, 0];
    const service = make(async () => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside--;
      turns++;
    });
    const { runner } = start(service);
    await until(() => turns >= 3);
    const [report] = await runner.report();
    await runner.stop();
    expect(most).toBe(1);
    expect(report).toMatchObject({ name: service.name, enabled: true, last_failure: null });
    expect(report!.last_started).toMatch(/Z$/);
    const after = turns;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(turns).toBe(after);
  });

  test('comes again at once while there is more to do', async () => {
    let turns = 0;
    const { runner } = start(make(async () => (++turns < 50 ? 'more' : undefined), 3600));
    await until(() => turns >= 50);
    await runner.stop();
    expect(turns).toBe(50);
  });

  test('waits longer after each error, says why, and goes on', async () => {
    const moments: number[] = [];
    const failing = make(async () => {
      moments.push(performance.now());
      if (moments.length <= 4) throw new Error('no luck');
    });
    let turns = 0;
    const other = make(async () => {
      turns++;
    });
    const { runner, lines } = start(failing, other);
    await until(() => moments.length === 3);
    const status = (await runner.report()).find(({ name }) => name === failing.name);
    await until(() => lines.some(({ msg }) => msg === 'works again'));
    await until(() => turns > 5);
    await runner.stop();
    expect(status!.last_failure).toBe('no luck');
    const pauses = moments.slice(1, 5).map((moment, i) => moment - moments[i]!);
    expect(pauses[3]).toBeGreaterThan(0.9 * 160);
    expect(pauses[2]).toBeGreaterThan(0.9 * 80);
    const said = lines.filter(({ module, level }) => module === failing.name && level === 50);
    expect(said).toHaveLength(4);
    expect(said[0]!.msg).toMatch(/^a turn failed; tries again in /);
  });

  test('says in one line that the database is away', async () => {
    const service = make(async () => {
      throw new DatabaseUnavailable('It is away.');
    });
    const { runner, lines } = start(service);
    await until(() => lines.some(({ level }) => level === 40));
    await runner.stop();
    expect(lines.find(({ level }) => level === 40)).toMatchObject({ reason: 'It is away.' });
    expect(lines.some(({ level }) => level >= 50)).toBe(false);
  });

  test('ends the turn in hand when it is stopped, and tells it so', async () => {
    let [begun, ended] = [false, false];
    const { runner } = start(
      make(async ({ stopping }) => {
        begun = true;
        await new Promise<void>((resolve) => stopping.addEventListener('abort', () => resolve()));
        await new Promise((resolve) => setTimeout(resolve, 50));
        ended = true;
      }),
    );
    await until(() => begun);
    await runner.stop();
    expect(ended).toBe(true);
  });

  test('runs nothing that is switched off', async () => {
    let turns = 0;
    const service = make(async () => {
      turns++;
    });
    const settings = settingsWith({ PREFECT_SERVER_SERVICES_LATE_RUNS_ENABLED: 'false' });
    const runner = startServices({ db: own.db, settings, log: listeningLog().log }, [service]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await runner.report()).toMatchObject([{ enabled: false, running: false, last_started: null }]);
    await runner.stop();
    expect(turns).toBe(0);
  });
});

test('every service has a name of its own, a setting that switches it and an interval', () => {
  const settings = settingsWith();
  expect(new Set(services.map(({ name }) => name)).size).toBe(services.length);
  for (const service of services) {
    expect(service.intervalSeconds(settings), service.name).toBeGreaterThan(0);
    expect(settings.sourceOf(service.setting), service.name).toBe('default');
    expect(typeof service.enabled(settings)).toBe('boolean');
  }
});
