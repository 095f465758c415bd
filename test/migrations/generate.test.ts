import { sql } from 'drizzle-orm';
import * as pg from 'drizzle-orm/pg-core';
import * as sqlite from 'drizzle-orm/sqlite-core';
import { describe, expect, it } from 'vitest';
import { isColumnOrder } from '../../src/migrations/catalog.ts';
import type { DialectGenerator, SchemaModules } from '../../src/migrations/generate/dialect.ts';
import { pgGenerator } from '../../src/migrations/pg/generate.ts';
import { sqliteGenerator } from '../../src/migrations/sqlite/generate.ts';
import { createEmptyDatabase, type EmptyDatabase } from '../schema/empty-database.ts';
import { dialect } from '../support/engine.ts';

const generator: DialectGenerator = dialect === 'sqlite' ? sqliteGenerator : pgGenerator;

/** The parts of both dialects that these schemas need, under one name each: PostgreSQL's types stand for both. */
const core = (dialect === 'sqlite'
  ? { ...sqlite, table: sqlite.sqliteTable, number: sqlite.integer }
  : { ...pg, table: pg.pgTable, number: pg.integer }) as unknown as typeof pg & {
  table: typeof pg.pgTable;
  number: typeof pg.integer;
};
const { table, text, number, foreignKey, primaryKey, unique, check, index, uniqueIndex } = core;

type Columns = Record<string, pg.PgColumnBuilderBase>;
type Extras = (t: Record<string, pg.AnyPgColumn>) => pg.PgTableExtraConfigValue[];

/** A table `parent` with what a test adds to it, and a table `child` whose rows go with it. */
function schema(columns: Columns = {}, extras: Extras = () => [], others: SchemaModules = {}): SchemaModules {
  const parent = table('parent', { id: text().notNull(), name: text(), ...columns }, (t) => [
    primaryKey({ name: 'pk_parent', columns: [t.id] }),
    ...extras(t as unknown as Record<string, pg.AnyPgColumn>),
  ]);
  const child = table('child', { id: text().notNull(), parent_id: text().notNull() }, (t) => [
    primaryKey({ name: 'pk_child', columns: [t.id] }),
    foreignKey({ name: 'fk_child__parent', columns: [t.parent_id], foreignColumns: [parent.id] }).onDelete(
      'cascade',
    ),
  ]);
  return { parent, child, ...others };
}

const other = table('other', { id: text().notNull() }, (t) => [
  primaryKey({ name: 'pk_other', columns: [t.id] }),
]);

interface Case {
  what: string;
  from?: SchemaModules;
  to: SchemaModules;
  /** Whether SQLite has to rebuild the table for it. */
  rebuilds?: boolean;
}

const cases: Case[] = [
  { what: 'a table comes', to: schema({}, () => [], { other }) },
  { what: 'a nullable column comes', to: schema({ extra: text() }) },
  { what: 'a column with a default comes', to: schema({ extra: number().notNull().default(7) }) },
  {
    what: 'a column with a default that is an expression comes',
    to: schema({ extra: text().notNull().default(sql`(lower('ABC'))`) }),
    rebuilds: true,
  },
  {
    what: 'a column with a foreign key comes',
    from: schema({}, () => [], { other }),
    to: schema(
      { other_id: text() },
      (t) => [
        foreignKey({
          name: 'fk_parent__other',
          columns: [t['other_id']!],
          foreignColumns: [other.id],
        }).onDelete('set null'),
      ],
      { other },
    ),
  },
  { what: 'a column goes', from: schema({ extra: text() }), to: schema() },
  {
    what: 'a column goes with its index',
    from: schema({ extra: text() }, (t) => [index('ix_extra').on(t['extra']!)]),
    to: schema(),
  },
  {
    what: 'a default changes',
    from: schema({ extra: text().default('a') }),
    to: schema({ extra: text().default("it's b") }),
    rebuilds: true,
  },
  {
    what: 'a column may not be empty any more',
    from: schema({ extra: text().default('full') }),
    to: schema({ extra: text().notNull().default('full') }),
    rebuilds: dialect === 'sqlite',
  },
  {
    what: 'a unique constraint comes',
    to: schema({}, (t) => [unique('uq_parent__name').on(t['name']!)]),
    rebuilds: true,
  },
  {
    what: 'a check comes',
    to: schema({}, () => [check('ck_parent__name', sql`name <> 'no, (never)'`)]),
    rebuilds: true,
  },
  { what: 'an index comes', to: schema({}, (t) => [index('ix_parent__name').on(t['name']!)]) },
  {
    what: 'an index on expressions with commas, descending and partial, comes',
    to: schema({}, (t) => [
      uniqueIndex('ix_parent__odd')
        .on(t['id']!, sql`coalesce(${t['name']}, ${t['id']}) DESC`)
        .where(sql`name IS NOT NULL AND id <> 'x'`),
    ]),
  },
  {
    what: 'an index changes',
    from: schema({}, (t) => [index('ix_parent__name').on(t['name']!)]),
    to: schema({}, (t) => [index('ix_parent__name').on(t['name']!, t['id']!)]),
  },
  {
    what: 'the table of a foreign key is rebuilt beside an index',
    from: schema({ extra: text() }, (t) => [index('ix_parent__name').on(t['name']!)]),
    to: schema({ extra: text().default('x') }, (t) => [index('ix_parent__name').on(t['name']!)]),
    rebuilds: true,
  },
];

const facts = async (database: EmptyDatabase) =>
  (await database.facts()).filter((fact) => !isColumnOrder(fact));

async function built(modules: SchemaModules): Promise<EmptyDatabase> {
  const database = await createEmptyDatabase();
  await database.run(
    await generator.statements(await generator.snapshot({}), await generator.snapshot(modules)),
  );
  return database;
}

describe('the statements that the generator writes', () => {
  it.each(cases)(
    'when $what lead to the new schema and back, and keep the rows',
    async ({ from = schema(), to, rebuilds }) => {
      const [database, reference] = [await built(from), await built(to)];
      try {
        const before = await facts(database);
        await database.run([
          "insert into parent (id, name) values ('p1', 'a'), ('p2', 'b')",
          "insert into child (id, parent_id) values ('c1', 'p1'), ('c2', 'p2')",
        ]);
        const [old, next] = [await generator.snapshot(from), await generator.snapshot(to)];
        const up = await generator.statements(old, next);
        await database.run(up);
        expect(await facts(database)).toEqual(await facts(reference));
        if (dialect === 'sqlite') expect(up.some((s) => s.includes('__new_parent'))).toBe(rebuilds ?? false);
        await database.run(await generator.statements(next, old));
        expect(await facts(database)).toEqual(before);
        expect(await database.rows('select id, name from parent order by id')).toEqual([
          { id: 'p1', name: 'a' },
          { id: 'p2', name: 'b' },
        ]);
        expect(await database.rows('select id, parent_id from child order by id')).toHaveLength(2);
      } finally {
        await database.dispose();
        await reference.dispose();
      }
    },
  );

  it('fill a column that may not be empty any more with its default', async () => {
    const from = schema({ extra: text().default('full') });
    const to = schema({ extra: text().notNull().default('full') });
    const database = await built(from);
    try {
      await database.run(["insert into parent (id, extra) values ('p1', 'kept'), ('p2', NULL)"]);
      const statements = await generator.statements(
        await generator.snapshot(from),
        await generator.snapshot(to),
      );
      await database.run(statements);
      expect(await database.rows('select extra from parent order by id')).toEqual([
        { extra: 'kept' },
        { extra: 'full' },
      ]);
    } finally {
      await database.dispose();
    }
  });

  it('are none when nothing has changed', async () => {
    const [one, same] = [await generator.snapshot(schema()), await generator.snapshot(schema())];
    expect(await generator.statements(one, same)).toEqual([]);
  });
});
