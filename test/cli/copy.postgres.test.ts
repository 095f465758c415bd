import { describe, expect, test } from 'vitest';
import { heads } from '../../src/migrations/run/status.ts';
import { upgrade } from '../../src/migrations/run/upgrade.ts';
import type { DatabaseTarget } from '../../src/settings/settings.ts';
import { copiedTables, databasesOfTest, differences, reporter, WAYS } from '../migrations/copy-databases.ts';
import { run } from '../migrations/inspect.ts';
import { Command, parseLines } from './process.ts';

const { empty, filled, migrated } = databasesOfTest();

/** As a user writes it. */
const urlOf = (target: DatabaseTarget): string => {
  if (target.backend === 'sqlite') return `sqlite+aiosqlite:///${target.file}`;
  const { host, port, user, database } = target;
  return `postgresql+asyncpg://${user}@${host}:${port}/${database}?ssl=disable`;
};

interface Copied {
  code: number | null;
  stdout: string;
  messages: string[];
}

async function copy(from: DatabaseTarget, to: DatabaseTarget, ...flags: string[]): Promise<Copied> {
  const command = new Command(['database', 'copy', '--from', urlOf(from), '--to', urlOf(to), ...flags]);
  try {
    const { code, stdout, stderr } = await command.ended;
    return { code, stdout, messages: parseLines(stderr).map(({ msg }) => msg) };
  } finally {
    await command.remove();
  }
}

/** With --json stdout is one document, whatever happens. */
async function document(from: DatabaseTarget, to: DatabaseTarget, ...flags: string[]) {
  const { code, stdout } = await copy(from, to, ...flags, '--json');
  return [code, JSON.parse(stdout)];
}

describe.each(WAYS)('from %s to %s', (one, other) => {
  const head = heads()[other === 'sqlite' ? 'sqlite' : 'pg']!;

  test('the document tells each table, its rows and both checksums', async () => {
    const [from, to] = [await filled(one), await empty(other)];
    const [code, report] = await document(from, to);
    expect([code, report]).toMatchObject([
      0,
      {
        ...{ revision: head.id, replaced: [], not_copied: [], changed_since: [], resumed_rows: 0 },
        rows: report.tables.length * 4,
      },
    ]);
    expect(report.source).toContain(one === 'sqlite' ? 'The SQLite database /' : 'The PostgreSQL database ');
    expect(report.target).toContain(
      other === 'sqlite' ? 'The SQLite database /' : 'The PostgreSQL database ',
    );
    expect(report.tables.length).toBeGreaterThan(30);
    for (const { table, rows, checksum } of report.tables) {
      expect([table, rows]).toEqual([table, 4]);
      expect(checksum.source).toMatch(/^[0-9a-f]{64}$/);
      expect(checksum.target).toBe(checksum.source);
    }
    expect(await differences(from, to)).toEqual([]);
  });

  test('the text has the same, without the empty tables', async () => {
    const [from, to] = [await migrated(one), await empty(other)];
    await run(from, "insert into variable (name, value) values ('a', '1')");
    const { code, stdout, messages } = await copy(from, to);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    const tables = await copiedTables();
    expect(lines[0]).toBe(`${tables - 1} tables are empty`);
    expect(lines[1]).toMatch(/^table +rows +source +target$/);
    expect(lines[2]).toMatch(/^variable +1 +([0-9a-f]{16}) +\1$/);
    expect(lines[3]).toMatch(new RegExp(` is the .* at revision ${head.id}: 1 rows, \\d+\\.\\d s$`));
    expect(messages).toContain(`copied 1 rows of ${tables} tables`);
  });

  test('a second copy into the same database is refused, with what to do', async () => {
    const [from, to] = [await filled(one), await empty(other)];
    expect((await copy(from, to)).code).toBe(0);
    const [code, { error }] = await document(from, to);
    expect([code, error]).toMatchObject([
      2,
      { code: 'not_ours', next: 'name an empty database with --to', exitCode: 2 },
    ]);
    expect(error.message).toContain(' holds rows already (in agent, artifact, artifact_collection, ...)');
  });

  test('what is behind is not copied', async () => {
    const [from, to] = [await empty(one), await empty(other)];
    await upgrade(from, { to: '+1', reporter });
    expect(await document(from, to)).toMatchObject([
      4,
      { error: { code: 'behind', next: expect.stringContaining('run prefect-server database upgrade') } },
    ]);
  });
});

test('characters that PostgreSQL has not are told, then replaced where that is asked for', async () => {
  const from = await migrated('sqlite');
  const to = await empty('postgres');
  await run(from, "insert into flow (name) values ('a' || char(0) || 'b')");
  const [code, { error }] = await document(from, to);
  expect([code, error]).toMatchObject([
    1,
    { code: 'copy', next: expect.stringContaining('add --replace-characters') },
  ]);
  const [second, report] = await document(from, to, '--replace-characters');
  expect([second, report]).toMatchObject([0, { replaced: [expect.stringContaining('flow.name ')] }]);
});

test('a missing flag, and a URL of another program, are told as wrong usage', async () => {
  const command = new Command(['database', 'copy', '--from', 'mysql://host/db', '--to', 'x', '--json']);
  const { code, stdout } = await command.ended;
  await command.remove();
  expect([code, JSON.parse(stdout)]).toMatchObject([
    2,
    { error: { code: 'setting', message: expect.stringContaining('--from') } },
  ]);
  const bare = new Command(['database', 'copy', '--to', 'x', '--json']);
  const ended = await bare.ended;
  await bare.remove();
  expect([ended.code, JSON.parse(ended.stdout)]).toMatchObject([2, { error: { code: 'usage' } }]);
});
