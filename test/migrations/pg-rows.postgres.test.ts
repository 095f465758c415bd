import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  customType,
  date,
  doublePrecision,
  integer,
  interval,
  jsonb,
  numeric,
  type PgColumnBuilderBase,
  pgEnum,
  pgTable,
  smallint,
  text,
  time,
  timestamp,
  unique,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chainFolder, readChain } from '../../src/migrations/chain/revisions.ts';
import type { SchemaModules } from '../../src/migrations/generate/dialect.ts';
import { pgGenerator } from '../../src/migrations/pg/generate/generate.ts';
import { createScratch, type Scratch } from './pg-scratch.ts';

let scratch: Scratch;
beforeAll(async () => {
  scratch = await createScratch();
});
afterAll(() => scratch.dispose());
beforeEach(() => scratch.begin());

async function plan(from: SchemaModules, to: SchemaModules, online = false): Promise<string[]> {
  return pgGenerator.statements(await pgGenerator.snapshot(from), await pgGenerator.snapshot(to), { online });
}

const one = (column?: PgColumnBuilderBase, others: SchemaModules = {}): SchemaModules => ({
  t: pgTable('t', { id: integer(), ...(column ? { value: column } : {}) }),
  ...others,
});
const bytes = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });
const mood = (...values: [string, ...string[]]) => pgEnum('mood', values);
const utc = "timestamptz '2026-01-02 03:04:05.678901+00'";

describe('a value that its column', () => {
  const cases: [
    what: string,
    from: PgColumnBuilderBase,
    value: string,
    to: PgColumnBuilderBase,
    text: string,
  ][] = [
    ['text to integer', text(), "'12'", integer(), '12'],
    ['integer to text', integer(), '12', text(), '12'],
    ['integer to short text', integer(), '12', varchar({ length: 2 }), '12'],
    ['integer to bigint', integer(), '12', bigint({ mode: 'number' }), '12'],
    ['double to integer, a half to the even one', doublePrecision(), '2.5', integer(), '2'],
    [
      'numeric to a smaller scale',
      numeric({ precision: 9, scale: 4 }),
      '1.2345',
      numeric({ precision: 9, scale: 1 }),
      '1.2',
    ],
    ['boolean to integer', boolean(), 'true', integer(), '1'],
    ['boolean to smallint', boolean(), 'true', smallint(), '1'],
    ['boolean to double', boolean(), 'true', doublePrecision(), '1'],
    ['bigint to boolean', bigint({ mode: 'number' }), '5000000000', boolean(), 'true'],
    ['text to boolean', text(), "'yes'", boolean(), 'true'],
    ['boolean to text', boolean(), 'false', text(), 'false'],
    [
      'text to uuid',
      text(),
      "'5F0C6F1E6A1D4C8E9D3E0123456789AB'",
      uuid(),
      '5f0c6f1e-6a1d-4c8e-9d3e-0123456789ab',
    ],
    ['text to JSON', text(), `'{"a": 1}'`, jsonb(), '{"a": 1}'],
    ['JSON to text', jsonb(), `'{"a": 1}'`, text(), '{"a": 1}'],
    ['text to bytes', text(), "'ü\\x'", bytes(), '\\xc3bc5c78'],
    ['bytes to text', bytes(), "'\\xc3bc5c78'", text(), 'ü\\x'],
    ['zoned to zoneless', timestamp({ withTimezone: true }), utc, timestamp(), '2026-01-02 03:04:05.678901'],
    [
      'zoneless to zoned',
      timestamp(),
      "'2026-01-02 03:04:05'",
      timestamp({ withTimezone: true }),
      '2026-01-02 12:04:05+09',
    ],
    ['zoned to date', timestamp({ withTimezone: true }), "'2026-01-02 20:00:00+00'", date(), '2026-01-02'],
    ['zoned to time', timestamp({ withTimezone: true }), "'2026-01-02 20:00:00+00'", time(), '20:00:00'],
    ['date to zoned', date(), "'2026-01-02'", timestamp({ withTimezone: true }), '2026-01-02 09:00:00+09'],
    ['date to zoneless', date(), "'2026-01-02'", timestamp(), '2026-01-02 00:00:00'],
    ['interval to seconds', interval(), "'1 minute 1.5 seconds'", doublePrecision(), '61.5'],
    ['seconds to interval', doublePrecision(), '61.5', interval(), '00:01:01.5'],
    ['text to an array', text(), "'{1,2}'", integer().array(), '{1,2}'],
    ['an array of text to one of integers', text().array(), "'{1,2}'", integer().array(), '{1,2}'],
  ];
  it.each(cases)('has had keeps its meaning: %s', async (_what, from, value, to, text) => {
    await scratch.run(await plan({}, one(from)));
    await scratch.run([`insert into t values (1, ${value}), (2, null)`, "set timezone = 'Asia/Tokyo'"]);
    await scratch.run(await plan(one(from), one(to)));
    expect(await scratch.rows('select value::text from t order by id')).toEqual([
      { value: text },
      { value: null },
    ]);
    await scratch.run(['set timezone = utc']);
  });

  it('joins an enumeration, and changes to another one', async () => {
    const [a, b] = [mood('ok', 'sad'), pgEnum('state', ['sad', 'ok'])];
    const steps = [one(text()), one(a('value'), { a }), one(b('value'), { b }), one(text())];
    await scratch.run([...(await plan({}, steps[0]!)), "insert into t values (1, 'ok')"]);
    for (const [at, step] of steps.slice(1).entries()) await scratch.run(await plan(steps[at]!, step));
    expect(await scratch.rows('select value from t')).toEqual([{ value: 'ok' }]);
  });
});

describe('what would lose or break a row', () => {
  async function failing(
    from: SchemaModules,
    rows: string,
    to: SchemaModules,
    online = false,
  ): Promise<string> {
    await scratch.run([...(await plan({}, from)), `insert into t ${rows}`]);
    const before = await scratch.rows('select * from t');
    const how = online ? 'one by one' : 'one transaction';
    const error = await scratch.run(await plan(from, to, online), how).then(
      () => 'nothing',
      (reason: Error) => reason.message,
    );
    expect(await scratch.rows('select * from t')).toEqual(before);
    return error;
  }

  it('fails by name when rows hold a value that an enumeration loses', async () => {
    const [old, next] = [mood('ok', 'sad'), mood('ok')];
    const error = await failing(
      one(old('value'), { old }),
      "values (1, 'ok'), (2, 'sad')",
      one(next('value'), { next }),
    );
    expect(error).toBe('invalid input value for enum mood: "sad"');
  });

  it('fails when a column without a default must have a value, and there are rows', async () => {
    expect(await failing(one(), 'values (1)', one(text().notNull()))).toMatch(
      /^column "value" of relation "t" contains null values$/,
    );
    await scratch.begin();
    expect(await failing(one(text()), 'values (1, null)', one(text().notNull()))).toMatch(
      /contains null values/,
    );
  });

  it('fails when a text is too long for its new type, and cuts nothing', async () => {
    expect(await failing(one(text()), "values (1, 'long')", one(varchar({ length: 3 })))).toBe(
      'value too long for type character varying(3)',
    );
  });

  it('fails when a value has no counterpart in the new type', async () => {
    expect(await failing(one(text()), "values (1, 'x')", one(integer()))).toBe(
      'invalid input syntax for type integer: "x"',
    );
  });

  it('fails online when old rows are against a new check or a new unique constraint', async () => {
    const checked = pgTable('t', { id: integer(), value: text() }, () => [check('ck', sql`value <> 'x'`)]);
    expect(await failing(one(text()), "values (1, 'x')", { t: checked }, true)).toMatch(
      /check constraint "ck" of relation "t" is violated by some row/,
    );
    await scratch.begin();
    const single = pgTable('t', { id: integer(), value: text() }, (t) => [unique('uq').on(t.value)]);
    expect(await failing(one(text()), "values (1, 'x'), (2, 'x')", { t: single }, true)).toBe(
      'could not create unique index "uq"',
    );
  });

  it('fails before a table goes that something unplanned depends on', async () => {
    await scratch.run([...(await plan({}, one(text()))), 'create view mine as select * from t']);
    await expect(scratch.run(await plan(one(text()), {}))).rejects.toThrow('cannot drop table t');
  });
});

describe('the chain in the repository', () => {
  it('is built alike by statements planned anew', async () => {
    const [first] = readChain(chainFolder('pg'));
    await scratch.run(first!.statements);
    const built = await scratch.facts();
    const file = join(chainFolder('pg'), first!.folder, 'snapshot.json');
    const snapshot = JSON.parse(readFileSync(file, 'utf8'));
    const nothing = await pgGenerator.snapshot({});
    await scratch.begin();
    await scratch.run(await pgGenerator.statements(nothing, snapshot));
    expect(await scratch.facts()).toEqual(built);
    await scratch.run(await pgGenerator.statements(snapshot, nothing), 'one transaction');
    expect(await scratch.facts()).toEqual(['extension pg_trgm']);
  });
});
