import { describe, expect, test } from 'vitest';
import { startScene } from '../../src/migrations/facts/facts.ts';
import { schemaOf } from '../../src/migrations/facts/known-schema.ts';
import { renderLint } from '../../src/migrations/lint/render.ts';
import { pgFacts } from '../../src/migrations/pg/facts/facts.ts';
import { FIXTURE_SNAPSHOT } from './facts-fixture.ts';
import { idOf, lintChains, rulesOf, type Step } from './lint-chain.ts';

const first: Step = { up: ['CREATE TABLE "parent" ("id" integer);'], snapshot: FIXTURE_SNAPSHOT };
const lintOf = (up: string[], more: Partial<Step> = {}, lines: string[] = []) =>
  lintChains({ pg: [first, { up, snapshot: FIXTURE_SNAPSHOT, ...more }] }, lines);
const online = { transactional: false };

describe('in one transaction', () => {
  test.each<[string[], string[]]>([
    [['ALTER TABLE "parent" ADD COLUMN "x" text;'], []],
    [['ALTER TABLE "parent" ADD COLUMN "x" text NOT NULL;'], ['no-value on parent']],
    [['ALTER TABLE "parent" ADD COLUMN "x" uuid DEFAULT gen_random_uuid();'], ['rewrite on parent']],
    [['ALTER TABLE "parent" DROP COLUMN "note";'], ['drop-column on parent']],
    [['DROP TABLE "child";'], ['drop-table on child']],
    [['ALTER TABLE "parent" RENAME COLUMN "note" TO "remark";'], ['rename on parent']],
    [['ALTER TABLE "parent" RENAME TO "mother";'], ['rename on parent']],
    [['ALTER TABLE "parent" ALTER COLUMN "count" TYPE bigint;'], ['rewrite on parent']],
    [['ALTER TABLE "parent" ALTER COLUMN "name" TYPE text;'], []],
    [['ALTER TABLE "parent" ALTER COLUMN "name" SET NOT NULL;'], ['not-null on parent']],
    [['ALTER TABLE "parent" ADD CONSTRAINT "c" CHECK ("count" > 0);'], ['check on parent']],
    [
      ['ALTER TABLE "child" ADD CONSTRAINT "f" FOREIGN KEY ("other_id") REFERENCES "other" ("id");'],
      ['foreign-key on child'],
    ],
    [
      [
        'ALTER TABLE "parent" ADD CONSTRAINT "c" CHECK ("count" > 0) NOT VALID;',
        'ALTER TABLE "parent" VALIDATE CONSTRAINT "c";',
      ],
      ['same-transaction on parent'],
    ],
    [['CREATE INDEX "i" ON "parent" ("count");'], ['index on parent']],
    [['CREATE UNIQUE INDEX "i" ON "parent" ("count");'], ['index on parent', 'unique on parent']],
    [['CREATE UNIQUE INDEX "i" ON "parent" ("id", "count");'], ['index on parent']],
    [['ALTER TABLE "parent" ADD CONSTRAINT "u" UNIQUE ("count");'], ['index on parent', 'unique on parent']],
    [['CREATE TABLE "fresh" ("id" integer);', 'CREATE UNIQUE INDEX "i" ON "fresh" ("id");'], []],
    [['CREATE INDEX CONCURRENTLY IF NOT EXISTS "i" ON "parent" ("count");'], ['transaction on parent']],
    [[`ALTER TYPE "state" ADD VALUE 'C';`], []],
    [
      [`ALTER TYPE "state" ADD VALUE 'C';`, `ALTER TABLE "parent" ALTER COLUMN "state" SET DEFAULT 'C';`],
      ['enum-value on *'],
    ],
    [[`UPDATE "parent" SET "note" = 'x';`], ['all-rows on parent']],
    [['TRUNCATE "other";'], ['all-rows on other']],
    [['CLUSTER "parent" USING "parent_pkey";'], ['unknown on *']],
    [['ALTER TABLE "parent" SET UNLOGGED;'], ['unknown on *']],
    [['COMMIT;'], ['transaction on *']],
    [
      [`CREATE INDEX "${'i'.repeat(64)}" ON "fresh" ("id");`, 'SELECT 1;'],
      ['index on fresh', 'long-name on fresh', 'unknown on *'],
    ],
  ])('%j', (up, hazards) => expect(rulesOf(lintOf(up))).toEqual(hazards));
});

describe('statement by statement', () => {
  test.each<[string[], string[]]>([
    [['CREATE INDEX CONCURRENTLY IF NOT EXISTS "i" ON "parent" ("count");'], []],
    [['CREATE INDEX CONCURRENTLY "i" ON "parent" ("count");'], ['rerun on parent']],
    [['DROP INDEX CONCURRENTLY IF EXISTS "ix_parent_name";'], []],
    [['DROP INDEX CONCURRENTLY "ix_parent_name";'], ['rerun on parent']],
    [
      ['CREATE INDEX CONCURRENTLY IF NOT EXISTS "i" ON "parent" ("count"); SELECT 1;'],
      ['transaction on parent', 'unknown on *'],
    ],
    [
      [
        'ALTER TABLE "child" ADD CONSTRAINT "f" FOREIGN KEY ("other_id") REFERENCES "other" ("id") NOT VALID;',
        'ALTER TABLE "child" VALIDATE CONSTRAINT "f";',
      ],
      [],
    ],
    [
      [
        'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "u" ON "parent" ("count");',
        'ALTER TABLE "parent" ADD CONSTRAINT "u" UNIQUE USING INDEX "u";',
      ],
      ['unique on parent'],
    ],
    [
      [
        'ALTER TABLE "parent" ADD CONSTRAINT "n" CHECK ("name" IS NOT NULL) NOT VALID;',
        `UPDATE "parent" SET "name" = 'x' WHERE "name" IS NULL;`,
        'ALTER TABLE "parent" VALIDATE CONSTRAINT "n";',
        'ALTER TABLE "parent" ALTER COLUMN "name" SET NOT NULL;',
        'ALTER TABLE "parent" DROP CONSTRAINT "n";',
      ],
      [],
    ],
    [[`ALTER TYPE "state" ADD VALUE 'C';`, `ALTER TABLE "parent" ALTER COLUMN "state" SET DEFAULT 'C';`], []],
  ])('%j', (up, hazards) => expect(rulesOf(lintOf(up, online))).toEqual(hazards));
});

describe('acceptance', () => {
  const up = ['CREATE INDEX "i" ON "parent" ("count");', 'CREATE INDEX "j" ON "parent" ("note");'];

  test('a hazard that nobody accepted is told once for its table, with the line that would accept it', () => {
    const { problems } = lintOf(up);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('_change, statement 1: index on parent: nobody writes to it');
    expect(problems[0]).toContain('- Accepted: Postgres `index` on `parent`: <reason>');
  });

  test('an accepted one stands with its reason', () => {
    const report = lintOf(up, {}, ['- Accepted: Postgres `index` on `parent`: it has four rows']);
    expect(report.problems).toEqual([]);
    expect(renderLint(report, false).join('\n')).toContain('index, accepted: it has four rows');
    expect(renderLint(report, false).at(-1)).toBe(
      '2 revisions, 3 statements: 2 hazards, all of them accepted in the notes.',
    );
  });

  test.each([
    ['another rule', '- Accepted: Postgres `rewrite` on `parent`: why not'],
    ['another table', '- Accepted: Postgres `index` on `child`: why not'],
    ['the other engine', '- Accepted: SQLite `index` on `parent`: why not'],
  ])('one of %s accepts nothing, and is itself a failure', (_what, line) => {
    const { problems } = lintOf(up, {}, [line]);
    expect(problems).toHaveLength(2);
    expect(problems[1]).toMatch(/^The notes accept .*which no statement does: take the line out\.$/);
  });

  test('a way back that there is none of has to be accepted', () => {
    const label = { label: 'irreversible (no values for parent.name)' };
    expect(rulesOf(lintOf([], label))).toEqual(['irreversible on *']);
    expect(
      lintOf([], label, ['- Accepted: Postgres `irreversible` on `*`: nobody used it']).problems,
    ).toEqual([]);
  });
});

describe('one side only', () => {
  const change = [`UPDATE "parent" SET "note" = 'x' WHERE "note" IS NULL;`];
  const rebuild = [
    'CREATE TABLE "__new_parent" ("id" integer);',
    'INSERT INTO "__new_parent" ("id") SELECT "id" FROM "parent";',
  ];
  const step = (up: string[]): Step => ({ up, snapshot: FIXTURE_SNAPSHOT });

  test.each<[string, string[], string[], boolean]>([
    ['data of PostgreSQL alone', [], change, true],
    ['data of both', change, change, false],
    ["a fill that SQLite's rebuild does, too", rebuild, change, false],
    ["SQLite's rebuild, where PostgreSQL alters", rebuild, [], false],
  ])('%s', (_what, sqlite, pg, found) => {
    const report = lintChains({ sqlite: [step([]), step(sqlite)], pg: [step([]), step(pg)] });
    const newest = report.revisions.filter(({ id }) => id.endsWith('1'));
    expect(newest.flatMap(({ hazards }) => hazards.map(({ rule }) => rule))).toEqual(
      found ? ['one-sided'] : [],
    );
  });
});

test('what has landed is one line, unless all is asked for', () => {
  const landed = new Set([`2026_01_01_000000_${idOf('pg', 0)}_change`]);
  const report = lintChains(
    { pg: [first, { up: ['SET lock_timeout = 5;'], snapshot: FIXTURE_SNAPSHOT }] },
    [],
    landed,
  );
  expect(renderLint(report, false)).toEqual([
    'revision               #  statement             lock  rewrite  may be lost  advice',
    `Postgres ${idOf('pg', 1)}  1  SET lock_timeout = 5  none  no`,
    '',
    `Postgres ${idOf('pg', 0)} change  has landed  1 statement  no hazards`,
    '',
    '2 revisions, 2 statements: no hazards.',
  ]);
  expect(renderLint(report, true)[1]).toContain('CREATE TABLE "parent"');
});

test('what nobody knows of a table is taken for the worse', () => {
  const facts = (statement: string) => pgFacts(statement, startScene(undefined, false));
  expect(facts('ALTER TABLE "t" ALTER COLUMN "c" TYPE text').work).toEqual([{ kind: 'rewrite', table: 't' }]);
  expect(facts('ALTER TABLE "t" ADD COLUMN "c" text DEFAULT strange()').work).toEqual([
    { kind: 'rewrite', table: 't' },
  ]);
  expect(facts('ALTER TABLE "t" ALTER COLUMN "c" SET NOT NULL').work).toEqual([{ kind: 'scan', table: 't' }]);
  expect(schemaOf({ tables: {} }).size).toBe(0);
});
