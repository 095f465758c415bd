/** Changes of a PostgreSQL schema, from each of which ours must lead to the other and back. */

import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  bigint,
  bigserial,
  boolean,
  check,
  doublePrecision,
  type ExtraConfigColumn,
  foreignKey,
  index,
  integer,
  json,
  jsonb,
  numeric,
  type PgColumnBuilderBase,
  type PgTableExtraConfigValue,
  pgEnum,
  pgTable,
  primaryKey,
  serial,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core';
import type { SchemaModules } from '../../src/migrations/generate/dialect.ts';

type Columns = Record<string, PgColumnBuilderBase>;
type Extras = (t: Record<string, AnyPgColumn>) => PgTableExtraConfigValue[];

export interface PgCase {
  what: string;
  from: SchemaModules;
  to: SchemaModules;
  /** Rows of the old schema, beside the three parents, the six children and a friend of one. */
  rows?: string[];
  /** A query on the new schema and what it gives. */
  gives?: [query: string, rows: Record<string, unknown>[]];
  /** Where drizzle-kit's own statements don't get there. */
  kitFails?: true;
  /** Needs a newer version than 13. */
  newer?: true;
}

export function schema(
  columns: Columns = {},
  extras: Extras = () => [],
  others: SchemaModules = {},
): SchemaModules {
  const parent = pgTable('parent', { id: text().primaryKey(), name: text(), ...columns }, (t) =>
    extras(t as unknown as Record<string, AnyPgColumn>),
  );
  const child = pgTable('child', { id: text().notNull(), parent_id: text().notNull() }, (t) => [
    primaryKey({ name: 'pk_child', columns: [t.id] }),
    foreignKey({ name: 'fk_child__parent', columns: [t.parent_id], foreignColumns: [parent.id] }).onDelete(
      'cascade',
    ),
  ]);
  const friend = pgTable('friend', {
    id: text().primaryKey(),
    parent_id: text().references(() => parent.id, { onDelete: 'set null' }),
  });
  return { parent, child, friend, ...others };
}

/** A parent that refers to two columns of another table, whose key has them in this order. */
function referringTo(one: 'a' | 'b', two: 'a' | 'b'): SchemaModules {
  const target = pgTable('other', { a: text(), b: text() }, (t) => [
    unique('uq').on(t[one], t[two]),
    unique('uq_more').on(t.b),
  ]);
  return schema(
    { a: text(), b: text() },
    (t) => [
      foreignKey({
        name: 'fk',
        columns: [col(t, 'a'), col(t, 'b')],
        foreignColumns: [target.a, target.b],
      }),
    ],
    { other: target },
  );
}

export const seed = [
  "insert into parent (id, name) values ('1', 'a'), ('2', 'b'), ('3', null)",
  "insert into child (id, parent_id) select p || c, p from unnest(array['1', '2', '3']) p, unnest(array['a', 'b']) c",
  "insert into friend (id, parent_id) values ('f1', '1'), ('f2', null)",
];

const col = (t: Record<string, AnyPgColumn>, name: string) => t[name] as AnyPgColumn & ExtraConfigColumn;
const mood = (...values: [string, ...string[]]) => pgEnum('mood', values);
const withMood = (
  values: [string, ...string[]],
  extras: Extras = () => [],
  column = mood(...values)('mood'),
) => schema({ mood: column }, extras, { mood: mood(...values) });
const other = (extras: () => PgTableExtraConfigValue[] = () => []) =>
  pgTable('other', { id: text().primaryKey(), note: text() }, extras);
const moody = (t: Record<string, AnyPgColumn>) => [
  index('ix_mood').on(col(t, 'mood')),
  index('ix_sad').on(col(t, 'name')).where(sql`mood = 'sad'`),
  index('ix_text').on(sql`(${col(t, 'mood')} = 'sad')`),
  check('ck_mood', sql`mood <> 'sad' or name is not null`),
];

/** Two tables that refer to each other, one of them to itself. */
const cycle = (): SchemaModules => {
  const hen = pgTable(
    'hen',
    { id: text().primaryKey(), egg_id: text(), mother_id: text() },
    (t): PgTableExtraConfigValue[] => [
      foreignKey({ name: 'fk_hen__egg', columns: [t.egg_id], foreignColumns: [egg.id] }),
      foreignKey({ name: 'fk_hen__hen', columns: [t.mother_id], foreignColumns: [t.id] }).onDelete(
        'set null',
      ),
    ],
  );
  const egg = pgTable('egg', { id: text().primaryKey(), hen_id: text() }, (t): PgTableExtraConfigValue[] => [
    foreignKey({ name: 'fk_egg__hen', columns: [t.hen_id], foreignColumns: [hen.id] }).onUpdate('cascade'),
  ]);
  return { hen, egg };
};

/** A parent with a key of another type, in all three tables. */
const keyed = (type: () => PgColumnBuilderBase): SchemaModules => {
  const parent = pgTable('parent', { id: type() as ReturnType<typeof text>, name: text() }, (t) => [
    primaryKey({ name: 'pk_parent', columns: [t.id] }),
  ]);
  const child = pgTable(
    'child',
    { id: text().primaryKey(), parent_id: type() as ReturnType<typeof text> },
    (t) => [
      foreignKey({ name: 'fk', columns: [t.parent_id], foreignColumns: [parent.id] }),
      index('ix_child').on(t.parent_id),
    ],
  );
  const friend = pgTable('friend', { id: text().primaryKey(), parent_id: text() });
  return { parent, child, friend };
};

const tables: PgCase[] = [
  {
    what: 'tables come',
    from: schema(),
    to: schema({}, () => [], { other: other(() => [index('ix_o').on(sql`lower(note)`)]) }),
  },
  {
    what: 'tables that refer to each other and themselves come',
    from: schema(),
    to: schema({}, () => [], cycle()),
  },
  {
    what: 'a table comes with all that it may have',
    from: schema(),
    to: schema({}, () => [], {
      tint: pgEnum('tint', ["it's", 'b']),
      full: pgTable(
        'full',
        {
          id: serial().primaryKey(),
          number: integer().generatedAlwaysAsIdentity({ startWith: 5, increment: 2 }),
          big: bigint({ mode: 'bigint' }).default(5n),
          tints: pgEnum('tint', ["it's", 'b'])().array().notNull().default(['b']),
          shout: text().generatedAlwaysAs(sql`upper(name)`),
          name: varchar({ length: 20 }).notNull().default("o'clock"),
          at: timestamp({ withTimezone: true, precision: 6 }).defaultNow(),
          Mixed: jsonb().default({ a: [1, 'b'] }),
          price: numeric({ precision: 8, scale: 2 }).default('1.50'),
          on: boolean().default(false),
        },
        (t) => [
          unique('uq_full').on(t.name, t.Mixed),
          uniqueIndex('ix_full')
            .on(t.name.desc().nullsFirst(), t.number.asc().nullsFirst())
            .where(sql`${t.on} is true`),
          index('ix_trgm').using('gin', t.name.op('gin_trgm_ops')),
          index('ix_opclass').using('btree', t.shout.op('text_pattern_ops')).with({ fillfactor: 70 }),
          index('ix_include').on(t.at, sql`${t.name} desc) include (${t.number}`),
          check('ck_full', sql`${t.price} > 0`),
        ],
      ),
    }),
  },
  {
    what: 'a table comes that takes its NULLs for one',
    from: schema(),
    to: schema({}, () => [], {
      other: pgTable('other', { a: text(), b: text() }, (t) => [
        unique('uq').on(t.a, t.b).nullsNotDistinct(),
      ]),
    }),
    newer: true,
  },
  { what: 'a table goes', from: schema({}, () => [], { other: other() }), to: schema() },
  { what: 'tables that refer to each other go', from: schema({}, () => [], cycle()), to: schema() },
  {
    what: 'an enumeration comes with its columns',
    from: schema(),
    to: withMood(['ok', 'sad']),
  },
];

/** Of keys with the same columns a single CREATE TABLE would make the first only, and does when drizzle-kit writes it. */
export const doubled: SchemaModules = {
  other: pgTable('other', { a: text(), b: text(), c: text() }, (t) => [
    primaryKey({ name: 'pk', columns: [t.a, t.b] }),
    unique('uq_like_key').on(t.a, t.b),
    unique('uq_c').on(t.c),
    unique('uq_c_too').on(t.c),
  ]),
};

const columns: PgCase[] = [
  { what: 'a column comes', from: schema(), to: schema({ extra: text() }) },
  {
    what: 'a column with a default comes',
    from: schema(),
    to: schema({ extra: integer().notNull().default(7) }),
  },
  {
    what: 'an identity comes as a new column',
    from: schema(),
    to: schema({ extra: integer().generatedByDefaultAsIdentity() }),
  },
  { what: 'a serial comes as a new column', from: schema(), to: schema({ extra: serial() }) },
  {
    what: 'a column goes with all that stands on it',
    from: schema({ extra: text().unique() }, (t) => [
      index('ix_extra').on(col(t, 'extra')),
      index('ix_lower').on(sql`lower(extra)`),
      check('ck_extra', sql`extra <> 'x'`),
    ]),
    to: schema(),
  },
  {
    what: 'a column goes from which another is generated',
    from: schema({ extra: text(), loud: text().generatedAlwaysAs(sql`upper(extra)`) }),
    to: schema({ loud: text().generatedAlwaysAs(sql`upper(name)`) }),
    gives: ['select loud from parent order by id', [{ loud: 'A' }, { loud: 'B' }, { loud: null }]],
  },
  {
    what: 'a default changes',
    from: schema({ extra: text().default('a') }),
    to: schema({ extra: text().default("it's") }),
  },
  { what: 'a default goes', from: schema({ extra: text().default('a') }), to: schema({ extra: text() }) },
  {
    what: 'columns may not be empty any more',
    from: schema({ one: text().default('full'), two: integer().default(2) }, () => [
      check('ck', sql`one <> 'never'`),
    ]),
    to: schema({ one: text().notNull().default('full'), two: integer().notNull().default(3) }, () => [
      check('ck', sql`one <> 'never'`),
    ]),
    rows: ["update parent set one = null, two = null where id = '1'"],
    gives: [
      'select one, two from parent order by id',
      [
        { one: 'full', two: 3 },
        { one: 'full', two: 2 },
        { one: 'full', two: 2 },
      ],
    ],
    kitFails: true,
  },
  {
    what: 'a generated column comes',
    from: schema(),
    to: schema({ loud: text().generatedAlwaysAs(sql`upper(name)`) }),
  },
  {
    what: 'a generated column with an index changes its expression',
    from: schema({ loud: text().generatedAlwaysAs(sql`upper(name)`) }, (t) => [
      index('ix').on(col(t, 'loud')),
    ]),
    to: schema({ loud: text().generatedAlwaysAs(sql`upper(name) || '!'`) }, (t) => [
      index('ix').on(col(t, 'loud')),
    ]),
    gives: ['select loud from parent order by id', [{ loud: 'A!' }, { loud: 'B!' }, { loud: null }]],
    kitFails: true,
  },
  {
    what: 'a generated column becomes an ordinary one',
    from: schema({ loud: text().generatedAlwaysAs(sql`upper(name)`) }),
    kitFails: true,
    to: schema({ loud: text().default('x') }),
    gives: ['select loud from parent order by id', [{ loud: 'A' }, { loud: 'B' }, { loud: null }]],
  },
  {
    what: 'an integer becomes an identity and goes on after its greatest value',
    from: schema({ number: integer().notNull().default(41) }),
    to: schema({ number: integer().generatedByDefaultAsIdentity({ name: 'numbers' }) }),
    gives: ["insert into parent (id) values ('new') returning number", [{ number: 42 }]],
  },
  {
    what: 'an identity changes',
    from: schema({ number: integer().generatedByDefaultAsIdentity({ name: 'numbers' }) }),
    to: schema({
      number: bigint({ mode: 'number' }).generatedAlwaysAsIdentity({
        name: 'counter',
        increment: 5,
        cache: 10,
        cycle: true,
      }),
    }),
    kitFails: true,
  },
  {
    what: 'an integer becomes a serial',
    from: schema({ number: integer().notNull().default(41) }),
    to: schema({ number: serial() }),
    gives: ["insert into parent (id) values ('new') returning number", [{ number: 42 }]],
    kitFails: true,
  },
  {
    what: 'a serial becomes a big one',
    from: schema({ number: serial() }),
    to: schema({ number: bigserial({ mode: 'number' }) }),
    kitFails: true,
  },
  {
    what: 'a serial becomes an identity',
    from: schema({ number: serial() }),
    to: schema({ number: integer().generatedAlwaysAsIdentity() }),
    kitFails: true,
  },
];

const types: PgCase[] = [
  {
    what: 'text becomes a number, with an index, a check and a default',
    from: schema({ number: text().notNull().default('7') }, (t) => [
      index('ix').on(col(t, 'number')),
      index('ix_low').on(col(t, 'name')).where(sql`number < '5'`),
      check('ck', sql`number <> 'x'`),
    ]),
    to: schema({ number: integer().notNull().default(7) }, (t) => [
      index('ix').on(col(t, 'number')),
      index('ix_low').on(col(t, 'name')).where(sql`number < 5`),
      check('ck', sql`number <> 6`),
    ]),
    rows: ["update parent set number = '12' where id = '1'"],
    gives: ['select number from parent order by id', [{ number: 12 }, { number: 7 }, { number: 7 }]],
    kitFails: true,
  },
  {
    what: 'a type changes under an operator class',
    from: schema({ tag: text() }, (t) => [index('ix').using('btree', col(t, 'tag').op('text_pattern_ops'))]),
    to: schema({ tag: varchar({ length: 9 }) }, (t) => [
      index('ix').using('btree', col(t, 'tag').op('varchar_pattern_ops')),
    ]),
  },
  {
    what: 'a type changes from which a column is generated',
    from: schema({ n: integer().default(2), twice: integer().generatedAlwaysAs(sql`n * 2`) }, (t) => [
      unique('uq').on(col(t, 'id'), col(t, 'twice')),
    ]),
    to: schema(
      { n: bigint({ mode: 'number' }).default(2), twice: integer().generatedAlwaysAs(sql`n * 2`) },
      (t) => [unique('uq').on(col(t, 'id'), col(t, 'twice'))],
    ),
    gives: ['select twice from parent', [{ twice: 4 }, { twice: 4 }, { twice: 4 }]],
    kitFails: true,
  },
  {
    what: 'both ends of a foreign key change their types',
    from: keyed(() => text().notNull()),
    to: keyed(() => integer().notNull()),
    kitFails: true,
  },
  {
    what: 'types change that have no cast of their own',
    from: schema({
      flag: boolean().default(true),
      number: doublePrecision().default(1),
      day: timestamp().default(sql`'2026-01-02 03:04:05'`),
      data: text().default('{"a":1}'),
      key: text().default('5f0c6f1e-6a1d-4c8e-9d3e-0123456789ab'),
      bits: json().default([1]),
    }),
    to: schema({
      flag: bigint({ mode: 'number' }).default(1),
      number: boolean().default(true),
      day: timestamp({ withTimezone: true }).default(sql`'2026-01-02 03:04:05+00'`),
      data: jsonb().default({ a: 1 }),
      key: uuid().default('5f0c6f1e-6a1d-4c8e-9d3e-0123456789ab'),
      bits: jsonb().default([1]),
    }),
    gives: [
      "select flag, number, day at time zone 'UTC' = '2026-01-02 03:04:05' as day, data, key from parent limit 1",
      [{ flag: '1', number: true, day: true, data: { a: 1 }, key: '5f0c6f1e-6a1d-4c8e-9d3e-0123456789ab' }],
    ],
    kitFails: true,
  },
];

const enums: PgCase[] = [
  {
    what: 'values are added at every place',
    from: withMood(['ok', 'sad'], moody),
    to: withMood(['first', 'ok', 'a', 'b', 'sad', 'happy', 'last'], moody),
    rows: ["update parent set mood = 'sad' where name is not null"],
    gives: ['select distinct mood from parent order by mood', [{ mood: 'sad' }, { mood: null }]],
  },
  {
    what: 'a value goes and the others change places under all that mentions them',
    from: schema(
      {
        mood: mood('ok', 'sad', 'gone')('mood').notNull().default('sad'),
        moods: mood('ok', 'sad', 'gone')('moods').array().default(['ok', 'sad']),
        is_sad: boolean().generatedAlwaysAs(sql`mood = 'sad'`),
        old_word: text().default(sql`upper('sad'::mood::text)`),
      },
      (t) => [
        ...moody(t).slice(0, 3),
        index('ix_generated').on(col(t, 'is_sad')),
        check('ck_mood', sql`mood <> 'ok' or name is not null`),
      ],
      { mood: mood('ok', 'sad', 'gone') },
    ),
    to: schema(
      {
        mood: mood('sad', 'ok', 'new')('mood').notNull().default('sad'),
        moods: mood('sad', 'ok', 'new')('moods').array().default(['ok', 'sad']),
        is_sad: boolean().generatedAlwaysAs(sql`mood = 'sad'`),
        old_word: text().default(sql`upper('sad'::mood::text)`),
      },
      (t) => [
        ...moody(t).slice(0, 3),
        index('ix_generated').on(col(t, 'is_sad')),
        check('ck_mood', sql`mood <> 'ok' or name is not null`),
      ],
      { mood: mood('sad', 'ok', 'new') },
    ),
    rows: ["update parent set mood = 'ok' where id = '1'"],
    gives: [
      'select mood, moods::text, is_sad from parent order by id limit 2',
      [
        { mood: 'ok', moods: '{ok,sad}', is_sad: false },
        { mood: 'sad', moods: '{ok,sad}', is_sad: true },
      ],
    ],
    kitFails: true,
  },
  {
    what: 'a column leaves its enumeration, which goes',
    from: withMood(['ok', 'sad'], (t) => [index('ix_sad').on(col(t, 'name')).where(sql`mood = 'sad'`)]),
    to: schema({ mood: text() }, (t) => [index('ix_sad').on(col(t, 'name')).where(sql`mood = 'sad'`)]),
    rows: ["update parent set mood = 'ok' where id = '1'"],
    gives: ['select mood from parent order by id', [{ mood: 'ok' }, { mood: null }, { mood: null }]],
    kitFails: true,
  },
];

const keys: PgCase[] = [
  {
    what: 'an index comes, goes and changes',
    from: schema({}, (t) => [index('ix_a').on(col(t, 'name')), index('ix_b').on(col(t, 'name'))]),
    to: schema({}, (t) => [
      index('ix_b').on(col(t, 'name'), col(t, 'id')),
      uniqueIndex('ix_c').on(sql`coalesce(name, id) desc`),
    ]),
  },
  {
    what: 'a unique index changes',
    from: schema({}, (t) => [uniqueIndex('ux').on(col(t, 'name'))]),
    to: schema({}, (t) => [uniqueIndex('ux').on(col(t, 'name'), col(t, 'id')).where(sql`name is not null`)]),
  },
  {
    what: 'a unique constraint comes',
    from: schema(),
    to: schema({}, (t) => [unique('uq').on(col(t, 'name'))]),
  },
  {
    what: 'a unique constraint changes',
    from: schema({}, (t) => [unique('uq').on(col(t, 'name'))]),
    to: schema({}, (t) => [unique('uq').on(col(t, 'name'), col(t, 'id'))]),
  },
  {
    what: 'a unique constraint takes its NULLs for one',
    from: schema({}, (t) => [unique('uq').on(col(t, 'name'))]),
    to: schema({}, (t) => [unique('uq').on(col(t, 'name')).nullsNotDistinct()]),
    newer: true,
  },
  {
    what: 'a unique index becomes a constraint',
    from: schema({}, (t) => [uniqueIndex('ux').on(col(t, 'name'))]),
    to: schema({}, (t) => [unique('ux').on(col(t, 'name'))]),
  },
  { what: 'a check comes', from: schema(), to: schema({}, () => [check('ck', sql`name <> 'no, (never)'`)]) },
  {
    what: 'a check changes',
    from: schema({}, () => [check('ck', sql`name <> 'x'`)]),
    to: schema({}, () => [check('ck', sql`name <> 'y'`)]),
  },
  {
    what: 'a primary key changes, and whether its columns may be empty',
    from: schema({}, () => [], {
      other: pgTable('other', { a: text(), b: text(), c: text() }, (t) => [
        primaryKey({ name: 'pk', columns: [t.a, t.b] }),
      ]),
    }),
    to: schema({}, () => [], {
      other: pgTable('other', { a: text(), b: text(), c: text() }, (t) => [
        primaryKey({ name: 'pk', columns: [t.b, t.c] }),
      ]),
    }),
    rows: ["insert into other values ('a', 'b', 'c')"],
    kitFails: true,
  },
  {
    what: 'a primary key goes',
    from: schema({}, () => [], {
      other: pgTable('other', { a: text(), b: text() }, (t) => [primaryKey({ name: 'pk', columns: [t.a] })]),
    }),
    to: schema({}, () => [], { other: pgTable('other', { a: text(), b: text() }) }),
    kitFails: true,
  },
  {
    what: 'a foreign key comes to a key that comes',
    from: schema({ note: text() }, () => [], { other: other() }),
    kitFails: true,
    to: (() => {
      const target = pgTable('other', { id: text().primaryKey(), note: text() }, (t) => [
        unique('uq_note').on(t.note),
      ]);
      return schema(
        { note: text() },
        (t) => [
          foreignKey({ name: 'fk_note', columns: [col(t, 'note')], foreignColumns: [target.note] }).onUpdate(
            'cascade',
          ),
        ],
        { other: target },
      );
    })(),
  },
  {
    what: 'a foreign key changes its action',
    from: schema({ up: text() }, (t) => [
      foreignKey({ name: 'fk_up', columns: [col(t, 'up')], foreignColumns: [col(t, 'id')] }),
    ]),
    to: schema({ up: text() }, (t) => [
      foreignKey({ name: 'fk_up', columns: [col(t, 'up')], foreignColumns: [col(t, 'id')] }).onDelete(
        'cascade',
      ),
    ]),
  },
  {
    what: 'the key changes that a foreign key points to',
    from: referringTo('a', 'b'),
    to: referringTo('b', 'a'),
    kitFails: true,
  },
  {
    what: 'everything only gets another name',
    from: schema({ up: text() }, (t) => [
      index('ix_old').on(col(t, 'name')),
      unique('uq_old').on(col(t, 'name')),
      check('ck_old', sql`name <> 'x'`),
      foreignKey({ name: 'fk_old', columns: [col(t, 'up')], foreignColumns: [col(t, 'id')] }),
    ]),
    to: schema({ up: text() }, (t) => [
      index('ix_new').on(col(t, 'name')),
      unique('uq_new').on(col(t, 'name')),
      check('ck_new', sql`name <> 'x'`),
      foreignKey({ name: 'fk_new', columns: [col(t, 'up')], foreignColumns: [col(t, 'id')] }),
    ]),
  },
];

const isOld = process.env['TEST_POSTGRES_VERSION'] === '13';

/** Those that the version can do at all. */
export const cases: PgCase[] = [...tables, ...columns, ...types, ...enums, ...keys].filter(
  ({ newer }) => !(newer && isOld),
);
