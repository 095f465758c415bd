/** Three tables with rows, and one without a key; the same as SQL and as a snapshot says it. */
export const FIXTURE = `
  create type "state" as enum ('A', 'B');
  create table "parent" (
    "id" integer primary key, "name" varchar(50), "note" text, "amount" numeric(10, 2), "at" timestamp(3),
    "data" json, "count" integer, "state" "state", "address" cidr,
    "checked" integer constraint "parent_checked_check" check ("checked" is not null)
  );
  create index "ix_parent_name" on "parent" ("name");
  create table "other" ("id" integer primary key);
  create table "child" (
    "id" integer primary key, "other_id" integer,
    "parent_id" integer constraint "child_parent_id_fkey" references "parent" ("id") on delete cascade
  );
  create table "loose" ("id" integer not null);
  insert into "parent" select i, 'name', 'note', 1.5, now(), '{}', i, 'A', '10.0.0.0/8', 1 from generate_series(1, 20) i;
  insert into "other" select i from generate_series(1, 20) i;
  insert into "child" select i, i, i from generate_series(1, 20) i;
  insert into "loose" select i from generate_series(1, 20) i;
  analyze;
`;

const column = (name: string, type: string, more: { notNull?: boolean; primaryKey?: boolean } = {}) => ({
  name,
  type,
  notNull: more.notNull ?? more.primaryKey ?? false,
  primaryKey: more.primaryKey ?? false,
});

const byName = <T extends { name: string }>(...all: T[]): Record<string, T> =>
  Object.fromEntries(all.map((one) => [one.name, one]));

const nothing = { indexes: {}, foreignKeys: {}, compositePrimaryKeys: {}, uniqueConstraints: {} };

export const FIXTURE_SNAPSHOT = {
  tables: byName(
    {
      ...nothing,
      name: 'parent',
      columns: byName(
        column('id', 'integer', { primaryKey: true }),
        column('name', 'varchar(50)'),
        column('note', 'text'),
        column('amount', 'numeric(10, 2)'),
        column('at', 'timestamp (3)'),
        column('data', 'json'),
        column('count', 'integer'),
        column('state', 'state'),
        column('address', 'cidr'),
        column('checked', 'integer'),
      ),
      indexes: byName({ name: 'ix_parent_name', columns: [{ expression: 'name' }], isUnique: false }),
      checkConstraints: byName({ name: 'parent_checked_check', value: '"checked" is not null' }),
    },
    { ...nothing, name: 'other', columns: byName(column('id', 'integer', { primaryKey: true })) },
    {
      ...nothing,
      name: 'child',
      columns: byName(
        column('id', 'integer', { primaryKey: true }),
        column('other_id', 'integer'),
        column('parent_id', 'integer'),
      ),
      foreignKeys: byName({
        name: 'child_parent_id_fkey',
        tableTo: 'parent',
        columnsFrom: ['parent_id'],
        columnsTo: ['id'],
        onDelete: 'cascade',
      }),
    },
    { ...nothing, name: 'loose', columns: byName(column('id', 'integer', { notNull: true })) },
  ),
};
