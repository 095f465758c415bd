import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  type PgColumnBuilderBase,
  type PgTableExtraConfigValue,
  pgEnum,
  pgMaterializedView,
  pgRole,
  pgSchema,
  pgSequence,
  pgTable,
  pgView,
  primaryKey,
  text,
  unique,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { describe, expect, it } from 'vitest';
import type { SchemaModules } from '../../src/migrations/generate/dialect.ts';
import {
  canonical,
  mentions,
  renameColumnIn,
  renameTableIn,
} from '../../src/migrations/pg/generate/expression.ts';
import { pgGenerator } from '../../src/migrations/pg/generate/generate.ts';

async function plan(from: SchemaModules, to: SchemaModules, online = false): Promise<string[]> {
  const [old, next] = [await pgGenerator.snapshot(from), await pgGenerator.snapshot(to)];
  return pgGenerator.statements(old, next, { online });
}

type Extras = (t: Record<string, AnyPgColumn>) => PgTableExtraConfigValue[];

const note = (
  columns: Record<string, PgColumnBuilderBase> = {},
  extras: Extras = () => [],
): SchemaModules => ({
  note: pgTable('note', { id: integer().notNull(), body: text(), ...columns }, (t) =>
    extras(t as unknown as Record<string, AnyPgColumn>),
  ),
});

describe('online', () => {
  it('builds a changed unique index beside the old one, which keeps duplicates out meanwhile', async () => {
    const statements = await plan(
      note({}, (t) => [uniqueIndex('ux').on(t['id']!)]),
      note({}, (t) => [uniqueIndex('ux').on(t['id']!, t['body']!)]),
      true,
    );
    expect(statements).toEqual([
      'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "__new_ux" ON "note" USING btree ("id", "body");',
      'DROP INDEX CONCURRENTLY IF EXISTS "ux";',
      'ALTER INDEX "__new_ux" RENAME TO "ux";',
    ]);
  });

  it('adds a unique constraint by an index that is built first', async () => {
    expect(
      await plan(
        note(),
        note({}, (t) => [unique('uq').on(t['id']!)]),
        true,
      ),
    ).toEqual([
      'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "uq" ON "note" ("id");',
      'ALTER TABLE "note" ADD CONSTRAINT "uq" UNIQUE USING INDEX "uq";',
    ]);
  });

  it('lets new rows be checked first, and looks at the old ones without keeping anyone from writing', async () => {
    const extras: Extras = (t) => [
      primaryKey({ name: 'pk', columns: [t['id']!] }),
      check('ck', sql`body <> ''`),
      foreignKey({ name: 'fk', columns: [t['parent_id']!], foreignColumns: [t['id']!] }),
    ];
    const keyed = note({ parent_id: integer() }, (t) => [primaryKey({ name: 'pk', columns: [t['id']!] })]);
    expect(await plan(keyed, note({ parent_id: integer() }, extras), true)).toEqual([
      `ALTER TABLE "note" ADD CONSTRAINT "ck" CHECK (body <> '') NOT VALID;`,
      'ALTER TABLE "note" VALIDATE CONSTRAINT "ck";',
      'ALTER TABLE "note" ADD CONSTRAINT "fk" FOREIGN KEY ("parent_id") REFERENCES "note" ("id") NOT VALID;',
      'ALTER TABLE "note" VALIDATE CONSTRAINT "fk";',
    ]);
  });

  it('makes a column NOT NULL by way of a check', async () => {
    expect(await plan(note(), note({ body: text().notNull().default('none') }), true)).toEqual([
      `ALTER TABLE "note" ALTER COLUMN "body" SET DEFAULT 'none';`,
      'ALTER TABLE "note" ADD CONSTRAINT "__new_note_body_not_null" CHECK ("body" IS NOT NULL) NOT VALID;',
      `UPDATE "note" SET "body" = 'none' WHERE "body" IS NULL;`,
      'ALTER TABLE "note" VALIDATE CONSTRAINT "__new_note_body_not_null";',
      'ALTER TABLE "note" ALTER COLUMN "body" SET NOT NULL;',
      'ALTER TABLE "note" DROP CONSTRAINT "__new_note_body_not_null";',
    ]);
  });

  it('never gives what is there for a while a name that PostgreSQL would cut', async () => {
    const names = ['x'.repeat(63), `${'x'.repeat(62)}y`, 'ü'.repeat(31)];
    for (const name of names) {
      const [create] = await plan(
        note({}, (t) => [index(name).on(t['id']!)]),
        note({}, (t) => [index(name).on(t['body']!)]),
        true,
      );
      const built = /IF NOT EXISTS "([^"]+)"/.exec(create!)![1]!;
      expect(built).toMatch(/^__new_/);
      expect(Buffer.byteLength(built)).toBeLessThanOrEqual(63);
    }
  });

  it('spares a table that comes in the same file', async () => {
    const statements = await plan(
      {},
      note({}, (t) => [index('ix').on(t['id']!)]),
      true,
    );
    expect(statements.join('\n')).not.toMatch(/CONCURRENTLY|NOT VALID/);
  });
});

describe('the same schema written otherwise', () => {
  it('asks for nothing', async () => {
    const from = note({}, (t) => [
      check('ck', sql`${t['body']!} <> 'A'`),
      index('ix').on(sql`lower(${t['body']!})`),
    ]);
    const to = note({}, () => [
      check('ck', sql`BODY  <>'A'`),
      index('ix').on(sql`LOWER( body )`).concurrently(),
    ]);
    expect(await plan(from, to)).toEqual([]);
    expect(
      await plan(
        from,
        note({}, (t) => [check('ck', sql`BODY <> 'a'`), index('ix').on(sql`lower(${t['body']!})`)]),
      ),
    ).toHaveLength(2);
  });
});

describe('a default with quotes in it', () => {
  it('keeps them, in JSON and in arrays', async () => {
    const statements = await plan(
      {},
      note({ data: jsonb().default({ a: "it's" }), tags: text().array().default(["it's"]) }),
    );
    expect(statements[0]).toContain(`"data" jsonb DEFAULT '{"a":"it''s"}'::jsonb`);
    expect(statements[0]).toContain(`"tags" text[] DEFAULT '{"it''s"}'`);
  });
});

describe('what no revision can be planned for', () => {
  const long = 'a'.repeat(64);
  const cases: { what: string; schema: SchemaModules; says: string }[] = [
    {
      what: 'a view',
      schema: { v: pgView('v', { id: integer() }).as(sql`select 1`) },
      says: 'views (public.v)',
    },
    {
      what: 'a materialized view',
      schema: { v: pgMaterializedView('v', { id: integer() }).as(sql`select 1`) },
      says: 'views (public.v)',
    },
    { what: 'a sequence', schema: { s: pgSequence('s') }, says: 'sequences (public.s)' },
    { what: 'a role', schema: { r: pgRole('r') }, says: 'roles (r)' },
    { what: 'a schema', schema: { s: pgSchema('elsewhere') }, says: 'schemas (elsewhere)' },
    {
      what: 'a table elsewhere',
      schema: { t: pgSchema('elsewhere').table('t', { id: integer() }) },
      says: 'elsewhere.t',
    },
    {
      what: 'row-level security',
      schema: { t: pgTable('t', { id: integer() }).enableRLS() },
      says: 'row-level security (t)',
    },
    {
      what: 'an enumeration that is not exported',
      schema: { t: pgTable('t', { id: pgEnum('e', ['a'])() }) },
      says: 'The enumeration e of t.id',
    },
    {
      what: 'a value in a check',
      schema: note({}, () => [check('ck', sql`id > ${5}`)]),
      says: 'The expression of ck on note',
    },
    { what: 'a long name of a table', schema: { t: pgTable(long, { id: integer() }) }, says: 'has 64 bytes' },
    { what: 'a long name of a column', schema: note({ [long]: integer() }), says: 'The column of note,' },
    {
      what: 'a long name of an index',
      schema: note({}, (t) => [index(long).on(t['id']!)]),
      says: 'The index of note,',
    },
    {
      what: 'a long name in characters of two bytes',
      schema: note({}, (t) => [unique('ü'.repeat(32)).on(t['id']!)]),
      says: 'has 64 bytes',
    },
    { what: 'a long value of an enumeration', schema: { e: pgEnum('e', [long]) }, says: 'The value of e,' },
    {
      what: 'a long name that PostgreSQL would make up',
      schema: { t: pgTable('a'.repeat(60), { id: integer().primaryKey() }) },
      says: 'The primary key of',
    },
  ];
  it.each(cases)('is refused: $what', async ({ schema, says }) => {
    await expect(pgGenerator.snapshot(schema)).rejects.toThrow(says);
    await expect(pgGenerator.snapshot(schema)).rejects.toMatchObject({ name: 'MigrationError' });
  });

  it('names the way out', async () => {
    await expect(pgGenerator.snapshot({ s: pgSequence('s') })).rejects.toThrow(
      'npm run generate -- --custom',
    );
  });
});

describe('names in expressions', () => {
  it('are found in quotes and without, and not in values, functions, types and other tables', () => {
    expect(mentions('lower(Name) = 1', 't', 'name')).toBe(true);
    expect(mentions('"t"."name" = 1', 't', 'name')).toBe(true);
    expect(mentions('"Name" = 1', 't', 'name')).toBe(false);
    expect(mentions("x = 'name'", 't', 'name')).toBe(false);
    expect(mentions("x = 'it''s name'", 't', 'name')).toBe(false);
    expect(mentions('name(x)', 't', 'name')).toBe(false);
    expect(mentions('x::name', 't', 'name')).toBe(false);
    expect(mentions('other.name = 1', 't', 'name')).toBe(false);
    expect(mentions('name.x = 1', 't', 'name')).toBe(false);
    expect(mentions('surname = 1', 't', 'name')).toBe(false);
  });

  it('are renamed where they are found', () => {
    expect(renameColumnIn(`lower(name) <> 'name' and "t"."name" > "names"`, 't', 'name', 'the "one"')).toBe(
      `lower("the ""one""") <> 'name' and "t"."the ""one""" > "names"`,
    );
    expect(renameTableIn(`"t"."t" = t.x and t > 't.x'`, 't', 'u')).toBe(`"u"."t" = "u".x and t > 't.x'`);
  });

  it('have one spelling', () => {
    expect(canonical(`"t"."a"  IS NOT  null AND b<>'X  y'`, 't')).toBe(
      canonical(`A is not NULL and B <> 'X  y'`, 't'),
    );
    expect(canonical(`"A" > 1`, 't')).not.toBe(canonical('a > 1', 't'));
    expect(canonical(`a = 'X'`, 't')).not.toBe(canonical(`a = 'x'`, 't'));
  });
});
