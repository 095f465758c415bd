import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/open.ts';
import { copyDatabase } from '../../src/migrations/copy/copy.ts';
import { diagnose } from '../../src/migrations/doctor/doctor.ts';
import { upgrade } from '../../src/migrations/run/upgrade.ts';
import type { DatabaseTarget } from '../../src/settings/settings.ts';
import { asSuperuser, postgresTarget, uniqueName } from '../support/engine.ts';
import { databasesOfTest, reporter } from './copy-databases.ts';
import { rows, run, tables } from './inspect.ts';
import { refusal } from './refusal.ts';

const { migrated } = databasesOfTest();

const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** A row with one value that is nothing for its column; what is said of it; who minds. */
const WRONG: [table: string, column: string, value: string, what: string, who: 'all' | 'servers' | 'pg'][] = [
  ['flow', 'name', "cast(x'61ff' as text)", 'has bytes that are no UTF-8', 'all'],
  ['flow', 'name', "cast(x'61eda080' as text)", 'has bytes that are no UTF-8', 'all'],
  ['flow', 'name', "x'6162'", 'is no text', 'all'],
  ['flow', 'name', "'a' || char(0) || 'b'", 'has a NUL character', 'pg'],
  ['flow', 'id', `'${id(0)}' || char(0)`, 'is no uuid in lower case', 'all'],
  ['flow', 'id', `cast('${id(1)}' as blob)`, 'is no uuid in lower case', 'all'],
  ['flow', 'created', "'2026-13-01 00:00:00.000000'", 'is no moment', 'all'],
  ['flow', 'created', "'2026-01-00 00:00:00.000000'", 'is no moment', 'all'],
  ['flow', 'created', "'2026-01-01 24:00:00.000000'", 'is no moment', 'all'],
  ['flow', 'created', "'0000-01-01 00:00:00.000000'", 'is no moment', 'all'],
  ['flow', 'created', "'2026-01-01 00:00:00.000000' || char(0)", 'is no moment', 'all'],
  ['flow', 'created', '1767225600', 'is no moment', 'all'],
  ['flow', 'tags', `cast(x'5b22ff225d' as text)`, 'has bytes that are no UTF-8', 'all'],
  ['flow', 'tags', "'[]' || char(0)", 'has a NUL character', 'pg'],
  ['flow', 'tags', "'[NaN]'", 'is no JSON', 'servers'],
  ['flow', 'tags', `'["\\udc00"]'`, "has an escape that stands for no character of PostgreSQL's", 'pg'],
  ['flow', 'labels', "'[1e131073]'", 'has a number that PostgreSQL can not hold', 'pg'],
  ['concurrency_limit_v2', 'slot_decay_per_second', '9e999', 'is no finite number', 'all'],
  ['concurrency_limit_v2', 'slot_decay_per_second', "'much'", 'is no finite number', 'all'],
  ['concurrency_limit_v2', '"limit"', "'many'", 'is no integer', 'all'],
  ['concurrency_limit_v2', '"limit"', '2147483648', 'is out of range', 'pg'],
  ['concurrency_limit_v2', 'active', '7', 'is neither true nor false', 'all'],
  ['flow_run', 'total_run_time', "'later'", 'is no duration', 'all'],
  ['flow_run', 'total_run_time', "'2400-01-01 00:00:00.000000'", 'is longer than 285 years', 'all'],
  ['flow_run', 'state_type', "'ASLEEP'", 'is none of the values of state_type', 'servers'],
];

/** Nothing is wrong with these, however near they are. */
const RIGHT: [table: string, column: string, value: string][] = [
  ['flow', 'name', "'\uFFFD \u{1F98A} \u0301' || char(1)"],
  ['flow', 'created', "'2024-02-29 23:59:59.999999'"],
  ['flow', 'created', "'2026-01-01T00:00:00Z'"],
  ['flow', 'tags', `'["\\ud83e\\udd8a", "\uFFFD"]'`],
  ['flow', 'labels', `printf('%.*c1%.*c', 1500, '[', 1500, ']')`],
  ['flow', 'labels', '9007199254740993'],
  ['concurrency_limit_v2', 'slot_decay_per_second', '1e308'],
  ['flow_run', 'total_run_time', '0'],
  ['flow_run', 'total_run_time', '12.5'],
];

const NEEDED: Record<string, Record<string, string>> = {
  flow: {},
  concurrency_limit_v2: {
    '"limit"': '1',
    active: '1',
    active_slots: '0',
    denied_slots: '0',
    slot_decay_per_second: '0',
    avg_slot_occupancy_seconds: '1',
  },
  flow_run: { flow_id: `'${id(999)}'`, state_type: "'COMPLETED'" },
};

function insertion(
  [table, column, value]: readonly [string, string, string, ...unknown[]],
  n: number,
): string {
  const named = table === 'flow' || table === 'flow_run' || table === 'concurrency_limit_v2';
  const values: Record<string, string> = {
    id: `'${id(n + 100)}'`,
    ...(named ? { name: `'n${n}'` } : {}),
    ...NEEDED[table],
    [column]: value,
  };
  return `insert into ${table} (${Object.keys(values).join(', ')}) values (${Object.values(values).join(', ')})`;
}

const count = (who: (typeof WRONG)[number][4][]): Map<string, number> => {
  const told = new Map<string, number>();
  for (const [table, column, , what, whose] of WRONG) {
    const key = `${table}.${column.replaceAll('"', '')} ${what}`;
    if (who.includes(whose)) told.set(key, (told.get(key) ?? 0) + 1);
  }
  return told;
};

/** What a refused copy says of each column: how many rows. */
async function toldBy(from: DatabaseTarget, to: DatabaseTarget): Promise<Map<string, number>> {
  const lines: string[] = [];
  await refusal(copyDatabase(from, to, { reporter: { line: (line) => lines.push(line) } }), 'copy', 1);
  expect(await tables(to)).not.toContain('_copy');
  const found = lines.flatMap((line) => /^(.*) in (\d+) rows? \((.*)\)$/.exec(line) ?? []);
  const told = new Map<string, number>();
  for (let i = 0; i < found.length; i += 4) {
    told.set(found[i + 1]!, (told.get(found[i + 1]!) ?? 0) + Number(found[i + 2]));
    expect(found[i + 3]).toContain('00000000-0000-4000-8000-');
  }
  return told;
}

describe('values that are none of their columns', () => {
  test('in SQLite are told by a copy and by the doctor, each with its rows', async () => {
    const from = await migrated('sqlite');
    await run(from, 'pragma foreign_keys = off', insertion(['flow', 'id', `'${id(999)}'`], 0));
    await run(from, ...[...WRONG, ...RIGHT].map(insertion));
    expect(await toldBy(from, await migrated('postgres'))).toEqual(count(['all', 'servers', 'pg']));
    expect(await toldBy(from, await migrated('sqlite'))).toEqual(count(['all']));

    const { findings } = await diagnose(from, { deep: true });
    const values = findings.filter(({ code }) => code.startsWith('value.'));
    const minded = (severity: string) => {
      const told = new Map<string, number>();
      for (const { object, problem } of values.filter((one) => one.severity === severity)) {
        const [, column, table] = /^column (\w+) of (\w+)$/.exec(object)!;
        const [, what, n] = /^(.*) in (\d+) rows? \(/.exec(problem)!;
        told.set(`${table}.${column} ${what}`, (told.get(`${table}.${column} ${what}`) ?? 0) + Number(n));
      }
      return told;
    };
    expect(minded('error')).toEqual(count(['all', 'servers']));
    expect(minded('notice')).toEqual(count(['pg']));
    expect(values.map(({ advice }) => advice)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /^look at it with SELECT \* FROM "flow" WHERE "id" IN \('[^)]*'\), and correct/,
        ),
        expect.stringMatching(
          /^leave it, unless you mean to copy the database to PostgreSQL.*--replace-characters$/,
        ),
      ]),
    );
    expect((await diagnose(from)).findings).toEqual(
      findings.filter(({ code }) => code === 'rows.orphaned' || code.startsWith('file.')),
    );
  });

  test('but are only near to it are carried, and bytes that are no UTF-8 where that is asked for', async () => {
    const [from, to] = [await migrated('sqlite'), await migrated('postgres')];
    await run(from, insertion(['flow', 'id', `'${id(999)}'`], 0));
    await run(from, ...[WRONG[0]!, ...RIGHT].map(insertion));
    const { replaced } = await copyDatabase(from, to, { reporter, replaceCharacters: true });
    expect(replaced).toEqual([`flow.name has bytes that are no UTF-8 in 1 row (${id(100)})`]);
    expect(await rows(to, "select name from flow where name like 'a%'")).toEqual([{ name: 'a\uFFFD' }]);
    expect(await rows(to, "select labels::text as text from flow where labels::text like '9%'")).toEqual([
      { text: '9007199254740993' },
    ]);
  });

  test('in PostgreSQL are told by a copy and by the doctor', async () => {
    const from = await migrated('postgres');
    await run(
      from,
      `insert into flow (id, name, created) values ('${id(1)}', 'f', '0044-03-15 BC'), ('${id(2)}', 'g', '2026-01-01')`,
      `insert into concurrency_limit_v2 (id, name, "limit", active, active_slots, denied_slots, slot_decay_per_second, avg_slot_occupancy_seconds)
        values ('${id(3)}', 'a', 1, true, 0, 0, 'NaN', 1), ('${id(4)}', 'b', 1, true, 0, 0, 1, '-Infinity')`,
      `insert into flow_run (id, name, flow_id, total_run_time) values ('${id(5)}', 'r', '${id(2)}', '300 years')`,
    );
    const told = [
      `concurrency_limit_v2.avg_slot_occupancy_seconds is no finite number in 1 row (${id(4)})`,
      `concurrency_limit_v2.slot_decay_per_second is no finite number in 1 row (${id(3)})`,
      `flow.created is no moment of the years 1 to 9999 in 1 row (${id(1)})`,
      `flow_run.total_run_time is longer than 285 years in 1 row (${id(5)})`,
    ];
    const lines: string[] = [];
    const noting = { line: (line: string) => void lines.push(line) };
    await refusal(copyDatabase(from, await migrated('sqlite'), { reporter: noting }), 'copy', 1);
    expect(lines.filter((line) => line.includes(' in 1 row '))).toEqual(told);
    const { findings } = await diagnose(from, { deep: true });
    expect(
      findings
        .map(
          ({ code, object, problem }) =>
            `${code} ${object.replace(/column (\w+) of (\w+)/, '$2.$1')} ${problem}`,
        )
        .sort(),
    ).toEqual(told.map((line) => `value.wrong ${line}`));
    const message = await refusal(copyDatabase(from, await migrated('postgres'), { reporter }), 'copy', 1);
    expect(message).toContain(`(${told[3]}): correct them`);
  });

  test("the first and the last moment, as Prefect's driver writes them on PostgreSQL, are read and carried", async () => {
    const [from, to] = [await migrated('postgres'), await migrated('sqlite')];
    await run(
      from,
      `insert into flow (id, name, created, updated) values ('${id(1)}', 'f', '-infinity', 'infinity')`,
    );
    const [first, last] = ['0001-01-01T00:00:00.000000Z', '9999-12-31T23:59:59.999999Z'];
    await copyDatabase(from, to, { reporter });
    for (const target of [from, to]) {
      const db = await openDatabase(target);
      const { flow } = db.tables;
      expect(await db.orm.select({ first: flow.created, last: flow.updated }).from(flow)).toEqual([
        { first, last },
      ]);
      await db.close();
    }
    expect((await diagnose(from, { deep: true })).findings).toEqual([]);
  });

  test('in PostgreSQL without an encoding are told, and nothing is copied to such a database', async () => {
    const name = uniqueName('ascii');
    const target = postgresTarget(name);
    await asSuperuser((client) =>
      client.query(`create database ${name} encoding 'SQL_ASCII' locale 'C' template template0`),
    );
    try {
      const to = await migrated('sqlite');
      const message = await refusal(copyDatabase(to, target, { reporter }), 'not_ours', 2);
      expect(message).toContain(
        "keeps its text as SQL_ASCII, which hasn't all characters: make a database with ENCODING 'UTF8'",
      );
      expect(await tables(target)).toEqual([]);
      await upgrade(target, { reporter });
      await run(target, `insert into flow (id, name) values ('${id(1)}', e'a\\xff'), ('${id(2)}', 'b')`);
      expect(await refusal(copyDatabase(target, to, { reporter }), 'copy', 1)).toContain(
        `(flow.name has bytes of no known encoding in 1 row (${id(1)}))`,
      );
    } finally {
      await asSuperuser((client) => client.query(`drop database ${name}`));
    }
  });
});
