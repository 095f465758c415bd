/** The unchanged Prefect client against our server; one test a scenario of the Python programs. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createServerDatabase } from '../oracle/database.ts';
import { type ServerProcess, startOurs } from '../oracle/server.ts';
import { ensureVenv } from '../oracle/venv.ts';
import type { EngineName } from '../support/engine.ts';
import { type Outcome, runProgram, scenariosOf } from './program.ts';

const PROGRAMS = ['runs', 'values', 'observing', 'processes', 'command_line'];
/** Of a server that runs already, to try the scenarios themselves: the real Prefect passes them too. */
const GIVEN = process.env['CLIENT_TEST_API_URL'];

export function clientSuite(engine: EngineName): void {
  let url: string;
  let stop = async () => {};
  let output = () => '';

  beforeAll(async () => {
    await ensureVenv();
    if (GIVEN) {
      url = GIVEN;
      return;
    }
    const { database, dispose } = await createServerDatabase(engine);
    const server: ServerProcess = await startOurs({ database });
    url = server.url;
    output = server.output;
    stop = async () => {
      await server.stop();
      await dispose();
    };
  }, 600_000);

  afterAll(() => stop());

  for (const program of PROGRAMS) {
    describe(program, () => {
      let outcome: Outcome;
      beforeAll(async () => {
        outcome = await runProgram(program, url, engine);
      });
      test.each(scenariosOf(program))('%s', (name) => {
        const failure = outcome.failures.get(name);
        if (failure === null) return;
        expect.fail(`${failure ?? 'The program did not get here.'}\n${outputOf(name, outcome)}`);
      });
    });
  }

  test('the server reported no error', () => {
    const errors = output()
      .split('\n')
      .filter((line) => /"level":"(error|fatal)"/.test(line));
    expect(errors).toEqual([]);
  });
}

const SHOWN = 8000;

/** What the program printed during one scenario, or all of it where the scenario was not reached. */
function outputOf(name: string, { output }: Outcome): string {
  const start = output.indexOf(`=== ${name}\n`);
  const end = output.indexOf('\n=== ', start + 1);
  const part = start < 0 ? output : output.slice(start, end < 0 ? undefined : end);
  return part.slice(-SHOWN);
}
