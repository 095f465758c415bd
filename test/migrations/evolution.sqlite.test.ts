import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SchemaModules } from '../../src/migrations/generate/dialect.ts';
import { migrate } from '../../src/migrations/run/upgrade.ts';
import { sqliteGenerator } from '../../src/migrations/sqlite/generate/generate.ts';
import { createEmptyTarget, type EmptyTarget } from '../support/engine.ts';
import { rows, run } from './inspect.ts';
import { refusal } from './refusal.ts';
import { A, B, writeChain } from './scratch-chain.ts';

let empty: EmptyTarget;
beforeEach(async () => {
  empty = await createEmptyTarget('sqlite');
});
afterEach(() => empty.dispose());

async function plan(from: SchemaModules, to: SchemaModules): Promise<string[]> {
  return sqliteGenerator.statements(await sqliteGenerator.snapshot(from), await sqliteGenerator.snapshot(to));
}

async function evolve(from: SchemaModules, to: SchemaModules, ...between: string[]): Promise<void> {
  const first = { id: A, slug: 'first', up: await plan({}, from) };
  const second = { id: B, slug: 'second', up: await plan(from, to) };
  const log = () => {};
  await migrate(empty.target, { log, folder: writeChain([first]) });
  await run(empty.target, ...between);
  await migrate(empty.target, { log, folder: writeChain([first, second]) });
}

const counted = (name?: string) => {
  const label = text();
  return {
    counted: sqliteTable('counted', {
      id: integer().primaryKey({ autoIncrement: true }),
      label: name ? label.default(name) : label,
    }),
  };
};

describe('a table that is rebuilt', () => {
  test('never counts a number twice', async () => {
    const inserts = [
      "insert into counted (label) values ('a'), ('b'), ('c')",
      'delete from counted where id > 1',
    ];
    await evolve(counted(), counted('x'), ...inserts);
    await run(empty.target, 'insert into counted default values');
    expect(await rows(empty.target, 'select id, label from counted')).toEqual([
      { id: 1, label: 'a' },
      { id: 4, label: 'x' },
    ]);
    expect(await rows(empty.target, 'select name, seq from sqlite_sequence')).toEqual([
      { name: 'counted', seq: 4 },
    ]);
  });

  test('never counts a number twice, even when it has no row left', async () => {
    await evolve(
      counted(),
      counted('x'),
      "insert into counted (label) values ('a'), ('b')",
      'delete from counted',
    );
    await run(empty.target, 'insert into counted default values');
    expect(await rows(empty.target, 'select id from counted')).toEqual([{ id: 3 }]);
  });

  test('keeps its rows when it keeps none of its columns', async () => {
    const from = { t: sqliteTable('t', { a: text() }) };
    const to = { t: sqliteTable('t', { b: text().notNull().default('new') }) };
    await evolve(from, to, "insert into t values ('x'), ('y')");
    expect(await rows(empty.target, 'select b from t')).toEqual([{ b: 'new' }, { b: 'new' }]);
  });

  test('names the value that its new type has no place for', async () => {
    const from = { t: sqliteTable('t', { "it's": text() }) };
    const to = { t: sqliteTable('t', { "it's": integer() }) };
    const message = await refusal(
      evolve(from, to, "insert into t values ('4'), ('2 o''clock')"),
      'failed',
      1,
    );
    expect(message).toContain(`(t.it's holds '2 o''clock', which is no integer)`);
    expect(await rows(empty.target, 'select * from t')).toHaveLength(2);
  });
});

test('another list of what a text may be is a matter of types only', async () => {
  const of = (...labels: [string, ...string[]]) => ({ t: sqliteTable('t', { a: text({ enum: labels }) }) });
  expect(await plan(of('x'), of('x', 'y'))).toEqual([]);
});

test('nothing changed is no statement', async () => {
  expect(await plan(counted('x'), counted('x'))).toEqual([]);
});
