import { sql } from 'drizzle-orm';
import {
  check,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  serial,
  text,
  unique,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Rename, SchemaModules, Snapshot } from '../../src/migrations/generate/dialect.ts';
import { pgGenerator } from '../../src/migrations/pg/generate/generate.ts';
import { createScratch, kitStatements, type Scratch } from './pg-scratch.ts';

let scratch: Scratch;
beforeAll(async () => {
  scratch = await createScratch();
});
afterAll(() => scratch.dispose());

interface Names {
  team: string;
  title: string;
  number: string;
}

/** Two tables in which the names of a table and of columns stand wherever they can. */
function schema({ team, title, number }: Names): SchemaModules {
  const teams = pgTable(
    team,
    {
      id: serial().primaryKey(),
      title: text(title),
      number: integer(number).generatedByDefaultAsIdentity(),
      loud: text().generatedAlwaysAs(sql.raw(`upper("${title}") || '${title}'`)),
      captain_id: integer(),
    },
    (t) => [
      unique().on(t.title),
      index().on(t.title, t.number),
      uniqueIndex('ix_partial').on(sql`lower(${t.title})`).where(sql`${t.title} <> 'title'`),
      check(
        'ck_title',
        sql`${t.title} <> 'team.title' and ${sql.raw(title)} <> '' and length(${t.title}) > 0`,
      ),
      foreignKey({ columns: [t.captain_id], foreignColumns: [t.id] }),
    ],
  );
  const member = pgTable(
    'member',
    { team_id: integer().references(() => teams.id, { onDelete: 'cascade' }), title: text(), name: text() },
    (t) => [
      primaryKey({ columns: [t.team_id, t.name] }),
      foreignKey({ name: 'fk_title', columns: [t.title], foreignColumns: [teams.title] }),
      check('ck_member', sql`${t.title} <> 'x'`),
    ],
  );
  return { teams, member };
}

const old: Names = { team: 'team', title: 'title', number: 'number' };
const cases: { what: string; names: Names; renames: Rename[] }[] = [
  {
    what: 'a table',
    names: { ...old, team: 'crew' },
    renames: [{ kind: 'table', from: 'team', to: 'crew' }],
  },
  {
    what: 'columns',
    names: { ...old, title: 'caption', number: 'Order' },
    renames: [
      { kind: 'column', table: 'team', from: 'title', to: 'caption' },
      { kind: 'column', table: 'team', from: 'number', to: 'Order' },
    ],
  },
  {
    what: 'a table and then its columns',
    names: { team: 'crew', title: 'caption', number: 'place' },
    renames: [
      { kind: 'table', from: 'team', to: 'crew' },
      { kind: 'column', table: 'crew', from: 'title', to: 'caption' },
      { kind: 'column', table: 'crew', from: 'number', to: 'place' },
    ],
  },
];

const inverse = (renames: Rename[]): Rename[] =>
  renames.toReversed().map((rename) => ({ ...rename, from: rename.to, to: rename.from }));

/** Values in quotes are no names: none of them may change. */
const rows = [
  "insert into team (title, captain_id) values ('a', 1), ('b', null)",
  "insert into member values (1, 'a', 'x'), (2, 'b', 'y')",
];
const family = 'select team_id, title, name from member order by 1';

async function factsOf(modules: SchemaModules): Promise<string[]> {
  await scratch.begin();
  await scratch.run(await kitStatements({}, modules));
  return scratch.facts();
}

/** Nothing is dropped or built for a name. */
function expectRenamesOnly(statements: string[]): void {
  for (const statement of statements) expect(statement).toMatch(/^ALTER (TABLE|INDEX|SEQUENCE) .* RENAME /);
}

describe('renaming', () => {
  it.each(cases)('$what takes along what is named after it, and back', async ({ names, renames }) => {
    const [before, after] = [await factsOf(schema(old)), await factsOf(schema(names))];
    const [from, to]: [Snapshot, Snapshot] = [
      await pgGenerator.snapshot(schema(old)),
      await pgGenerator.snapshot(schema(names)),
    ];
    await scratch.begin();
    await scratch.run([...(await pgGenerator.statements(await pgGenerator.snapshot({}), from)), ...rows]);

    const renamed = pgGenerator.rename(from, renames);
    const up = [...renamed.statements, ...(await pgGenerator.statements(renamed.snapshot, to))];
    expectRenamesOnly(up.filter((statement) => !/"loud"|"ck_title"/.test(statement)));
    await scratch.run(up, 'one transaction');
    expect(await scratch.facts()).toEqual(after);

    const back = pgGenerator.rename(renamed.snapshot, inverse(renames));
    expect(await pgGenerator.statements(back.snapshot, from)).toEqual([]);
    const down = [...(await pgGenerator.statements(to, renamed.snapshot)), ...back.statements];
    await scratch.run(down, 'one transaction');
    expect(await scratch.facts()).toEqual(before);
    expect(await scratch.rows(family)).toEqual([
      { team_id: 1, title: 'a', name: 'x' },
      { team_id: 2, title: 'b', name: 'y' },
    ]);
    expect(await scratch.rows("insert into team (title) values ('c') returning id, number")).toEqual([
      { id: 3, number: 3 },
    ]);
  });

  it('refuses what the snapshot has not', async () => {
    const from = await pgGenerator.snapshot(schema(old));
    expect(() => pgGenerator.rename(from, [{ kind: 'table', from: 'crew', to: 'x' }])).toThrow(
      "PostgreSQL's newest snapshot has no table crew to rename",
    );
    expect(() =>
      pgGenerator.rename(from, [{ kind: 'column', table: 'team', from: 'caption', to: 'x' }]),
    ).toThrow('no column team.caption to rename');
  });
});
