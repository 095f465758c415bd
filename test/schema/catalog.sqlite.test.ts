import SqliteDriver from 'better-sqlite3';
import { expect, test } from 'vitest';
import { readSqliteCatalog } from '../../src/migrations/sqlite/catalog.ts';
import { describeCatalog, isColumnOrder } from '../support/catalog-text.ts';

async function facts(...statements: string[]): Promise<string[]> {
  const driver = new SqliteDriver(':memory:');
  for (const statement of statements) driver.exec(statement);
  const catalog = await readSqliteCatalog(async (text) => driver.prepare(text).all());
  driver.close();
  return describeCatalog(catalog).filter((fact) => !isColumnOrder(fact));
}

const parent = 'create table parent (a integer, b text, primary key (a, b))';

test('names of constraints are found however they are written', async () => {
  expect(
    await facts(
      parent,
      `CREATE TABLE "child" ( -- a comment, with (parentheses
        [id] INTEGER PRIMARY KEY AUTOINCREMENT, /* CONSTRAINT no UNIQUE (id), */
        \`x y\` VARCHAR(7) CONSTRAINT "uq of x" UNIQUE CONSTRAINT nn_x NOT NULL DEFAULT 'a, (b' COLLATE NOCASE,
        "a" int CONSTRAINT ck_a CHECK (a > 0 AND "a" <> 7), b text,
        "constraint" text REFERENCES parent (b) ON DELETE SET NULL,
        CONSTRAINT fk_both FOREIGN KEY ("a", b) REFERENCES parent ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
        UNIQUE (a, b), CHECK (length(b) > 1)
      )`,
    ),
  ).toEqual(
    [
      'child: autoincrement',
      'child: check (unnamed) length(b)> 1',
      'child: check ck_a a > 0 and a <> 7',
      'child: column a INT',
      'child: column b TEXT',
      'child: column constraint TEXT',
      'child: column id INTEGER',
      `child: column x y VARCHAR(7) collate NOCASE not null default 'a, (b'`,
      'child: foreign key (unnamed) (constraint) to parent (b) on delete SET NULL on update NO ACTION',
      'child: foreign key fk_both (a, b) to parent () on delete NO ACTION on update CASCADE deferrable initially deferred',
      'child: primary key (unnamed) (id)',
      'child: unique (unnamed) (a, b)',
      'child: unique uq of x (x y)',
      'parent: column a INTEGER',
      'parent: column b TEXT',
      'parent: primary key (unnamed) (a, b)',
    ].sort(),
  );
});

test('generated columns, options of tables, triggers, views and virtual tables', async () => {
  expect(
    await facts(
      `create table t (a text, n integer generated always as (length(a)) virtual, s text as (upper(a) || ',') stored, primary key (a)) strict, without rowid`,
      'create trigger tr after insert on t begin select 1; end',
      'create view v as select a from t',
      'create virtual table ft using fts5(body, "CONSTRAINT x UNIQUE (y)")',
    ),
  ).toEqual(
    expect.arrayContaining([
      't: column a TEXT not null',
      't: column n INTEGER generated as length(a) virtual',
      `t: column s TEXT generated as upper(a)|| ',' stored`,
      't: primary key (unnamed) (a)',
      't: strict',
      't: trigger tr create trigger tr after insert on t begin select 1; end',
      't: without rowid',
      'view v create view v as select a from t',
    ]),
  );
});

test('indexes with expressions, commas in texts, collations, orders and predicates', async () => {
  expect(
    await facts(
      'create table t (a text collate nocase, b text)',
      `CREATE UNIQUE INDEX "ix on t" ON t (coalesce(a, ',('), b COLLATE RTRIM DESC, a ASC) WHERE b <> ' WHERE ' AND a IS NOT NULL`,
      'create index ix_plain on t (b)',
    ),
  ).toEqual([
    't: column a TEXT collate NOCASE',
    't: column b TEXT',
    't: index ix_plain btree (b)',
    `t: unique index ix on t btree (coalesce(a,',('), b collate RTRIM desc, a collate NOCASE) where b <> ' WHERE ' and a is not null`,
  ]);
});
