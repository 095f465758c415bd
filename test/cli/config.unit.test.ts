import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { Command, parseLines } from './process.ts';

const commands: Command[] = [];
let home: string;
afterEach(async () => {
  for (const command of commands.splice(0)) await command.remove();
});

interface Ran {
  code: number | null;
  stdout: string;
  message: string;
}

/** Runs a command in the home of the first one. */
async function run(args: string[], env: Record<string, string> = {}): Promise<Ran> {
  const command = new Command(args, { ...(commands.length > 0 ? { PREFECT_HOME: home } : {}), ...env });
  if (commands.length === 0) home = join(command.folder, '.prefect');
  commands.push(command);
  const { code, stdout, stderr } = await command.ended;
  return { code, stdout, message: parseLines(stderr).at(-1)?.msg ?? '' };
}

const file = (): string => readFileSync(join(home, 'profiles.toml'), 'utf8');

test('what is set is written into the profile, shown, and unset again', async () => {
  const url = 'postgresql+asyncpg://me:hunter2@db/flows';
  const set = await run([
    'config',
    'set',
    'PREFECT_API_URL=http://x/api',
    `PREFECT_API_DATABASE_CONNECTION_URL=${url}`,
  ]);
  expect(set.code).toBe(0);
  expect(set.stdout + set.message).not.toContain('hunter2');
  expect(file()).toBe(`active = "ephemeral"

[profiles.ephemeral]
PREFECT_SERVER_EPHEMERAL_ENABLED = "true"
PREFECT_API_URL = "http://x/api"
PREFECT_SERVER_DATABASE_CONNECTION_URL = "${url}"
`);
  const { stdout } = await run(['config', 'view'], { PREFECT_SERVER_API_PORT: '4300' });
  expect(stdout.split('\n')).toEqual([
    "PREFECT_PROFILE='ephemeral'",
    "PREFECT_API_URL='http://x/api' (from profile)",
    `PREFECT_HOME='${home}' (from env)`,
    "PREFECT_SERVER_API_PORT='4300' (from env)",
    "PREFECT_SERVER_DATABASE_CONNECTION_URL='postgresql+asyncpg://me:***@db/flows' (from profile)",
    "PREFECT_SERVER_EPHEMERAL_ENABLED='true' (from profile)",
    '',
  ]);
  expect((await run(['config', 'view', '--show-secrets', '--hide-sources'])).stdout).toContain(
    `PREFECT_SERVER_DATABASE_CONNECTION_URL='${url}'\n`,
  );
  const all = JSON.parse((await run(['config', 'view', '--show-defaults', '-o', 'json'])).stdout);
  expect(all.settings).toContainEqual({ name: 'PREFECT_SERVER_API_PORT', value: '4200', source: 'defaults' });

  expect((await run(['config', 'unset', 'PREFECT_API_DATABASE_CONNECTION_URL'])).code).toBe(0);
  expect(file()).not.toContain('hunter2');
});

describe('what is refused changes nothing', () => {
  test.each([
    [
      ['config', 'set', 'PREFECT_SERVER_API_PRT=1'],
      2,
      'PREFECT_SERVER_API_PRT is no setting: did you mean PREFECT_SERVER_API_PORT?',
    ],
    [
      ['config', 'set', 'PREFECT_SERVER_API_PORT=x'],
      2,
      'PREFECT_SERVER_API_PORT must be a whole number from 0 to 65535.',
    ],
    [
      ['config', 'set', 'PREFECT_SERVER_API_PORT'],
      2,
      '"PREFECT_SERVER_API_PORT" has no value: write it as NAME=value.',
    ],
    [['config', 'set', 'PREFECT_HOME=/x'], 2, 'set it in the environment.'],
    [['config', 'set', 'PREFECT_DATABASE_PATH=/x'], 2, 'set PREFECT_SERVER_DATABASE_CONNECTION_URL instead.'],
    [['config', 'unset', 'PREFECT_API_URL'], 1, "PREFECT_API_URL isn't set in profile ephemeral"],
    [['profile', 'use', 'none'], 1, 'There is no profile none: see prefect-server profile ls.'],
  ])('%j', async (args, exitCode, sentence) => {
    const { code, message } = await run(args);
    expect(message).toContain(sentence);
    expect(code).toBe(exitCode);
    expect(() => file()).toThrow('ENOENT');
  });
});

test('a wrong setting in the profile can be put right', async () => {
  await run(['version']);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'profiles.toml'), 'active = "a"\n\n[profiles.a]\nPREFECT_SERVER_API_PORT = "x"\n');
  expect((await run(['config', 'view'])).code).toBe(2);
  expect((await run(['config', 'unset', 'PREFECT_SERVER_API_PORT'])).code).toBe(0);
  expect((await run(['config', 'view'])).code).toBe(0);
});

test('profiles are made, used, renamed and deleted', async () => {
  await run(['profile', 'create', 'one']);
  await run(['profile', 'use', 'one']);
  await run(['config', 'set', 'PREFECT_SERVER_API_PORT=4300']);
  await run(['profile', 'create', 'two', '--from', 'one']);
  await run(['profile', 'rename', 'two', '__proto__']);
  expect((await run(['profile', 'ls'])).stdout).toBe('* one\n  __proto__\n');
  await run(['profile', 'rename', '__proto__', 'two']);
  expect((await run(['profile', 'ls'])).stdout).toBe('* one\n  two\n');
  expect((await run(['profile', 'delete', 'one'])).code).toBe(1);
  await run(['profile', 'rename', 'one', 'three']);
  await run(['profile', 'delete', 'two']);
  expect(JSON.parse((await run(['profile', 'ls', '--json'])).stdout)).toEqual([
    { name: 'three', active: true },
  ]);
  expect((await run(['profile', 'inspect'])).stdout).toBe("PREFECT_SERVER_API_PORT='4300'\n");
});

test('a profile that is named and not there is told, and is not made by the way', async () => {
  await run(['profile', 'create', 'a']);
  const before = file();
  const asked = { PREFECT_PROFILE: 'nope' };
  for (const args of [
    ['config', 'set', 'PREFECT_API_URL=http://q/api'],
    ['config', 'view'],
    ['profile', 'inspect'],
  ])
    expect(await run(args, asked)).toMatchObject({
      code: 2,
      message: `PREFECT_PROFILE="nope" (environment) names a profile that isn't in ${home}/profiles.toml: it has a.`,
    });
  expect(file()).toBe(before);
  expect((await run(['profile', 'ls'], asked)).stdout).toBe('  a\n');
  writeFileSync(join(home, 'profiles.toml'), 'active = "gone"\n\n[profiles.a]\n');
  const set = await run(['config', 'set', 'PREFECT_SERVER_API_PORT=4300']);
  expect(set).toMatchObject({ code: 0, stdout: 'PREFECT_SERVER_API_PORT is set in profile ephemeral.\n' });
  expect(set.message).toBe(
    `${home}/profiles.toml says that "gone" is the active profile, but has none of that name, so that ephemeral counts: run prefect-server profile use with one that is there.`,
  );
  const { stdout } = await run(['config', 'view']);
  expect(stdout).toContain("PREFECT_PROFILE='ephemeral'\n");
  expect(stdout).toContain("PREFECT_SERVER_API_PORT='4300' (from profile)\n");
});

test('values without quotes are shown as Prefect does, and what is no profile is told', async () => {
  await run(['profile', 'ls']);
  mkdirSync(home, { recursive: true });
  const ephemeral =
    '[profiles.ephemeral]\nPREFECT_SERVER_UI_ENABLED = true\nPREFECT_SERVER_API_PORT = 4300\n';
  writeFileSync(join(home, 'profiles.toml'), ephemeral);
  const { stdout } = await run(['config', 'view']);
  expect(stdout).toContain("PREFECT_SERVER_UI_ENABLED='True' (from profile)\n");
  expect(stdout).toContain("PREFECT_SERVER_API_PORT='4300' (from profile)\n");
  for (const odd of ['profiles = 3\n', '[profiles]\na = 3\n']) {
    writeFileSync(join(home, 'profiles.toml'), odd);
    for (const args of [
      ['config', 'set', 'PREFECT_API_URL=x'],
      ['config', 'view'],
      ['profile', 'use', 'a'],
    ])
      expect(await run(args)).toMatchObject({
        code: 2,
        message: `The settings file ${home}/profiles.toml has something else than [profiles.NAME] where profiles are: correct or remove it.`,
      });
  }
});
