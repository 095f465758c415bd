/**
 * What we say about a statement's locks, rewrites and scans is what PostgreSQL does: each is run in a transaction, and
 * pg_locks, the files of the tables and the counts of scans are read before it is rolled back.
 */

import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startScene } from '../../src/migrations/facts/facts.ts';
import { schemaOf } from '../../src/migrations/facts/known-schema.ts';
import { pgFacts } from '../../src/migrations/pg/facts/facts.ts';
import { asSuperuser, createEmptyTarget, type EmptyTarget } from '../support/engine.ts';
import { FIXTURE, FIXTURE_SNAPSHOT } from './facts-fixture.ts';

const TABLES = ['parent', 'child', 'other', 'loose'];

/** Statements before the last one make up what it needs; the last one is looked at. */
const SHAPES: string[][] = [
  ['CREATE TABLE "fresh" ("id" integer PRIMARY KEY)'],
  ['CREATE TABLE "fresh" ("id" integer, "parent_id" integer REFERENCES "parent" ("id"))'],
  [
    'CREATE TABLE "fresh" ("id" integer PRIMARY KEY, "p" integer, CONSTRAINT fk FOREIGN KEY ("p") REFERENCES "parent" ("id"))',
  ],
  ['CREATE TABLE "fresh" ("id" integer PRIMARY KEY)', 'CREATE INDEX "i" ON "fresh" ("id")'],
  ['CREATE TABLE "fresh" ("id" integer PRIMARY KEY)', 'DROP TABLE "fresh"'],
  [
    'CREATE TABLE "fresh" ("id" integer PRIMARY KEY, "p" integer)',
    'ALTER TABLE "fresh" ADD CONSTRAINT "fk" FOREIGN KEY ("p") REFERENCES "parent" ("id")',
  ],
  ['DROP TABLE "other"'],
  ['DROP TABLE "child"'],
  ['DROP TABLE "parent" CASCADE'],
  ['DROP TABLE IF EXISTS "child", "other"'],

  ['ALTER TABLE "parent" ADD COLUMN "extra" text'],
  [`ALTER TABLE "parent" ADD COLUMN "extra" text DEFAULT 'x' NOT NULL`],
  [`ALTER TABLE "parent" ADD COLUMN "extra" jsonb DEFAULT '{}'::jsonb NOT NULL`],
  ['ALTER TABLE "parent" ADD COLUMN "extra" timestamp with time zone DEFAULT now() NOT NULL'],
  ['ALTER TABLE "parent" ADD COLUMN "extra" timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL'],
  ['ALTER TABLE "parent" ADD COLUMN "extra" uuid DEFAULT gen_random_uuid() NOT NULL'],
  ['ALTER TABLE "parent" ADD COLUMN "extra" double precision DEFAULT random()'],
  ['ALTER TABLE "parent" ADD COLUMN "extra" bigserial'],
  ['ALTER TABLE "parent" ADD COLUMN "extra" integer GENERATED ALWAYS AS IDENTITY'],
  ['ALTER TABLE "parent" ADD COLUMN "extra" integer GENERATED ALWAYS AS ("id" * 2) STORED'],
  ['ALTER TABLE "parent" ADD COLUMN "extra" integer CHECK ("extra" > 0)'],
  ['ALTER TABLE "parent" ADD COLUMN "extra" integer UNIQUE'],
  ['ALTER TABLE "parent" ADD "extra" integer, ADD "more" text'],
  ['ALTER TABLE "child" ADD COLUMN "extra" integer REFERENCES "other" ("id")'],
  ['ALTER TABLE "parent" DROP COLUMN "name"'],
  ['ALTER TABLE "child" DROP COLUMN "parent_id"'],
  ['ALTER TABLE "parent" DROP COLUMN "id" CASCADE'],

  [`ALTER TABLE "parent" ALTER COLUMN "name" SET DEFAULT 'x'`],
  ['ALTER TABLE "parent" ALTER COLUMN "name" DROP DEFAULT'],
  ['ALTER TABLE "parent" ALTER COLUMN "name" SET NOT NULL'],
  ['ALTER TABLE "parent" ALTER COLUMN "checked" SET NOT NULL'],
  [
    'ALTER TABLE "parent" ADD CONSTRAINT "nn" CHECK ("name" IS NOT NULL) NOT VALID',
    'ALTER TABLE "parent" VALIDATE CONSTRAINT "nn"',
    'ALTER TABLE "parent" ALTER COLUMN "name" SET NOT NULL',
  ],
  [
    'ALTER TABLE "parent" ADD CONSTRAINT "nn" CHECK ("name" IS NOT NULL) NOT VALID',
    'ALTER TABLE "parent" ALTER COLUMN "name" SET NOT NULL',
  ],
  ['ALTER TABLE "parent" ALTER COLUMN "id" DROP NOT NULL'].map((s) => s.replace('"parent"', '"loose"')),
  ['ALTER TABLE "parent" ALTER COLUMN "name" SET STATISTICS 500'],

  ['ALTER TABLE "parent" ALTER COLUMN "name" TYPE varchar(60)'],
  ['ALTER TABLE "parent" ALTER COLUMN "name" TYPE varchar'],
  ['ALTER TABLE "parent" ALTER COLUMN "name" SET DATA TYPE text'],
  ['ALTER TABLE "parent" ALTER COLUMN "name" SET DATA TYPE text USING "name"::text'],
  ['ALTER TABLE "parent" ALTER COLUMN "name" TYPE varchar(20)'],
  ['ALTER TABLE "parent" ALTER COLUMN "note" TYPE varchar'],
  ['ALTER TABLE "parent" ALTER COLUMN "note" TYPE varchar(90)'],
  ['ALTER TABLE "parent" ALTER COLUMN "note" TYPE integer USING length("note")'],
  ['ALTER TABLE "parent" ALTER COLUMN "amount" TYPE numeric(12, 2)'],
  ['ALTER TABLE "parent" ALTER COLUMN "amount" TYPE numeric'],
  ['ALTER TABLE "parent" ALTER COLUMN "amount" TYPE numeric(12, 4)'],
  ['ALTER TABLE "parent" ALTER COLUMN "at" TYPE timestamp(6)'],
  ['ALTER TABLE "parent" ALTER COLUMN "at" TYPE timestamp(0)'],
  ['ALTER TABLE "parent" ALTER COLUMN "at" TYPE timestamp with time zone'],
  ['ALTER TABLE "parent" ALTER COLUMN "data" TYPE jsonb'],
  ['ALTER TABLE "parent" ALTER COLUMN "data" TYPE jsonb USING "data"::jsonb'],
  ['ALTER TABLE "parent" ALTER COLUMN "count" TYPE bigint'],
  ['ALTER TABLE "parent" ALTER COLUMN "count" TYPE int'],
  ['ALTER TABLE "parent" ALTER COLUMN "state" TYPE text'],
  ['ALTER TABLE "parent" ALTER COLUMN "address" TYPE inet'],
  ['ALTER TABLE "child" ALTER COLUMN "parent_id" TYPE bigint'],
  ['ALTER TABLE "parent" ALTER COLUMN "id" TYPE bigint'],

  ['ALTER TABLE "parent" ADD CONSTRAINT "c" CHECK ("count" > 0)'],
  ['ALTER TABLE "parent" ADD CONSTRAINT "c" CHECK ("count" > 0) NOT VALID'],
  [
    'ALTER TABLE "parent" ADD CONSTRAINT "c" CHECK ("count" > 0) NOT VALID',
    'ALTER TABLE "parent" DROP CONSTRAINT "c"',
  ],
  ['ALTER TABLE "child" ADD CONSTRAINT "fk" FOREIGN KEY ("other_id") REFERENCES "other" ("id")'],
  [
    'ALTER TABLE "child" ADD CONSTRAINT "fk" FOREIGN KEY ("other_id") REFERENCES "other" ("id") ON DELETE CASCADE NOT VALID',
  ],
  [
    'ALTER TABLE "child" ADD CONSTRAINT "fk" FOREIGN KEY ("other_id") REFERENCES "other" ("id") NOT VALID',
    'ALTER TABLE "child" VALIDATE CONSTRAINT "fk"',
  ],
  [
    'ALTER TABLE "parent" ADD CONSTRAINT "c" CHECK ("count" > 0) NOT VALID',
    'ALTER TABLE "parent" VALIDATE CONSTRAINT "c"',
  ],
  ['ALTER TABLE "child" DROP CONSTRAINT "child_parent_id_fkey"'],
  ['ALTER TABLE "parent" DROP CONSTRAINT "parent_checked_check"'],
  ['ALTER TABLE "parent" RENAME CONSTRAINT "parent_checked_check" TO "c"'],
  ['ALTER TABLE "parent" ADD CONSTRAINT "u" UNIQUE ("count")'],
  ['ALTER TABLE "loose" ADD CONSTRAINT "p" PRIMARY KEY ("id")'],
  [
    'CREATE UNIQUE INDEX "u" ON "parent" ("count")',
    'ALTER TABLE "parent" ADD CONSTRAINT "u" UNIQUE USING INDEX "u"',
  ],
  ['ALTER TABLE "parent" RENAME COLUMN "name" TO "title"'],
  ['ALTER TABLE "parent" RENAME TO "mother"'],
  [
    'ALTER TABLE "parent" RENAME COLUMN "name" TO "title"',
    'ALTER TABLE "parent" ALTER COLUMN "title" TYPE text',
  ],

  ['CREATE INDEX "i" ON "parent" USING btree ("name")'],
  ['CREATE UNIQUE INDEX "i" ON "parent" ("id", "name")'],
  ['CREATE INDEX IF NOT EXISTS "i" ON "parent" (lower("name")) WHERE "count" > 1'],
  ['DROP INDEX "ix_parent_name"'],
  ['ALTER INDEX "ix_parent_name" RENAME TO "ix_parent_title"'],

  [`CREATE TYPE "mood" AS ENUM('A', 'B')`],
  [`ALTER TYPE "state" ADD VALUE 'C'`],
  [`ALTER TYPE "state" RENAME TO "state_old"`],
  [`ALTER TYPE "state" RENAME VALUE 'A' TO 'Z'`],
  ['CREATE SEQUENCE "s"'],
  ['CREATE SEQUENCE "s"', 'ALTER SEQUENCE "s" OWNED BY "parent"."count"'],
  ['CREATE SEQUENCE "s"', 'ALTER SEQUENCE "s" RENAME TO "r"'],
  ['CREATE SEQUENCE "s" OWNED BY "parent"."count"', 'DROP SEQUENCE "s"'],
  [
    'CREATE SEQUENCE "s"',
    `SELECT setval('"s"'::regclass, max("id") + 1, false) FROM "loose" HAVING max("id") > 0`,
  ],
  ['ALTER TABLE "loose" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY (START WITH 50)'],
  [
    'ALTER TABLE "loose" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY',
    'ALTER TABLE "loose" ALTER COLUMN "id" SET GENERATED ALWAYS SET INCREMENT BY 5',
  ],
  [
    'ALTER TABLE "loose" ALTER COLUMN "id" ADD GENERATED BY DEFAULT AS IDENTITY',
    'ALTER TABLE "loose" ALTER COLUMN "id" DROP IDENTITY',
  ],
  ['CREATE EXTENSION IF NOT EXISTS pg_trgm'],
  [`CREATE FUNCTION "f"() RETURNS trigger LANGUAGE plpgsql AS $$ begin return new; end; $$`],
  [
    `CREATE FUNCTION "f"() RETURNS trigger LANGUAGE plpgsql AS $$ begin return new; end; $$`,
    'CREATE TRIGGER "t" BEFORE UPDATE ON "parent" FOR EACH ROW EXECUTE FUNCTION "f"()',
  ],
  [`COMMENT ON TABLE "parent" IS 'x'`],
  [`COMMENT ON COLUMN "parent"."name" IS 'x'`],

  [`UPDATE "parent" SET "name" = 'x' WHERE "name" IS NULL`],
  [`UPDATE "parent" SET "count" = 5`],
  ['UPDATE "child" SET "parent_id" = 2 WHERE "id" = 1'],
  ['UPDATE "child" SET "other_id" = "o"."id" FROM "other" AS "o" WHERE "o"."id" = "child"."id"'],
  ['UPDATE "parent" SET "count" = 1 WHERE "id" IN (SELECT "parent_id" FROM "child")'],
  ['INSERT INTO "other" ("id") SELECT "id" + 100 FROM "parent"'],
  ['INSERT INTO "other" ("id") VALUES (50)'],
  ['INSERT INTO "child" ("id", "parent_id") VALUES (50, 1)'],
  ['DELETE FROM "other" WHERE "id" = 1'],
  ['DELETE FROM "parent" WHERE "id" = 1'],
  ['TRUNCATE "other"'],
];

let target: EmptyTarget;

beforeAll(async () => {
  target = await createEmptyTarget();
  await inDatabase((client) => client.query(FIXTURE));
});
afterAll(() => target.dispose());

function inDatabase<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const { database } = target.target as { database: string };
  return asSuperuser(work, database);
}

test.each(SHAPES.map((shape) => [shape.at(-1)!, shape] as const))('%s', async (statement, shape) => {
  const scene = startScene(schemaOf(FIXTURE_SNAPSHOT), false);
  const facts = shape.map((one) => pgFacts(one, scene)).at(-1)!;
  expect(facts.kind).not.toContain('unknown');
  const before = shape.slice(0, -1);
  await inDatabase(async (client) => {
    await client.query(
      `set enable_indexscan = off; set enable_bitmapscan = off; set timezone = 'Asia/Tokyo'`,
    );
    if (before.length > 0 && !/fresh/.test(before[0]!)) await commitFirst(client, before);
    else {
      await client.query('begin');
      for (const one of before) await client.query(one);
    }
    try {
      await watch(client, statement, facts);
    } finally {
      await client.query('rollback').catch(() => {});
      if (before.length > 0)
        await client.query(`drop schema public cascade; create schema public; ${FIXTURE}`);
    }
  });
});

/** What comes before is done in transactions of its own, so that its locks aren't the statement's. */
async function commitFirst(client: pg.Client, before: string[]): Promise<void> {
  for (const one of before) await client.query(one);
  await client.query('begin');
}

async function watch(client: pg.Client, statement: string, facts: ReturnType<typeof pgFacts>): Promise<void> {
  const start = await state(client);
  await client.query(statement);
  const end = await state(client);
  const locks = end.locks.filter((lock) => !start.locks.includes(lock));
  expect(locks).toEqual(facts.locks.map(({ table, lock }) => `${table}: ${lock}`).sort());
  const worked = (kinds: string[]) =>
    [...new Set(facts.work.filter(({ kind }) => kinds.includes(kind)).map(({ table }) => table))].sort();
  if (!/^TRUNCATE/.test(statement)) expect(changed(start.files, end.files)).toEqual(worked(['rewrite']));
  if (!/^(UPDATE|INSERT|DELETE|TRUNCATE|DROP)/.test(statement)) {
    expect(changed(start.scans, end.scans)).toEqual(worked(['rewrite', 'scan', 'index']));
  }
}

const changed = (before: Record<string, string>, after: Record<string, string>): string[] =>
  Object.keys(before).filter((name) => name in after && before[name] !== after[name]);

/** Tables by what they are called in the fixture: they may have another name by now. */
const names = new Map<string, string>();

async function state(client: pg.Client) {
  const { rows } = await client.query<{ oid: string; name: string; file: string; scans: string }>(
    `select oid, relname as name, pg_relation_filenode(oid) as file, pg_stat_get_xact_numscans(oid) as scans
     from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname`,
  );
  for (const { oid, name } of rows) if (TABLES.includes(name)) names.set(oid, name);
  const by = (key: 'file' | 'scans') =>
    Object.fromEntries(rows.flatMap((row) => (names.has(row.oid) ? [[names.get(row.oid)!, row[key]]] : [])));
  const { pid } = (await client.query('select pg_backend_pid() as pid')).rows[0];
  return { locks: await locksOf(client, pid), files: by('file'), scans: by('scans') };
}

async function locksOf(client: pg.Client, pid: number): Promise<string[]> {
  const { rows } = await client.query<{ oid: string; mode: string }>(
    `select relation as oid, mode from pg_locks where pid = $1 and locktype = 'relation' and granted`,
    [pid],
  );
  return strongest(rows.flatMap(({ oid, mode }) => (names.has(oid) ? [[names.get(oid)!, mode]] : [])));
}

const ORDER = [
  'AccessShareLock',
  'RowShareLock',
  'RowExclusiveLock',
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
];

function strongest(locks: string[][]): string[] {
  const byTable = new Map<string, number>();
  for (const [table, mode] of locks)
    byTable.set(table!, Math.max(byTable.get(table!) ?? 0, ORDER.indexOf(mode!)));
  return [...byTable]
    .map(
      ([table, level]) =>
        `${table}: ${ORDER[level]!.replace(/Lock$/, '')
          .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
          .toUpperCase()}`,
    )
    .sort();
}

/** These can't be in a transaction: somebody who has written keeps each one waiting at its end. */
test.each([
  ['CREATE INDEX CONCURRENTLY IF NOT EXISTS "i" ON "parent" ("count");'],
  ['CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "i" ON "parent" ("count");'],
  ['DROP INDEX CONCURRENTLY IF EXISTS "ix_parent_name";'],
])('%s', async (statement) => {
  const facts = pgFacts(statement, startScene(schemaOf(FIXTURE_SNAPSHOT), false));
  expect(facts).toMatchObject({ outsideTransaction: true, rerunnable: true });
  await inDatabase((writer) =>
    inDatabase(async (client) => {
      const { pid } = (await client.query('select pg_backend_pid() as pid')).rows[0];
      await state(writer);
      await writer.query('begin');
      await writer.query('update "parent" set "note" = $1 where "id" = 1', ['held']);
      const done = client.query(statement);
      try {
        await expect
          .poll(() => locksOf(writer, pid))
          .toEqual(facts.locks.map(({ table, lock }) => `${table}: ${lock}`));
      } finally {
        await writer.query('rollback');
        await done;
        await client.query(`drop schema public cascade; create schema public; ${FIXTURE}`);
      }
    }),
  );
});

test('what cannot be in a transaction is said so, and nothing else', async () => {
  await inDatabase(async (client) => {
    for (const [statement] of [
      ['CREATE INDEX CONCURRENTLY "i" ON "parent" ("count")'],
      ['VACUUM "parent"'],
    ] as const) {
      expect(pgFacts(statement, startScene(undefined, false)).outsideTransaction).toBe(true);
      await client.query('begin');
      await expect(client.query(statement)).rejects.toThrow('cannot run inside a transaction block');
      await client.query('rollback');
    }
  });
});
