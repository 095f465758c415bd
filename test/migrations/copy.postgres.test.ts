import { linkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/open.ts';
import { copyDatabase } from '../../src/migrations/copy/copy.ts';
import { requireMigrated, upgrade } from '../../src/migrations/run/upgrade.ts';
import type { DatabaseTarget } from '../../src/settings/settings.ts';
import type { EngineName } from '../support/engine.ts';
import { copyInProcess } from './copy-child.ts';
import { copiedTables, databasesOfTest, expectWhole, reporter, WAYS } from './copy-databases.ts';
import { rows, run, tables } from './inspect.ts';
import { refusal } from './refusal.ts';

const { empty, filled, migrated } = databasesOfTest();

describe('rows of every table', () => {
  test.each<[EngineName, EngineName]>([...WAYS, ['sqlite', 'sqlite'], ['postgres', 'postgres']])(
    'from %s to %s',
    async (one, other) => {
      const [from, to] = [await filled(one), await empty(other)];
      const report = await copyDatabase(from, to, { reporter });
      expect(report).toMatchObject({ changedSince: [], left: [], replaced: [], resumedRows: 0 });
      expect(report.tables).toHaveLength(await copiedTables());
      for (const { table, rows: count, checksum } of report.tables) {
        expect([table, count]).toEqual([table, 4]);
        expect(checksum.target).toBe(checksum.source);
      }
      await expectWhole(from, to);
    },
  );

  test('and back again, they are what they were', { timeout: 180_000 }, async () => {
    const [from, through, to] = [await filled('sqlite'), await empty('postgres'), await empty('sqlite')];
    const there = await copyDatabase(from, through, { reporter });
    const back = await copyDatabase(through, to, { reporter });
    expect(back.tables.map(({ checksum }) => checksum.target)).toEqual(
      there.tables.map(({ checksum }) => checksum.source),
    );
    await expectWhole(from, to);
  });
});

describe('a target', () => {
  test('with rows, or with tables of another program, is left as it is', async () => {
    const [from, to] = [await filled('sqlite'), await filled('postgres')];
    const copied = copyDatabase(from, to, { reporter });
    expect(await refusal(copied, 'not_ours', 2)).toContain(
      'holds rows already (in agent, artifact, artifact_collection, ...)',
    );
    const other = await empty('postgres');
    await run(other, 'create table ledger (id int)');
    expect(await refusal(copyDatabase(from, other, { reporter }), 'not_ours', 2)).toContain(
      'holds tables of another program (ledger)',
    );
    expect(await tables(other)).toEqual(['ledger']);
  });

  test('with our tables and no row will do', async () => {
    const [from, to] = [await filled('postgres'), await empty('sqlite')];
    await upgrade(to, { to: '+1', reporter });
    await copyDatabase(from, to, { reporter });
    await expectWhole(from, to);
  });

  test('that is the source is refused, by whatever address', async () => {
    const file = (await migrated('sqlite')) as DatabaseTarget & { backend: 'sqlite' };
    const second = { ...file, file: `${file.file}-linked` };
    linkSync(file.file, second.file);
    for (const one of [file, second])
      expect(await refusal(copyDatabase(file, one, { reporter }), 'not_ours', 2)).toContain('onto itself');
    const server = (await filled('postgres')) as DatabaseTarget & { backend: 'postgres' };
    const alias = { ...server, host: 'localhost' };
    expect(await refusal(copyDatabase(server, alias, { reporter }), 'not_ours', 2)).toContain('onto itself');
  });

  test('that is the unfinished copy of another database is refused', async () => {
    const [one, another, to] = [await filled('sqlite'), await filled('sqlite'), await empty('postgres')];
    expect(await copyInProcess({ from: one, to, killAt: 60 })).toBeNull();
    expect(await refusal(copyDatabase(another, to, { reporter }), 'not_ours', 2)).toContain(
      `an unfinished copy of another database, the SQLite database ${(one as { file: string }).file}`,
    );
  });

  test('that a server uses is refused', async () => {
    const [from, to] = [await filled('sqlite'), await migrated('postgres')];
    const db = await openDatabase(to);
    await db.ping();
    expect(await refusal(copyDatabase(from, to, { reporter }), 'locked', 7)).toMatch(
      /^Nothing was copied, since .* is in use by .*: stop it, then copy again\.$/,
    );
    await db.close();
    let started: Promise<string> | undefined;
    const progress = ({ name }: { name: string }) => {
      if (name === 'checking') started ??= refusal(requireMigrated(to), 'interrupted', 1);
    };
    await copyDatabase(from, to, { reporter: { ...reporter, progress } });
    expect(await started).toContain('is an unfinished copy of');
  });
});

describe('a source', () => {
  test('that is behind, empty or not there is refused', async () => {
    const to = await empty('postgres');
    const nothing = await empty('sqlite');
    expect(await refusal(copyDatabase(nothing, to, { reporter }), 'not_ours', 2)).toMatch(
      /^Nothing was copied, since the .* isn't there: correct --from\.$/,
    );
    const bare = await empty('postgres');
    expect(await refusal(copyDatabase(bare, nothing, { reporter }), 'not_ours', 2)).toMatch(
      /^Nothing was copied, since the .* is empty: correct --from\.$/,
    );
    const behind = await migrated('sqlite');
    await run(behind, 'delete from _migrations where parent is not null');
    expect(await refusal(copyDatabase(behind, to, { reporter }), 'behind', 4)).toMatch(
      / is behind this version of prefect-server by \d+ revisions: set PREFECT_DATABASE_URL to it and run prefect-server database upgrade, then copy it\.$/,
    );
    const changed = await migrated('sqlite');
    await run(changed, 'alter table log drop column message');
    expect(
      await refusal(copyDatabase(changed, await empty('postgres'), { reporter }), 'changed', 5),
    ).toContain('has no column message in log: run prefect-server database doctor on it, then copy it.');
    expect(await tables(to)).toEqual([]);
  });

  const ID = '00000000-0000-4000-8000-000000000001';
  const flow = (values: string) => `insert into flow (id, name, tags, labels) values ('${ID}', ${values})`;

  test.each([
    ["'a' || char(0) || 'b', '[]', '{}'", 'flow.name has a NUL character in 1 row'],
    [`'a', '["\\u0000"]', '{}'`, "flow.tags has an escape that stands for no character of PostgreSQL's"],
    [`'a', '["\\ud800"]', '{}'`, 'flow.tags has an escape that stands'],
  ])('that holds %s', async (values, told) => {
    const [from, to] = [await migrated('sqlite'), await empty('postgres')];
    await run(from, flow(values));
    const message = await refusal(copyDatabase(from, to, { reporter }), 'copy', 1);
    expect(message).toContain(`${told}`);
    expect(message).toContain(ID);
    const { replaced } = await copyDatabase(from, to, { reporter, replaceCharacters: true });
    expect(replaced).toHaveLength(1);
    const [row] = await rows(to, 'select name || tags as text from flow');
    expect(String(row!['text'])).toContain('\uFFFD');
  });

  test('whose values are of other types than their columns is refused, each with its row', async () => {
    const [from, to] = [await migrated('sqlite'), await empty('postgres')];
    await run(
      from,
      'pragma foreign_keys = off',
      `insert into flow (id, name, tags, created) values ('${ID.toUpperCase().replace(/1$/, 'A')}', 'a', '[]', '2026-02-30 00:00:00.000000')`,
      `insert into variable (id, name, value, tags) values ('${ID}', 'v', '1', '[]')`,
      `insert into log (id, name, level, message, timestamp) values ('${ID}', 'l', 100000, 'm', 'now')`,
      `insert into deployment (id, name, flow_id, paused, status) values ('${ID}', 'd', '${ID}', 'maybe', 'ASLEEP')`,
    );
    const lines: string[] = [];
    await refusal(copyDatabase(from, to, { reporter: { line: (line) => lines.push(line) } }), 'copy', 1);
    const told = lines
      .filter((line) => / in \d+ rows? /.test(line))
      .map((line) => line.replace(/ in 1 row .*/, ''));
    expect(told).toEqual(
      expect.arrayContaining([
        'flow.id is no uuid in lower case',
        'flow.created is no moment',
        'log.level is out of range',
        'log.timestamp is no moment',
        'deployment.paused is neither true nor false',
        'deployment.status is none of the values of deployment_status',
        'deployment.flow_id refers to nothing in flow',
      ]),
    );
  });
});

test('moments with any number of digits, and what jsonb writes otherwise, are the same', async () => {
  const [from, to] = [await migrated('sqlite'), await empty('postgres')];
  const id = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;
  const moments = ['03.000000', '03.100000', '03.120000', '03.123000', '03.123400', '03.123450', '03.123456'];
  const documents = [
    '{"b": 1, "a": 1, "b": 2}',
    '-0.0',
    '1e16',
    '1.50',
    '[1E-7]',
    '1e500',
    '"\\u00e9\\ud83e\\udd8a"',
  ];
  await run(
    from,
    ...moments.map(
      (second, n) =>
        `insert into variable (id, name, value, tags, created) values ('${id(n)}', 'v${n}', cast('${documents[n]}' as blob), '[]', '2026-01-02 03:04:${second}')`,
    ),
  );
  const { tables: copied } = await copyDatabase(from, to, { reporter });
  expect(copied.find(({ table }) => table === 'variable')).toMatchObject({ rows: 7 });
});
