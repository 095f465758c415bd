import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SchemaModules } from '../../src/migrations/generate/dialect.ts';
import { pgGenerator } from '../../src/migrations/pg/generate/generate.ts';
import { cases, doubled, type PgCase, seed } from './pg-cases.ts';
import { createScratch, kitStatements, type Scratch } from './pg-scratch.ts';

let scratch: Scratch;
beforeAll(async () => {
  scratch = await createScratch();
});
afterAll(() => scratch.dispose());

async function statements(from: SchemaModules, to: SchemaModules, online: boolean): Promise<string[]> {
  const [old, next] = [await pgGenerator.snapshot(from), await pgGenerator.snapshot(to)];
  const planned = await pgGenerator.statements(old, next, { online });
  for (const statement of planned) expect(statement).not.toContain('"public"');
  return planned;
}

/** The catalog of a schema that drizzle-kit builds from nothing: none of ours has a part in it. */
async function factsOf(modules: SchemaModules): Promise<string[]> {
  await scratch.begin();
  await scratch.run(await kitStatements({}, modules));
  return scratch.facts();
}

async function seeded({ from, rows = [] }: PgCase, online: boolean): Promise<void> {
  await scratch.begin();
  await scratch.run(await statements({}, from, online));
  await scratch.run([...seed, ...rows]);
}

const family =
  'select id, parent_id::text from child union all select id, parent_id::text from friend order by 1';

describe.each([
  { how: 'in one transaction', online: false },
  { how: 'online', online: true },
])('what changes $how', ({ online }) => {
  it.each(cases)('leads to the new schema and back when $what', async (one) => {
    const [before, after] = [await factsOf(one.from), await factsOf(one.to)];
    await seeded(one, online);
    expect(await scratch.facts()).toEqual(before);
    const relatives = await scratch.rows(family);
    const how = online ? 'one by one' : 'one transaction';
    await scratch.run(await statements(one.from, one.to, online), how);
    expect(await scratch.facts()).toEqual(after);
    if (one.gives) expect(await scratch.rows(one.gives[0])).toEqual(one.gives[1]);
    expect(await scratch.rows(family)).toHaveLength(relatives.length);
    await scratch.run(await statements(one.to, one.from, online), how);
    expect(await scratch.facts()).toEqual(before);
    expect(await scratch.rows(family)).toEqual(relatives);
  });
});

it('makes every key of a new table, though another has the same columns', async () => {
  await scratch.begin();
  await scratch.run(await statements({}, doubled, false));
  const keys = (await scratch.facts()).filter((fact) => /: (unique|primary key) /.test(fact));
  expect(keys).toEqual([
    'other: primary key pk (a, b)',
    'other: unique uq_c (c)',
    'other: unique uq_c_too (c)',
    'other: unique uq_like_key (a, b)',
  ]);
});

describe("drizzle-kit's own statements", () => {
  it.each(cases)('lead to the same, or are known not to, when $what', async (one) => {
    const after = await factsOf(one.to);
    await seeded(one, false);
    const own = async () => {
      await scratch.run(await kitStatements(one.from, one.to));
      return scratch.facts();
    };
    const leadsThere = await own().then(
      (facts) => isDeepStrictEqual(facts, after),
      () => false,
    );
    expect(leadsThere).toBe(!one.kitFails);
  });
});
