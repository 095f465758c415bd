import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chainFolder, readChain } from '../../src/migrations/chain/revisions.ts';
import { heads } from '../../src/migrations/run/status.ts';
import { createEmptyTarget, createMigratedTarget, dialect } from '../support/database.ts';
import type { EmptyTarget } from '../support/engine.ts';
import { Command, environmentOf, parseLines } from './process.ts';

let database: EmptyTarget;
afterEach(() => database.dispose());

interface Ran {
  code: number | null;
  stdout: string;
  /** What the log says, and with which sentence it ends. */
  messages: string[];
}

async function run(...args: string[]): Promise<Ran> {
  const command = new Command(['database', ...args], environmentOf(database.target));
  try {
    const { code, stdout, stderr } = await command.ended;
    return { code, stdout, messages: parseLines(stderr).map(({ msg }) => msg) };
  } finally {
    await command.remove();
  }
}

/** With --json stdout is one document, whatever happens. */
async function document(...args: string[]): Promise<[number | null, Record<string, unknown>]> {
  const { code, stdout } = await run(...args, '--json');
  return [code, JSON.parse(stdout)];
}

const CHAIN = readChain(chainFolder(dialect === 'sqlite' ? 'sqlite' : 'pg'));
const head = heads()[dialect === 'sqlite' ? 'sqlite' : 'pg']!;
const twin = heads()[dialect === 'sqlite' ? 'pg' : 'sqlite']!;

describe('an empty database', () => {
  beforeEach(async () => {
    database = await createEmptyTarget();
  });

  test('is looked at without being made', async () => {
    expect(await run('current')).toMatchObject({ code: 0, stdout: `base, ${CHAIN.length} pending\n` });
    expect(await document('current')).toMatchObject([
      0,
      { revision: null, pending: CHAIN.map(({ id }) => ({ id })) },
    ]);
    expect((await document('check'))[0]).toBe(4);
    const [code, refused] = await document('upgrade');
    expect([code, refused]).toMatchObject([
      6,
      { error: { code: 'unconfirmed', next: 'add -y to the command' } },
    ]);
    if (database.target.backend === 'sqlite') expect(existsSync(database.target.file)).toBe(false);
  });

  test('is brought up to date, a line a revision, and told so in one document', async () => {
    const [code, done] = await document('upgrade', '-y', '-r', '+1');
    expect([code, done]).toMatchObject([0, { applied: [{ name: 'initial' }], backup: null }]);
    const rest = await run('upgrade', '-y');
    expect(rest).toMatchObject({ code: 0, stdout: '' });
    const left = CHAIN.length - 1;
    const told = rest.messages.map((line) =>
      /^applied (\w{12}) .*\d+ statements, \d+ ms.* \d+ of (\d+)/.exec(line),
    );
    expect(told.flatMap((found) => (found ? [[found[1], found[2]]] : []))).toEqual(
      CHAIN.slice(1).map(({ id }) => [id, String(left)]),
    );
    expect(await document('current')).toMatchObject([
      0,
      { revision: head.id, name: head.slug, pending: [], unknown: [] },
    ]);
    expect(await document('upgrade', '-y')).toMatchObject([0, { revision: head.id, applied: [] }]);
  });
});

describe('a database at the head', () => {
  beforeEach(async () => {
    database = await createMigratedTarget();
  });

  test('is fine for check and doctor', async () => {
    expect(await document('check')).toMatchObject([0, { revision: head.id, findings: [] }]);
    expect(await document('doctor')).toMatchObject([0, { findings: [], fixed: [] }]);
    expect((await run('check')).stdout).toMatch(/ is at the head, \w{12}, and as it should be\.\n$/);
  });

  test('goes one revision back, as Prefect does, and forward to a revision by its twin', async () => {
    expect((await run('downgrade')).code).toBe(6);
    expect(await document('downgrade', '-y')).toMatchObject([0, { reverted: [{ id: head.id }] }]);
    expect((await document('check'))[0]).toBe(4);
    expect(await document('upgrade', '-y', '-r', twin.id.slice(0, 6))).toMatchObject([
      0,
      { revision: head.id },
    ]);
  });

  test('loses data only after two yeses', async () => {
    const [code, { error }] = await document('downgrade', '-y', '-r', 'base');
    expect([code, error]).toMatchObject([
      6,
      { code: 'refused', next: expect.stringContaining('--accept-data-loss') },
    ]);
    expect(await document('downgrade', '-y', '-r', 'base', '--accept-data-loss')).toMatchObject([
      0,
      { revision: null },
    ]);
    expect(await document('reset', '-y')).toMatchObject([0, { revision: head.id }]);
  });

  test('has a history, with the twins', async () => {
    const [code, { revisions }] = await document('history');
    expect([code, (revisions as unknown[]).at(-1)]).toMatchObject([
      0,
      { id: head.id, twin: twin.id, known: true },
    ]);
    const { stdout } = await run('history');
    expect(stdout.split('\n')[1]).toMatch(new RegExp(`^${head.id}  ${twin.id}  \\d{4}-`));
  });

  test('is stamped only on purpose', async () => {
    expect((await document('stamp', 'base'))[0]).toBe(6);
    const [code, stamped] = await document('stamp', head.parent!, '-y');
    expect([code, stamped]).toMatchObject([0, { revision: head.parent, removed: [head.id] }]);
    expect(await document('stamp', 'head', '-y')).toMatchObject([0, { revision: head.id, added: [head.id] }]);
  });

  test('an unknown revision is told apart from a wrong one', async () => {
    expect(await document('upgrade', '-y', '-r', 'f00')).toMatchObject([
      2,
      { error: { code: 'unknown_revision', next: 'see prefect-server database history' } },
    ]);
    expect((await document('downgrade', '-y', '-r', '-99'))[0]).toBe(2);
  });
});

describe('without a database', () => {
  beforeEach(async () => {
    database = await createEmptyTarget();
  });

  test.each(['sqlite', 'postgresql'])('the SQL of %s is printed, both ways', async (engine) => {
    const up = await run('upgrade', '--dry-run', '--dialect', engine);
    expect(up).toMatchObject({ code: 0, messages: [] });
    expect(up.stdout).toMatch(/^-- \w{12} \(initial\)\n/);
    expect(up.stdout).toContain('CREATE TABLE');
    const one = await run('downgrade', '--dry-run', '--dialect', engine);
    expect(one.stdout).toMatch(/^-- Back from \w{12} /);
    const all = await document('downgrade', '--dry-run', '--dialect', engine, '-r', 'head:base');
    expect(all).toMatchObject([0, { sql: expect.stringContaining('DROP TABLE "flow_run"') }]);
  });

  test('the heads of both chains are known', async () => {
    expect(await document('heads')).toMatchObject([
      0,
      expect.arrayContaining([
        expect.objectContaining({ revision: head.id }),
        expect.objectContaining({ revision: twin.id }),
      ]),
    ]);
  });
});

test('the dry run of a database begins where it is', async () => {
  database = await createMigratedTarget();
  expect((await run('upgrade', '--dry-run')).stdout).toBe('-- Nothing to do.\n');
  expect((await run('downgrade', '--dry-run')).stdout).toMatch(new RegExp(`^-- Back from ${head.id} `));
  expect(await document('current')).toMatchObject([0, { revision: head.id }]);
});

test('a database in memory is no database for a command', async () => {
  database = await createEmptyTarget();
  const env = { PREFECT_API_DATABASE_CONNECTION_URL: 'sqlite+aiosqlite:///:memory:' };
  const command = new Command(['database', 'current', '--json'], env);
  const { code, stdout } = await command.ended;
  await command.remove();
  expect([code, JSON.parse(stdout)]).toMatchObject([
    2,
    {
      error: {
        code: 'in_memory',
        message: 'A database in memory is gone when the command ends: set PREFECT_DATABASE_PATH to a file.',
      },
    },
  ]);
});
