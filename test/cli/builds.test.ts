import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { tables } from '../migrations/inspect.ts';
import { createMigratedTarget } from '../support/database.ts';
import type { EmptyTarget } from '../support/engine.ts';
import { head, LAST, NEXT, NewerBuild } from './newer-build.ts';
import { Command, environmentOf, parseLines } from './process.ts';

let newer: NewerBuild;
beforeAll(() => {
  newer = new NewerBuild();
});
afterAll(() => newer.dispose());

let database: EmptyTarget;
const commands: Command[] = [];
beforeEach(async () => {
  database = await createMigratedTarget();
});
afterEach(async () => {
  for (const command of commands.splice(0)) await command.remove();
  await database.dispose();
});

function run(args: string[], env: Record<string, string> = {}, program?: string[]): Command {
  const command = new Command(args, { ...environmentOf(database.target), ...env }, program);
  commands.push(command);
  return command;
}

test('an older build refuses what a newer one has made, and the command that it names brings it back', {
  timeout: 120_000,
}, async () => {
  expect((await run(['start', '--migrate-only'], {}, newer.program).ended).code).toBe(0);
  const refused = await run(['start', '--port', '0']).ended;
  const message = parseLines(refused.stderr).at(-1)!.msg;
  expect(refused.code).toBe(3);
  expect(message).toContain(`${NEXT} (next), ${LAST} (last), none of them breaking: run `);
  const [, words] =
    /: run prefect-server (database downgrade -r \w+), or install version \S+ or a newer one\.$/.exec(
      message,
    )!;
  // On a terminal it asks; here nobody is there to be asked.
  expect((await run(words!.split(' ')).ended).code).toBe(6);
  expect((await run([...words!.split(' '), '-y']).ended).code).toBe(0);
  expect(await tables(database.target)).not.toContain('next');
  const checked = await run(['database', 'doctor', '--json']).ended;
  expect([checked.code, JSON.parse(checked.stdout)]).toMatchObject([0, { findings: [] }]);
  expect(
    await run(['start', '--port', '0'], { PREFECT_API_DATABASE_MIGRATE_ON_START: 'false' }).served(),
  ).toMatchObject({
    revision: head.id,
  });
  const behind = await run(
    ['start', '--port', '0'],
    { PREFECT_API_DATABASE_MIGRATE_ON_START: 'false' },
    newer.program,
  ).ended;
  expect(behind.code).toBe(4);
  expect(parseLines(behind.stderr).at(-1)!.msg).toMatch(
    new RegExp(
      `behind .* by the 2 revisions, the first one ${NEXT} \\(next\\): run prefect-server database upgrade\\.$`,
    ),
  );
});
