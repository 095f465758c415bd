import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ensureVenv, PREFECT, ROOT } from '../oracle/venv.ts';

const TSX = import.meta.resolve('tsx');
const exec = promisify(execFile);

let home: string;
beforeAll(ensureVenv);
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'profiles-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

async function run(command: string, args: string[]): Promise<string> {
  const env = { PATH: process.env['PATH'], HOME: home, PREFECT_HOME: home, COLUMNS: '200', NO_COLOR: '1' };
  const { stdout } = await exec(command, args, { cwd: home, env });
  return stdout;
}

const prefect = (...args: string[]) => run(PREFECT, args);
const ours = (...args: string[]) =>
  run(process.execPath, ['--import', TSX, join(ROOT, 'src/main.ts'), ...args]);
/** Prefect has no order of its own for what is set at once. */
const file = () => readFileSync(join(home, 'profiles.toml'), 'utf8').split('\n').sort();

const ODD = 'postgresql+asyncpg://u:p"a\\s#@h/ä';

test('what one writes the other reads, and both write the same', async () => {
  const set = [
    'config',
    'set',
    `PREFECT_API_DATABASE_CONNECTION_URL=${ODD}`,
    'PREFECT_SERVER_API_PORT=4300',
    'PREFECT_API_URL=http://x/api',
  ];
  await prefect(...set);
  const byPrefect = file();
  rmSync(join(home, 'profiles.toml'));
  await ours(...set);
  expect(file()).toEqual(byPrefect);

  // Prefect hides a secret as a whole, where we show a URL without its password.
  const settings = async (run: typeof ours) =>
    JSON.parse(await run('config', 'view', '--show-secrets', '-o', 'json'));
  const theirs = await settings(prefect);
  expect((await settings(ours)).settings).toEqual(theirs.settings);
  expect((await settings(ours)).profile).toBe(theirs.profile);
  expect((await ours('config', 'view')).split('\n').filter((line) => !line.includes('DATABASE'))).toEqual(
    (await prefect('config', 'view')).split('\n').filter((line) => !/DATABASE|connected|^http/.test(line)),
  );

  await ours('profile', 'create', 'b c');
  await ours('profile', 'use', 'b c');
  await prefect('config', 'set', 'PREFECT_API_URL=http://y/api');
  expect(await ours('profile', 'inspect')).toBe("PREFECT_API_URL='http://y/api'\n");
  expect(JSON.parse(await ours('profile', 'ls', '-o', 'json'))).toEqual(
    JSON.parse(await prefect('profile', 'ls', '-o', 'json')),
  );
  await ours('config', 'unset', 'PREFECT_API_URL');
  expect(await prefect('profile', 'inspect', 'b c')).toContain('is empty');
});
