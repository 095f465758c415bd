import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ADOPTED } from '../../src/migrations/adopt/alembic.ts';
import { heads } from '../../src/migrations/run/status.ts';
import { run as execute, rows, tables } from '../migrations/inspect.ts';
import { createPrefects, FLOW_ID, PREFECT_HEAD } from '../migrations/prefects.ts';
import { dialect, type EmptyTarget } from '../support/engine.ts';
import { Command, environmentOf, parseLines } from './process.ts';
import { Terminal } from './terminal.ts';

const head = heads()[dialect === 'sqlite' ? 'sqlite' : 'pg']!;
const commands: Command[] = [];
let database: EmptyTarget;

beforeEach(async () => {
  database = await createPrefects();
});
afterEach(async () => {
  for (const command of commands.splice(0)) await command.remove();
  await database.dispose();
});

function command(args: string[], env: Record<string, string> = {}): Command {
  const made = new Command(args, { ...environmentOf(database.target), ...env });
  commands.push(made);
  return made;
}

async function run(...args: string[]) {
  const { code, stdout, stderr } = await command(['database', 'adopt', ...args]).ended;
  return { code, stdout, messages: parseLines(stderr).map(({ msg }) => msg) };
}

async function document(...args: string[]) {
  const { code, stdout } = await run(...args, '--json');
  return [code, JSON.parse(stdout)];
}

const terminal = (...args: string[]) =>
  new Terminal(['database', 'adopt', ...args], environmentOf(database.target));
const version = async (): Promise<unknown> =>
  (await rows(database.target, 'select version_num from alembic_version'))[0]!['version_num'];

async function staysPrefects(): Promise<void> {
  expect(await version()).toBe(PREFECT_HEAD);
  expect(await tables(database.target)).not.toContain('_migrations');
}

describe('without a terminal', () => {
  test('nothing is taken over without -y, with or without --json', async () => {
    const { code, messages } = await run();
    expect(code).toBe(6);
    expect(messages.at(-1)).toMatch(
      /was made by Prefect 3\.8\.8 and will be this server's, .*, and nobody is there to be asked: add -y to the command\.$/,
    );
    expect(await document()).toMatchObject([
      6,
      { error: { code: 'unconfirmed', next: 'add -y to the command', exitCode: 6 } },
    ]);
    await staysPrefects();
  });

  test('with -y it is taken over, and told in one document or one line', async () => {
    const [code, done] = await document('-y');
    expect([code, done]).toMatchObject([0, { adopted: true, revision: head.id, kept: [] }]);
    expect(done.backup === null).toBe(dialect === 'postgres');
    expect(await version()).toBe(ADOPTED);
    const again = await run();
    expect(again).toMatchObject({ code: 0, stdout: '' });
    expect(again.messages.at(-1)).toContain(`was this server's before, at revision ${head.id}`);
  });

  test('giving back wants a yes as well', async () => {
    await run('-y');
    expect(await document('--give-back')).toMatchObject([
      6,
      { error: { code: 'unconfirmed', message: expect.stringContaining("will be Prefect's own: ") } },
    ]);
    expect(await version()).toBe(ADOPTED);
    const { code, messages } = await run('--give-back', '-y');
    expect(code).toBe(0);
    expect(messages.at(-1)).toContain(
      `is Prefect's now, at its revision ${PREFECT_HEAD}: start Prefect 3.8.8 with it`,
    );
    await staysPrefects();
    expect(await document('--give-back')).toMatchObject([0, { given_back: false, reverted: [] }]);
  });
});

describe('on a terminal', () => {
  test('no is no', async () => {
    const asked = terminal();
    await asked.answer('Go on? [y/N] ', 'n');
    expect(await asked.end()).toBe(6);
    expect(asked.shown).toContain(
      'Nothing was done, since the answer was not yes: run the command again and answer y.',
    );
    await staysPrefects();
  });

  test('it is asked with what will happen, and done after a yes; so is giving it back', async () => {
    const asked = terminal();
    await asked.answer('Go on? [y/N] ', 'y');
    expect([await asked.end(), asked.shown]).toEqual([0, expect.stringContaining(`at revision ${head.id}`)]);
    expect(asked.shown).toContain('from then on Prefect refuses it until it is given back with --give-back');
    expect(asked.shown.includes('a copy to go back to is made by pg_dump')).toBe(dialect === 'postgres');
    expect(await version()).toBe(ADOPTED);

    const back = terminal('--give-back');
    await back.answer('Go on? [y/N] ', 'yes');
    expect([await back.end(), back.shown]).toEqual([0, expect.stringContaining("is Prefect's now")]);
    await staysPrefects();
  });

  test('with -y nothing is asked', async () => {
    const done = terminal('-y');
    expect([await done.end(), done.shown]).toEqual([0, expect.stringContaining("is this server's now")]);
    expect(done.shown).not.toContain('[y/N]');
  });

  test('a document is never mixed with a question', async () => {
    const refused = terminal('--json');
    expect(await refused.end()).toBe(6);
    expect(JSON.parse(refused.shown)).toMatchObject({ error: { code: 'unconfirmed' } });
    await staysPrefects();
  });
});

describe('start', () => {
  test('leaves it to Prefect unless it is told to adopt', async () => {
    const { code, stderr } = await command(['start', '--port', '0']).ended;
    expect(code).toBe(2);
    expect(parseLines(stderr).at(-1)!.msg).toMatch(
      /was made by Prefect itself and is left as it is: run prefect-server database adopt to take it over, or /,
    );
    await staysPrefects();
  });

  test('--adopt takes it over, serves what it holds, and from then on is as start', async () => {
    const first = command(['start', '--port', '0', '--adopt']);
    const { url, applied } = await first.served();
    expect((applied as string[]).at(-1)).toBe(head.id);
    expect(await (await fetch(`${url}/flows/${FLOW_ID}`)).json()).toMatchObject({ name: 'ours?' });
    first.child.kill('SIGTERM');
    await first.ended;
    expect(await version()).toBe(ADOPTED);
    const again = command(['start', '--port', '0', '--adopt']);
    expect(await again.served()).toMatchObject({ applied: [], revision: head.id });
  });

  test('--adopt --migrate-only ends when it is done, also where a server may not migrate', async () => {
    const env = { PREFECT_API_DATABASE_MIGRATE_ON_START: 'false' };
    const { code, stderr } = await command(['start', '--adopt', '--migrate-only'], env).ended;
    expect([code, parseLines(stderr).at(-1)!.msg]).toEqual([
      0,
      expect.stringContaining(`is up to date, at revision ${head.id}`),
    ]);
    expect(await version()).toBe(ADOPTED);
  });

  test('--adopt says in one sentence why it is not taken over', async () => {
    await execute(database.target, "update alembic_version set version_num = '0123456789ab'");
    const { code, stderr } = await command(['start', '--port', '0', '--adopt']).ended;
    expect(code).toBe(3);
    expect(parseLines(stderr).at(-1)!.msg).toContain(
      `run prefect server database downgrade -y -r ${PREFECT_HEAD} with that version`,
    );
  });
});
