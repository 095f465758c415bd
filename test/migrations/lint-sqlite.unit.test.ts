import { describe, expect, test } from 'vitest';
import { lintChains, rulesOf, type Step } from './lint-chain.ts';

const named = <T extends { name: string }>(...all: T[]) =>
  Object.fromEntries(all.map((one) => [one.name, one]));
const column = (name: string, type = 'VARCHAR', notNull = false) => ({
  name,
  type,
  notNull,
  primaryKey: name === 'id',
});

interface Shape {
  columns?: object[];
  indexes?: object[];
}

const flowColumns = [
  column('id', 'CHAR(36)', true),
  column('name'),
  column('count', 'INTEGER'),
  column('labels', 'JSON'),
];
const flowIndexes = [
  { name: 'ix_name', columns: ['"name" COLLATE NOCASE'], isUnique: false },
  { name: 'ix_count', columns: ['count'], isUnique: false, where: '"count" > 0' },
];

/** flow, and flow_run that goes with it; the first as the test has it. */
function snapshot({ columns = flowColumns, indexes = flowIndexes }: Shape = {}) {
  const rest = { compositePrimaryKeys: {}, uniqueConstraints: {}, checkConstraints: {} };
  return {
    tables: {
      flow: {
        name: 'flow',
        columns: named(...(columns as { name: string }[])),
        indexes: named(...(indexes as { name: string }[])),
        foreignKeys: {},
        ...rest,
      },
      flow_run: {
        name: 'flow_run',
        columns: named(column('id', 'CHAR(36)', true), column('flow_id', 'CHAR(36)')),
        indexes: {},
        foreignKeys: named({ name: 'fk', tableTo: 'flow', columnsFrom: ['flow_id'], onDelete: 'cascade' }),
        ...rest,
      },
      lone: {
        name: 'lone',
        columns: named(column('id', 'INTEGER', true), column('note')),
        indexes: {},
        foreignKeys: {},
        ...rest,
      },
    },
  };
}

const first: Step = {
  up: [
    'CREATE TABLE "flow" ("id" CHAR(36) NOT NULL PRIMARY KEY, "name" VARCHAR, "count" INTEGER, "labels" JSON);',
    'CREATE TABLE "flow_run" ("id" CHAR(36) NOT NULL PRIMARY KEY, "flow_id" CHAR(36) REFERENCES "flow" ("id") ON DELETE CASCADE);',
    'CREATE TABLE "lone" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "note" VARCHAR COLLATE NOCASE) STRICT;',
    'CREATE TRIGGER "watch" AFTER UPDATE ON "lone" BEGIN UPDATE "lone" SET "note" = \'x\' WHERE "id" = new."id"; END;',
    'CREATE INDEX "ix_name" ON "flow" ("name" COLLATE NOCASE);',
    'CREATE INDEX "ix_count" ON "flow" ("count") WHERE "count" > 0;',
  ],
  snapshot: snapshot(),
};

const INDEXES = [
  'CREATE INDEX "ix_name" ON "flow" ("name" COLLATE NOCASE);',
  'CREATE INDEX "ix_count" ON "flow" ("count") WHERE "count" > 0;',
];

interface Rebuild {
  table?: string;
  columns?: string;
  copied?: string[];
  values?: string[];
  after?: string[];
  where?: string;
}

function rebuild(change: Rebuild = {}): string[] {
  const { table = 'flow', after = INDEXES, where = '' } = change;
  const columns =
    change.columns ?? '"id" CHAR(36) NOT NULL PRIMARY KEY, "name" VARCHAR, "count" INTEGER, "labels" JSON';
  const copied = change.copied ?? ['"id"', '"name"', '"count"', '"labels"'];
  const values = change.values ?? copied;
  return [
    `CREATE TABLE "__new_${table}" (${columns});`,
    `INSERT INTO "__new_${table}" (${copied.join(', ')})\nSELECT ${values.join(', ')} FROM "${table}"${where};`,
    `DROP TABLE "${table}";`,
    `ALTER TABLE "__new_${table}" RENAME TO "${table}";`,
    ...after,
  ];
}

const lone: Rebuild = { table: 'lone', copied: ['"id"', '"note"'], after: [] };
const loneColumns = '"id" INTEGER PRIMARY KEY AUTOINCREMENT, "note" VARCHAR COLLATE NOCASE) STRICT';

const lintOf = (up: string[], shape: Shape = {}) =>
  lintChains({ sqlite: [first, { up, snapshot: snapshot(shape) }] });

/** The rebuild of flow always says that flow_run refers to it. */
const REFERENCED = 'rebuild on flow';

describe('a rebuild', () => {
  test('of a table that others refer to says who they are and what keeps their rows', () => {
    const report = lintOf(rebuild());
    expect(rulesOf(report)).toEqual([REFERENCED]);
    expect(report.problems[0]).toContain('flow_run (CASCADE) refer to it: the runner keeps their rows');
    expect(report.problems[0]).toContain('- Accepted: SQLite `rebuild` on `flow`: <reason>');
  });

  test.each<[string, string[], Shape, string]>([
    ['forgets an index that the schema has', rebuild({ after: [INDEXES[0]!] }), {}, 'lost-index on flow'],
    [
      'makes an index before the old table goes',
      [INDEXES[1]!, ...rebuild({ after: [INDEXES[0]!] })],
      {},
      'lost-index on flow',
    ],
    [
      'forgets the collation of an index',
      rebuild({ after: ['CREATE INDEX "ix_name" ON "flow" ("name");', INDEXES[1]!] }),
      {},
      'lost-collation on flow',
    ],
    [
      'forgets the predicate of an index',
      rebuild({ after: [INDEXES[0]!, 'CREATE INDEX "ix_count" ON "flow" ("count");'] }),
      {},
      'lost-predicate on flow',
    ],
    [
      'reads a new column from the old table',
      rebuild({
        columns: '"id" CHAR(36) NOT NULL, "name" VARCHAR, "count" INTEGER, "labels" JSON, "extra" VARCHAR',
        copied: ['"id"', '"name"', '"count"', '"labels"', '"extra"'],
      }),
      { columns: [...flowColumns, column('extra')] },
      'new-column on flow',
    ],
    [
      'has a column without a value for old rows',
      rebuild({
        columns: '"id" CHAR(36), "name" VARCHAR, "count" INTEGER, "labels" JSON, "extra" VARCHAR NOT NULL',
      }),
      { columns: [...flowColumns, column('extra', 'VARCHAR', true)] },
      'no-value on flow',
    ],
    [
      'makes a column NOT NULL without filling it',
      rebuild({ columns: '"id" CHAR(36), "name" VARCHAR NOT NULL, "count" INTEGER, "labels" JSON' }),
      { columns: flowColumns.with(1, column('name', 'VARCHAR', true)) },
      'not-null on flow',
    ],
    [
      'changes how values are stored without converting them',
      rebuild({ columns: '"id" CHAR(36), "name" VARCHAR, "count" VARCHAR, "labels" JSON' }),
      { columns: flowColumns.with(2, column('count', 'VARCHAR')) },
      'affinity on flow',
    ],
    [
      'leaves out a column',
      rebuild({
        columns: '"id" CHAR(36), "name" VARCHAR, "count" INTEGER',
        copied: ['"id"', '"name"', '"count"'],
      }),
      { columns: flowColumns.slice(0, 3) },
      'drop-column on flow',
    ],
  ])('%s', (_what, up, shape, hazard) => {
    expect(rulesOf(lintOf(up, shape)).toSorted()).toEqual([hazard, REFERENCED].toSorted());
  });

  test('that converts, fills and drops what the schema drops is nothing but a rebuild', () => {
    const up = rebuild({
      columns:
        '"id" CHAR(36), "name" VARCHAR NOT NULL, "count" VARCHAR, "labels" JSON DEFAULT \'{}\' NOT NULL',
      values: ['"id"', 'coalesce("name", \'\')', 'CAST("count" AS TEXT)', 'coalesce("labels", \'{}\')'],
      after: [INDEXES[0]!],
    });
    const shape = { indexes: [flowIndexes[0]!] };
    expect(rulesOf(lintOf(['DROP INDEX "ix_count";', ...up], shape))).toEqual([REFERENCED]);
    // Without its name in the file the runner takes the index for one of the operator's own.
    const report = lintOf(up, shape);
    expect(rulesOf(report)).toEqual([REFERENCED, 'lost-index on flow']);
    expect(report.problems.join('\n')).toContain('drop it by its name before the rebuild');
  });

  test('of a renamed column copies it under its new name', () => {
    const renamed = ['ALTER TABLE "flow" RENAME COLUMN "name" TO "title";'];
    const up = rebuild({
      columns: '"id" CHAR(36), "title" VARCHAR, "count" INTEGER, "labels" JSON',
      copied: ['"id"', '"title"', '"count"', '"labels"'],
      after: ['CREATE INDEX "ix_name" ON "flow" ("title" COLLATE NOCASE);', INDEXES[1]!],
    });
    const shape = { columns: flowColumns.with(1, column('title')) };
    expect(rulesOf(lintOf([...renamed, ...up], shape))).toEqual(['rename on flow', REFERENCED]);
  });

  test.each<[string, string, string[]]>([
    ['its options and collation', loneColumns, ['trigger on lone']],
    ['AUTOINCREMENT', loneColumns.replace(' AUTOINCREMENT', ''), ['lost-option on lone', 'trigger on lone']],
    ['COLLATE', loneColumns.replace(' COLLATE NOCASE', ''), ['lost-collation on lone', 'trigger on lone']],
    ['STRICT', loneColumns.replace(') STRICT', ''), ['lost-option on lone', 'trigger on lone']],
  ])('of a table with a trigger, as to %s', (_what, columns, hazards) => {
    const up = rebuild({ ...lone, columns }).map((one) => one.replace(/ STRICT\);/, ' STRICT;'));
    expect(rulesOf(lintOf(up))).toEqual(hazards);
  });

  test('that leaves rows behind loses them, and its table counts as dropped', () => {
    const report = lintOf(rebuild({ ...lone, columns: loneColumns, where: ' WHERE "id" > 5' }));
    expect(rulesOf(report)).toContain('drop-table on lone');
    const losses = report.revisions.at(-1)!.statements.flatMap(({ loses }) => loses);
    expect(losses).toEqual(['rows of lone that the WHERE leaves out', 'table lone']);
  });

  test('under another temporary name is no rebuild that the runner knows', () => {
    const up = rebuild(lone).map((one) => one.replaceAll('__new_lone', 'lone_copy'));
    expect(rulesOf(lintOf(up))).toContain('drop-table on lone');
  });
});

test.each<[string, string[]]>([
  ['ALTER TABLE "lone" ADD COLUMN "extra" VARCHAR;', []],
  [`ALTER TABLE "lone" ADD COLUMN "extra" VARCHAR DEFAULT 'x' NOT NULL;`, []],
  ['ALTER TABLE "lone" ADD COLUMN "extra" VARCHAR NOT NULL;', ['no-value on lone']],
  ['ALTER TABLE "lone" ADD COLUMN "extra" DATETIME DEFAULT CURRENT_TIMESTAMP;', ['default on lone']],
  [
    `ALTER TABLE "lone" ADD COLUMN "extra" DATETIME DEFAULT (strftime('%Y', 'now')) NOT NULL;`,
    ['default on lone'],
  ],
  [`ALTER TABLE "lone" ADD COLUMN "extra" INTEGER DEFAULT 1 REFERENCES "flow" ("id");`, ['default on lone']],
  ['ALTER TABLE "lone" DROP COLUMN "note";', ['drop-column on lone']],
  ['ALTER TABLE "lone" RENAME COLUMN "note" TO "remark";', ['rename on lone']],
  ['ALTER TABLE "lone" ALTER COLUMN "note" SET NOT NULL;', ['not-null on lone']],
  [
    `UPDATE "lone" SET "note" = 'x' WHERE "note" IS NULL; ALTER TABLE "lone" ALTER COLUMN "note" SET NOT NULL;`,
    ['one-sided on lone'],
  ],
  ['ALTER TABLE "lone" ALTER COLUMN "note" DROP NOT NULL;', []],
  ['ALTER TABLE "lone" ADD CONSTRAINT "c" CHECK ("id" > 0);', ['check on lone']],
  ['ALTER TABLE "lone" DROP CONSTRAINT "c";', []],
  ['ALTER TABLE "lone" RENAME TO "single";', ['rename on lone']],
  ['DROP TABLE "lone";', ['drop-table on lone']],
  ['CREATE INDEX "ix" ON "lone" ("note");', []],
  ['CREATE UNIQUE INDEX "ix" ON "lone" ("note");', ['unique on lone']],
  ['CREATE UNIQUE INDEX "ix" ON "lone" ("note", "id");', []],
  ['DROP INDEX "ix_name";', []],
  ['PRAGMA foreign_keys = OFF;', ['pragma on *']],
  ['BEGIN;', ['transaction on *']],
  ['VACUUM;', ['transaction on *']],
  [`UPDATE "lone" SET "note" = 'x';`, ['all-rows on lone', 'one-sided on lone']],
  [`UPDATE "lone" SET "note" = 'x' WHERE "id" = 1;`, ['one-sided on lone']],
  [`UPDATE "lone" SET "note" = "nothing" WHERE "id" = 1;`, ['one-sided on lone', 'quoted-string on lone']],
  ['DELETE FROM "lone";', ['all-rows on lone', 'one-sided on lone']],
  ['DELETE FROM "lone" WHERE "id" = 1;', ['one-sided on lone']],
  ['REPLACE INTO "lone" VALUES (1);', ['unknown on *']],
  ['CREATE TABLE "fresh" ("id" INTEGER, "kind" VARCHAR DEFAULT "plain");', ['quoted-string on *']],
  ['CREATE TABLE "fresh" ("id" INTEGER, "kind" VARCHAR DEFAULT \'plain\' CHECK ("kind" <> \'\'));', []],
])('%s', (statement, hazards) => {
  const twin: Step = { up: [], snapshot: snapshot() };
  const report = lintChains({ sqlite: [first, { up: [statement], snapshot: snapshot() }], pg: [twin, twin] });
  const revision = report.revisions.findLast(({ chain }) => chain === 'sqlite')!;
  const found = [...revision.hazards, ...revision.statements.flatMap((one) => one.hazards)];
  expect(found.map(({ rule, table }) => `${rule} on ${table}`).toSorted()).toEqual(hazards);
});
