import { expect, test } from 'vitest';
import { tables } from '../migrations/inspect.ts';
import { head, LAST, NEXT, useBuilds } from './newer-build.ts';
import { parseLines } from './process.ts';

const builds = useBuilds();
const { run } = builds;

test('an older build refuses what a newer one has made, and the command that it names brings it back', {
  timeout: 120_000,
}, async () => {
  expect((await run(['start', '--migrate-only'], {}, builds.newer.program).ended).code).toBe(0);
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
  expect(await tables(builds.target)).not.toContain('next');
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
    builds.newer.program,
  ).ended;
  expect(behind.code).toBe(4);
  expect(parseLines(behind.stderr).at(-1)!.msg).toMatch(
    new RegExp(
      `behind .* by the 2 revisions, the first one ${NEXT} \\(next\\): run prefect-server database upgrade\\.$`,
    ),
  );
});
