/** The unchanged Prefect client against our server: every scenario of every program is a test of its own. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureVenv } from '../oracle/venv.ts';
import type { EngineName } from '../support/engine.ts';
import { runOutOf } from './leases.ts';
import { type ProgramRun, runProgram, scenariosOf } from './program.ts';
import { isOracle, openStage, type Stage } from './stage.ts';

const PROGRAMS = [
  'runs',
  'failures',
  'tasks',
  'values',
  'logs',
  'artifacts_and_events',
  'variables',
  'blocks',
  'client_calls',
  'pauses',
  'processes',
  'command_line',
  'workers',
  'deployments',
  'schedules',
];

/** Nobody waits for minutes, and logs are streamed. */
const OFTEN = {
  PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS: '1',
  PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_LOOP_SECONDS: '1',
  PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_LOOP_SECONDS: '1',
  PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_CANCELLING_TIMEOUT_SECONDS: '2',
  PREFECT_SERVER_LOGS_STREAM_OUT_ENABLED: 'true',
  PREFECT_SERVER_LOGS_STREAM_PUBLISHING_ENABLED: 'true',
};

const AUTH_STRING = 'admin:a secret: with colons';

export function clientSuite(engine: EngineName): void {
  const env = { DATABASE: engine, SERVER: isOracle ? 'prefect' : 'ours' };
  let stage: Stage;

  beforeAll(async () => {
    await ensureVenv();
    stage = await openStage(engine);
  });
  afterAll(() => stage?.dispose());

  for (const program of PROGRAMS) {
    scenarios(program, () => runProgram(program, { url: stage.url, env }));
  }

  scenarios('restart', () => runProgram('restart', { url: stage.url, env, onOutput: restartOf(stage) }));

  scenarios('authorized', async () => {
    const guarded = await openStage(engine, { PREFECT_SERVER_API_AUTH_STRING: AUTH_STRING });
    try {
      const credentials = { PREFECT_API_AUTH_STRING: AUTH_STRING };
      return await runProgram('authorized', { url: guarded.url, env: { ...env, ...credentials } });
    } finally {
      await guarded.dispose();
    }
  });

  scenarios('concurrency', async () => {
    const impatient = await openStage(engine, { PREFECT_SERVER_SERVICES_REPOSSESSOR_LOOP_SECONDS: '1' });
    try {
      const onOutput = runOutOf(impatient.target);
      return await runProgram('concurrency', { url: impatient.url, env, onOutput });
    } finally {
      await impatient.dispose();
    }
  });

  scenarios('services', async () => {
    const eager = await openStage(engine, OFTEN);
    try {
      return await runProgram('services', { url: eager.url, env });
    } finally {
      await eager.dispose();
    }
  });

  if (isOracle) return;
  test('the server has logged no fault of its own', () => {
    const lines = stage.output().split('\n');
    expect(lines.some((line) => line.startsWith('{"level":"info"'))).toBe(true);
    expect(lines.filter((line) => /^\{"level":"(error|fatal)"/.test(line))).toEqual([]);
  });
}

function scenarios(program: string, run: () => Promise<ProgramRun>): void {
  describe(program, () => {
    let outcome: ProgramRun;
    beforeAll(async () => {
      outcome = await run();
    });
    test.each(scenariosOf(program))('%s', (name) => outcome.assertPassed(name));
  });
}

/** Stops the server when the program says so, starts it again a moment later, and tells the program by files in its home. */
function restartOf(stage: Stage): (output: string, home: string) => void {
  let begun = false;
  const restart = async (home: string) => {
    await stage.stop();
    writeFileSync(join(home, 'stopped'), '');
    await sleep(1500);
    await stage.start();
    writeFileSync(join(home, 'started'), '');
  };
  return (output, home) => {
    if (begun || !output.includes('RESTART THE SERVER')) return;
    begun = true;
    restart(home).catch((error: unknown) => writeFileSync(join(home, 'broken'), String(error)));
  };
}
