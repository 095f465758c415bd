/** The changes of a schema that are known to go wrong elsewhere, each from a table that others refer to. */

import type { Rename } from '../../src/migrations/generate/dialect.ts';
import type { Model, ModelTable } from './model/model.ts';

type Columns = Record<string, ModelTable['columns'][string] | undefined>;
type Changes = Partial<Omit<ModelTable, 'columns'>> & { columns?: Columns };

export interface Case {
  readonly what: string;
  readonly from?: Model;
  readonly to: Model;
  readonly renames?: readonly Rename[];
  /** The table that SQLite has to rebuild; it changes all in place unless one is named. */
  readonly rebuilds?: 'parent' | 'lone';
  /** What else the statements must show. */
  /** All statements, where they are the same on both engines. */
  readonly exactly?: string;
  readonly says?: { readonly sqlite?: RegExp[]; readonly pg?: RegExp[] };
  /** What the query must give afterwards. */
  readonly rows?: readonly [query: string, rows: unknown[]];
}

const base: Model = {
  enums: { mood: ['sad', 'ok', 'happy'] },
  tables: {
    lone: { columns: { id: { type: 'varchar', notNull: true }, label: { type: 'varchar' } }, key: ['id'] },
    parent: {
      columns: {
        id: { type: 'varchar', notNull: true },
        name: { type: 'varchar' },
        amount: { type: 'text' },
        mood: { type: 'mood' },
        lone_id: { type: 'varchar' },
      },
      key: ['id'],
    },
    child: {
      columns: { id: { type: 'varchar', notNull: true }, parent_id: { type: 'varchar', notNull: true } },
      key: ['id'],
      keys: {
        fk_child__parent: { columns: ['parent_id'], table: 'parent', refers: ['id'], onDelete: 'cascade' },
      },
    },
    soft: {
      columns: { id: { type: 'varchar', notNull: true }, parent_id: { type: 'varchar' } },
      key: ['id'],
      keys: {
        fk_soft__parent: { columns: ['parent_id'], table: 'parent', refers: ['id'], onDelete: 'set null' },
      },
    },
  },
};

export const seed = [
  "insert into lone (id, label) values ('l1', 'x'), ('l2', 'y')",
  `insert into parent (id, name, amount, mood, lone_id) values
    ('p1', 'a', '10', 'sad', 'l1'), ('p2', 'b', ' 20 ', 'ok', null), ('p3', null, '-30', 'happy', 'l2')`,
  "insert into child (id, parent_id) values ('c1', 'p1'), ('c2', 'p1'), ('c3', 'p2'), ('c4', 'p2'), ('c5', 'p3'), ('c6', 'p3')",
  "insert into soft (id, parent_id) values ('s1', 'p1'), ('s2', 'p2'), ('s3', 'p3')",
];

function change(table: string, changes: Changes, model: Model = base): Model {
  const old = model.tables[table]!;
  const columns = Object.entries({ ...old.columns, ...changes.columns }).filter(([, column]) => column);
  const changed = { ...old, ...changes, columns: Object.fromEntries(columns) } as ModelTable;
  return { ...model, tables: { ...model.tables, [table]: changed } };
}
const parent = (changes: Changes, model?: Model) => change('parent', changes, model);
const toLone = (onDelete?: 'cascade' | 'set null') => ({
  fk_parent__lone: { columns: ['lone_id'], table: 'lone', refers: ['id'], ...(onDelete && { onDelete }) },
});
const moods = (...labels: string[]): Pick<Model, 'enums'> => ({ enums: { mood: labels } });
const text = { type: 'varchar' } as const;
const lower = (kind: 'stored' | 'virtual', as = 'lower(name)') => ({ ...text, generated: { as, kind } });

const columns: Case[] = [
  { what: 'a column comes', to: parent({ columns: { extra: text } }) },
  {
    what: 'a column comes that has a default and may not be empty',
    to: parent({ columns: { extra: { type: 'integer', notNull: true, default: 7 } } }),
    rows: ['select distinct extra from parent', [{ extra: 7 }]],
  },
  {
    what: 'a column comes whose default is an expression',
    to: parent({ columns: { extra: { ...text, notNull: true, default: { sql: "(lower('ABC'))" } } } }),
    rebuilds: 'parent',
    rows: ['select distinct extra from parent', [{ extra: 'abc' }]],
  },
  {
    what: 'a column comes with a foreign key and its action',
    to: parent({
      columns: { other_id: text },
      keys: {
        fk_parent__other: { columns: ['other_id'], table: 'lone', refers: ['id'], onDelete: 'cascade' },
      },
    }),
    says: { sqlite: [/ADD COLUMN "other_id".* ON DELETE CASCADE/] },
  },
  { what: 'a column goes', from: parent({ columns: { extra: text } }), to: base },
  {
    what: 'a column goes with its indexes',
    from: parent({
      columns: { extra: text },
      indexes: {
        ix_extra: { keys: ['extra'] },
        ix_partial: { keys: ['name'], where: 'extra IS NOT NULL' },
        ix_lower: { keys: ['lower(extra)'] },
      },
    }),
    to: base,
  },
  {
    what: 'a column goes with its foreign key',
    from: parent({ keys: toLone('cascade') }),
    to: parent({ columns: { lone_id: undefined } }),
    rebuilds: 'parent',
  },
  {
    what: 'a default comes',
    to: parent({ columns: { name: { ...text, default: 'new' } } }),
    rebuilds: 'parent',
  },
  {
    what: 'a default changes',
    from: parent({ columns: { name: { ...text, default: 'a' } } }),
    to: parent({ columns: { name: { ...text, default: "it's (b)" } } }),
    rebuilds: 'parent',
  },
  {
    what: 'a default goes',
    from: parent({ columns: { name: { ...text, default: 'a' } } }),
    to: base,
    rebuilds: 'parent',
  },
  {
    what: 'a column may not be empty any more, and its empty rows get the default',
    from: parent({ columns: { name: { ...text, default: 'full' } } }),
    to: parent({ columns: { name: { ...text, default: 'full', notNull: true } } }),
    rows: ['select name from parent order by id', [{ name: 'a' }, { name: 'b' }, { name: 'full' }]],
  },
  {
    what: 'a column may not be empty any more, and has no default',
    to: parent({ columns: { amount: { type: 'text', notNull: true } } }),
  },
  {
    what: 'a column may be empty',
    from: parent({ columns: { amount: { type: 'text', notNull: true } } }),
    to: base,
  },
];

const types: Case[] = [
  {
    what: 'a text becomes a number',
    to: parent({ columns: { amount: { type: 'integer' } } }),
    rebuilds: 'parent',
    rows: ['select sum(amount) as sum from parent where amount < 15', [{ sum: expect(-20) }]],
  },
  {
    what: 'a text becomes a floating number with a default where it may not be empty',
    from: parent({ columns: { amount: { type: 'text', default: '1' } } }),
    to: parent({ columns: { amount: { type: 'float', notNull: true, default: 2.5 } } }),
    rebuilds: 'parent',
    rows: ['select amount from parent order by amount', [{ amount: -30 }, { amount: 10 }, { amount: 20 }]],
  },
  {
    what: 'a label of an enumeration becomes a text',
    to: parent({ columns: { mood: { type: 'text' } } }),
    rebuilds: 'parent',
    rows: ['select mood from parent order by id', [{ mood: 'sad' }, { mood: 'ok' }, { mood: 'happy' }]],
  },
  {
    what: 'the type changes of a column that a generated one is made of',
    from: parent({ columns: { twice: { type: 'text', generated: { as: 'amount', kind: 'stored' } } } }),
    to: parent({
      columns: {
        amount: { type: 'integer' },
        twice: { type: 'integer', generated: { as: 'amount * 2', kind: 'stored' } },
      },
    }),
    rebuilds: 'parent',
    rows: ['select twice from parent order by id', [{ twice: 20 }, { twice: 40 }, { twice: -60 }]],
  },
];

const enums: Case[] = [
  { what: 'an enumeration gets a label', to: { ...base, ...moods('sad', 'ok', 'happy', 'mad') } },
  {
    what: 'an enumeration gets a label in between, which a default uses at once',
    to: {
      ...parent({ columns: { mood: { type: 'mood', default: 'meh' } } }),
      ...moods('sad', 'meh', 'ok', 'happy'),
    },
    rebuilds: 'parent',
    says: { pg: [/ADD VALUE (IF NOT EXISTS )?'meh' BEFORE 'ok'/] },
  },
  {
    what: 'an enumeration loses a label, and an index and a check mention it',
    from: {
      ...parent({
        indexes: { ix_mood: { keys: ['name'], where: "mood = 'sad'" } },
        checks: { ck_mood: "mood <> 'ok' OR name IS NOT NULL" },
      }),
      ...moods('sad', 'ok', 'happy', 'gone'),
    },
    to: parent({
      indexes: { ix_mood: { keys: ['name'], where: "mood = 'sad'" } },
      checks: { ck_mood: "mood <> 'ok' OR name IS NOT NULL" },
    }),
  },
  { what: 'the labels of an enumeration change places', to: { ...base, ...moods('happy', 'ok', 'sad') } },
  {
    what: 'an enumeration gets a longer label',
    to: { ...base, ...moods('sad', 'ok', 'happy', 'exuberant') },
    rebuilds: 'parent',
  },
];

const constraints: Case[] = [
  { what: 'a foreign key comes', to: parent({ keys: toLone('set null') }), rebuilds: 'parent' },
  { what: 'a foreign key goes', from: parent({ keys: toLone('set null') }), to: base, rebuilds: 'parent' },
  {
    what: "a foreign key's action changes",
    from: parent({ keys: toLone('set null') }),
    to: parent({ keys: toLone('cascade') }),
    rebuilds: 'parent',
  },
  {
    what: 'a check comes',
    to: parent({ checks: { ck_name: "name <> 'no, (never)'" } }),
    rebuilds: 'parent',
  },
  {
    what: 'a check changes',
    from: parent({ checks: { ck_name: "name <> 'x'" } }),
    to: parent({ checks: { ck_name: "name <> 'y'" } }),
    rebuilds: 'parent',
  },
  { what: 'a check goes', from: parent({ checks: { ck_name: "name <> 'x'" } }), to: base },
  { what: 'a unique constraint comes', to: parent({ uniques: { uq_name: ['name'] } }), rebuilds: 'parent' },
  {
    what: 'a unique constraint gets a column',
    from: parent({ uniques: { uq_name: ['name'] } }),
    to: parent({ uniques: { uq_name: ['name', 'amount'] } }),
    rebuilds: 'parent',
  },
  {
    what: 'a unique constraint gets another name',
    from: parent({ uniques: { uq_name: ['name'] } }),
    to: parent({ uniques: { uq_parent__name: ['name'] } }),
    rebuilds: 'parent',
  },
  {
    what: 'a unique constraint goes',
    from: parent({ uniques: { uq_name: ['name'] } }),
    to: base,
    rebuilds: 'parent',
  },
  {
    what: 'a primary key gets a column',
    from: change('lone', { columns: { label: { ...text, notNull: true } } }),
    to: change('lone', { columns: { label: { ...text, notNull: true } }, key: ['id', 'label'] }),
    rebuilds: 'lone',
  },
];

const indexes: Case[] = [
  { what: 'an index comes', to: parent({ indexes: { ix_name: { keys: ['name'] } } }) },
  {
    what: 'an index comes on an expression with commas, descending and partial',
    to: parent({
      indexes: {
        ix_odd: {
          keys: ['id', 'coalesce(name, amount)', 'name DESC'],
          unique: true,
          where: "name IS NOT NULL AND id <> 'x'",
        },
      },
    }),
  },
  {
    what: 'the columns of an index change',
    from: parent({ indexes: { ix_name: { keys: ['name'] } } }),
    to: parent({ indexes: { ix_name: { keys: ['name', 'id DESC'] } } }),
  },
  {
    what: 'the predicate of an index changes',
    from: parent({ indexes: { ix_name: { keys: ['name'], where: "id <> 'a'" } } }),
    to: parent({ indexes: { ix_name: { keys: ['name'], where: "id <> 'b'" } } }),
  },
  {
    what: 'the expression of an index changes',
    from: parent({ indexes: { ix_name: { keys: ['lower(name)'] } } }),
    to: parent({ indexes: { ix_name: { keys: ['upper(name)'] } } }),
  },
  { what: 'an index goes', from: parent({ indexes: { ix_name: { keys: ['name'] } } }), to: base },
  {
    what: 'an index goes over to another table',
    from: parent({ indexes: { ix_moves: { keys: ['name'] } } }),
    to: change('lone', { indexes: { ix_moves: { keys: ['label'] } } }),
  },
];

const generated: Case[] = [
  {
    what: 'a virtual generated column comes',
    to: parent({ columns: { small: lower('virtual') } }),
    rows: ["select small from parent where id = 'p1'", [{ small: 'a' }]],
  },
  {
    what: 'a stored generated column comes',
    to: parent({ columns: { small: lower('stored') } }),
    rebuilds: 'parent',
    rows: ["select small from parent where id = 'p1'", [{ small: 'a' }]],
  },
  {
    what: 'a virtual generated column is made of something else, and has an index',
    from: parent({ columns: { small: lower('virtual') }, indexes: { ix_small: { keys: ['small'] } } }),
    to: parent({
      columns: { small: lower('virtual', 'upper(name)') },
      indexes: { ix_small: { keys: ['small'] } },
    }),
    rows: ["select small from parent where id = 'p1'", [{ small: 'A' }]],
  },
  {
    what: 'a stored generated column is made of something else',
    from: parent({ columns: { small: lower('stored') } }),
    to: parent({ columns: { small: lower('stored', 'upper(name)') } }),
    rebuilds: 'parent',
    rows: ["select small from parent where id = 'p1'", [{ small: 'A' }]],
  },
  {
    what: 'a generated column goes together with what it was made of',
    from: parent({ columns: { extra: text, small: lower('virtual', 'lower(extra)') } }),
    to: base,
  },
];

const tables: Case[] = [
  {
    what: 'a table comes with an enumeration of its own and a foreign key',
    to: {
      enums: { ...base.enums, size: ['small', 'big'] },
      tables: {
        ...base.tables,
        thing: {
          columns: { id: { ...text, notNull: true }, size: { type: 'size' }, parent_id: text },
          key: ['id'],
          indexes: { ix_size: { keys: ['size'] } },
          keys: {
            fk_thing__parent: {
              columns: ['parent_id'],
              table: 'parent',
              refers: ['id'],
              onDelete: 'cascade',
            },
          },
        },
      },
    },
  },
  {
    what: 'a table goes that others referred to',
    from: parent({ keys: toLone('cascade') }),
    to: {
      ...base,
      tables: Object.fromEntries(
        Object.entries(parent({ columns: { lone_id: undefined } }).tables).filter(
          ([name]) => name !== 'lone',
        ),
      ),
    },
    rebuilds: 'parent',
  },
];

const mentioned: Changes = {
  columns: { small: lower('virtual') },
  indexes: {
    ix_name: { keys: ['name'] },
    ix_lower: { keys: ['lower(name)'], where: "name <> 'name'" },
  },
  checks: { ck_name: "name <> 'name'" },
};

const renames: Case[] = [
  {
    what: 'a column that everything mentions is renamed',
    from: parent({ ...mentioned, uniques: { uq_name: ['name'] } }),
    to: parent({
      columns: { name: undefined, title: text, small: lower('virtual', 'lower(title)') },
      indexes: {
        ix_name: { keys: ['title'] },
        ix_lower: { keys: ['lower(title)'], where: "title <> 'name'" },
      },
      checks: { ck_name: "title <> 'name'" },
      uniques: { uq_name: ['title'] },
    }),
    renames: [{ kind: 'column', table: 'parent', from: 'name', to: 'title' }],
    exactly: 'ALTER TABLE "parent" RENAME COLUMN "name" TO "title";',
    rows: ['select title from parent order by id', [{ title: 'a' }, { title: 'b' }, { title: null }]],
  },
  {
    what: 'a column that another table refers to is renamed, and another one changes',
    to: {
      ...base,
      tables: {
        ...base.tables,
        lone: { columns: { code: { ...text, notNull: true }, label: text }, key: ['code'] },
        parent: {
          ...base.tables['parent']!,
          columns: { ...base.tables['parent']!.columns, name: { ...text, default: 'n' } },
          keys: { fk_parent__lone: { columns: ['lone_id'], table: 'lone', refers: ['code'] } },
        },
      },
    },
    from: parent({ keys: toLone() }),
    renames: [{ kind: 'column', table: 'lone', from: 'id', to: 'code' }],
    rebuilds: 'parent',
    rows: ['select code from lone order by code', [{ code: 'l1' }, { code: 'l2' }]],
  },
  {
    what: 'a table that others refer to is renamed with a column of it',
    from: parent({ keys: toLone('set null') }),
    to: {
      ...base,
      tables: {
        island: { columns: { id: { ...text, notNull: true }, tag: text }, key: ['id'], keyName: 'pk_lone' },
        ...Object.fromEntries(
          Object.entries(
            parent({
              keys: {
                fk_parent__lone: {
                  columns: ['lone_id'],
                  table: 'island',
                  refers: ['id'],
                  onDelete: 'set null',
                },
              },
            }).tables,
          ).filter(([name]) => name !== 'lone'),
        ),
      },
    },
    renames: [
      { kind: 'table', from: 'lone', to: 'island' },
      { kind: 'column', table: 'island', from: 'label', to: 'tag' },
    ],
    rows: ['select tag from island order by id', [{ tag: 'x' }, { tag: 'y' }]],
  },
];

const combinations: Case[] = [
  {
    what: 'a rebuilt table gets a column, has a generated one and an index on an expression',
    from: parent({
      columns: { small: lower('virtual') },
      indexes: { ix_lower: { keys: ['lower(name) DESC'] } },
    }),
    to: parent({
      columns: {
        small: lower('virtual'),
        name: { ...text, default: 'n' },
        extra: { type: 'integer', default: 3 },
      },
      indexes: { ix_lower: { keys: ['lower(name) DESC'] } },
    }),
    rebuilds: 'parent',
    rows: ['select distinct extra from parent', [{ extra: 3 }]],
  },
  {
    what: 'everything of one table changes at once',
    from: parent({
      columns: { gone: text, kept: { type: 'boolean', notNull: true, default: true } },
      indexes: { ix_gone: { keys: ['gone'] }, ix_name: { keys: ['name'] } },
      checks: { ck_gone: "gone <> 'x'" },
      keys: toLone('set null'),
    }),
    to: parent({
      columns: {
        kept: { type: 'boolean', notNull: true, default: false },
        amount: { type: 'integer', notNull: true, default: 0 },
        name: { ...text, notNull: true, default: 'none' },
        fresh: { type: 'timestamp' },
        small: lower('stored'),
      },
      indexes: { ix_name: { keys: ['name DESC', 'amount'], unique: true } },
      checks: { ck_amount: 'amount > -100' },
      uniques: { uq_amount: ['amount'] },
      keys: toLone('cascade'),
    }),
    rebuilds: 'parent',
    rows: ['select small from parent order by amount', [{ small: 'none' }, { small: 'a' }, { small: 'b' }]],
  },
];

/** A number as either driver gives it: a sum is a bigint on PostgreSQL, and that comes as text. */
function expect(value: number): unknown {
  return { asymmetricMatch: (other: unknown) => Number(other) === value, toString: () => String(value) };
}

export const cases: Case[] = [
  ...columns,
  ...types,
  ...enums,
  ...constraints,
  ...indexes,
  ...generated,
  ...tables,
  ...renames,
  ...combinations,
];
export { base };
