import SqliteDriver, { type Database as Driver } from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { countViolations, touchedNames } from '../../src/migrations/sqlite/references.ts';
import { runRevision, type SqliteSession } from '../../src/migrations/sqlite/session.ts';

let driver: Driver;
beforeEach(() => {
  driver = new SqliteDriver(':memory:');
  driver.exec(`
    create table parent (id integer primary key, name text);
    create table child (id integer primary key, parent_id integer references parent (id));
    create table grandchild (id integer primary key, child_id integer references child (id) on delete cascade);
    create table "Ältere Form" (id integer primary key, parent_id integer references PARENT (id));
    create table apart (id integer primary key, other_id integer references other (id));
    create table other (id integer primary key);
    create table note (id integer primary key, text text);
    insert into parent values (1, 'one'), (2, 'two'); insert into child values (1, 1), (2, 2);
    insert into grandchild values (1, 1), (2, 2); insert into "Ältere Form" values (1, 1);
    insert into other values (1); insert into apart values (1, 1);`);
});
afterEach(() => driver.close());

const session: SqliteSession = {
  run: async (text) => void driver.exec(text),
  all: async (text, params = []) => {
    const statement = driver.prepare(text);
    if (!statement.reader) return [statement.run(params)];
    return statement.all(params);
  },
  async transaction(work) {
    driver.exec('begin');
    try {
      const result = await work();
      driver.exec('commit');
      return result;
    } catch (error) {
      driver.exec('rollback');
      throw error;
    }
  },
};

const revision = (...statements: string[]) =>
  runRevision(session, { atomic: true, statements }, async () => {
    for (const statement of statements) driver.exec(statement);
  });

/** What looking at every reference of the file says, whatever is touched. */
const everywhere = () =>
  driver
    .prepare('select "table", parent, count(*) as n from pragma_foreign_key_check group by 1, 2')
    .all() as { table: string; parent: string; n: number }[];

const BREAKING: [what: string, ...statements: string[]][] = [
  ['rows that are deleted', 'delete from parent where id = 2'],
  ['of a name in other letters', 'DELETE FROM Parent WHERE id = 2'],
  ['of a name in quotes', `delete from "parent" where id = 2`],
  ['of a name in brackets', 'delete from [parent]'],
  ['of an odd name in brackets', 'update [Ältere Form] set parent_id = 9'],
  ['of a name that is a text', "delete from 'parent'"],
  ['behind a comment', '/* not child */ delete -- from note\nfrom parent where id = 2'],
  ['a key that is changed', 'update parent set id = 3 where id = 2'],
  ['a reference that is changed', 'update child set parent_id = 9'],
  ['a reference of a table with an odd name', 'update "Ältere Form" set parent_id = 9'],
  ['a row that refers to nothing', 'insert into child values (3, 9)'],
  [
    'a row that replaces another',
    "insert or replace into parent select 1, 'x'",
    'replace into child values (1, 7)',
  ],
  [
    'a rebuild that leaves rows out',
    'create table "__new_parent" (id integer primary key, name text)',
    'insert into "__new_parent" select * from parent where id = 1',
    'drop table parent',
    'alter table "__new_parent" rename to parent',
  ],
  [
    'a rebuild with a new reference',
    'create table "__new_note" (id integer primary key, text text references other (id))',
    'insert into "__new_note" select 5, \'gone\'',
    'drop table note',
    'alter table "__new_note" rename to note',
  ],
  ['a table that is gone', 'drop table other'],
  [
    'a column with a default that is no row',
    'alter table note add column other_id integer',
    'update child set parent_id = 3',
  ],
  ['beside an index', 'create index a on note (text)', 'delete from child where id = 1'],
  [
    'through a trigger that it makes',
    'create trigger t after insert on note begin delete from other; end',
    "insert into note values (1, 'x')",
  ],
];

describe('a revision that breaks references is refused', () => {
  test.each(BREAKING)('%s', async (_what, ...statements) => {
    await expect(revision(...statements)).rejects.toThrow(
      'it would break foreign keys (rows that refer to nothing: ',
    );
    expect(everywhere()).toEqual([]);
  });

  test('through a trigger that an operator has made', async () => {
    driver.exec('create trigger t after update on note begin delete from other; end');
    driver.exec("insert into note values (1, 'x')");
    await expect(revision("update note set text = 'y'")).rejects.toThrow('1 from apart to other');
  });
});

test('of what was broken before, only what is new is told', async () => {
  driver.exec('pragma foreign_keys = off; insert into apart values (2, 7); insert into child values (3, 9)');
  await revision("update parent set name = 'other'");
  await expect(revision('delete from parent where id = 2')).rejects.toThrow(
    /\(rows that refer to nothing: 1 from child to parent\)$/,
  );
});

test('tables that have nothing to do with it are not read', async () => {
  driver.exec('pragma foreign_keys = off; insert into apart values (2, 7); insert into child values (3, 9)');
  const found = async (...statements: string[]) => [
    ...(await countViolations(session, touchedNames(statements))).keys(),
  ];
  expect(await found("update note set text = ''")).toEqual([]);
  expect(await found('delete from grandchild')).toEqual([]);
  expect(await found('delete from child')).toEqual(['child to parent']);
  expect(await found('delete from parent')).toEqual(['child to parent']);
  expect(await found('delete from other', 'update child set id = 1')).toEqual([
    'apart to other',
    'child to parent',
  ]);
  expect(await found('create index a on apart (id)')).toEqual([]);
  expect(await found('pragma user_version = 1')).toEqual(['apart to other', 'child to parent']);
});
