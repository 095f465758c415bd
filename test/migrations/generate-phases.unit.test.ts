import { expect, it } from 'vitest';
import type { Rename } from '../../src/migrations/generate/dialect.ts';
import { planSteps } from '../../src/migrations/generate/steps.ts';
import { pgGenerator } from '../../src/migrations/pg/generate/generate.ts';
import { sqliteGenerator } from '../../src/migrations/sqlite/generate/generate.ts';
import { name, only, table } from './generate-scratch.ts';
import { type Model, type ModelTable, modulesOf } from './model/model.ts';

const generators = { sqlite: sqliteGenerator, pg: pgGenerator };
const pairOf = async (model: Model) => ({
  sqlite: await sqliteGenerator.snapshot(modulesOf(model, 'sqlite')),
  pg: await pgGenerator.snapshot(modulesOf(model, 'pg')),
});

interface Options {
  renames?: Rename[];
  withData?: boolean;
}

/** What PostgreSQL does in each phase, and SQLite: the first words of each statement, with the names in it. */
async function plan(from: Model, to: Model, { renames = [], withData = false }: Options = {}) {
  const steps = await planSteps(generators, await pairOf(from), await pairOf(to), { renames, withData });
  const brief = (statements: readonly string[]) =>
    statements.map((one) => one.split('\n', 1)[0]!.replaceAll('"', '').replace(/;$/, ''));
  return Object.fromEntries(
    steps.map(({ kind, sides }) => [kind, { pg: brief(sides.pg.up), sqlite: brief(sides.sqlite.up) }]),
  );
}

const refers = (other: string, column = `${other}_id`, target = 'id') => ({
  [`fk_${column}`]: { columns: [column], table: other, refers: [target] },
});

it('does what one transaction can do in one pair', async () => {
  const steps = await plan(only(table()), only(table({ name })));
  expect(steps).toEqual({
    main: {
      pg: ['ALTER TABLE flow ADD COLUMN name varchar'],
      sqlite: ['ALTER TABLE flow ADD COLUMN name VARCHAR'],
    },
  });
});

it('builds the index of a table in use online, its columns before, on both chains', async () => {
  const steps = await plan(only(table()), only(table({ name }, { indexes: { ix: { keys: ['name'] } } })));
  expect(steps).toEqual({
    main: {
      pg: ['ALTER TABLE flow ADD COLUMN name varchar'],
      sqlite: ['ALTER TABLE flow ADD COLUMN name VARCHAR'],
    },
    online: {
      pg: ['CREATE INDEX CONCURRENTLY IF NOT EXISTS ix ON flow USING btree (name)'],
      sqlite: ['CREATE INDEX ix ON flow (name)'],
    },
  });
});

it('makes a new table with its indexes at once', async () => {
  const made = table({ name }, { indexes: { ix: { keys: ['name'] } } });
  const steps = await plan(only(table()), { tables: { flow: table(), made } });
  expect(Object.keys(steps)).toEqual(['main']);
  expect(steps['main']!.pg).toEqual(['CREATE TABLE made (', 'CREATE INDEX ix ON made USING btree (name)']);
});

it('takes an index and its column away together, online', async () => {
  const steps = await plan(
    only(table({ name }, { indexes: { ix: { keys: ['lower(name)'] } } })),
    only(table({ more: { type: 'integer' } })),
  );
  expect(Object.keys(steps)).toEqual(['online']);
  expect(steps['online']!.sqlite.filter((one) => one.includes('__new_'))).toHaveLength(0);
  expect(steps['online']!.pg[0]).toBe('DROP INDEX CONCURRENTLY IF EXISTS ix');
});

it('rebuilds a table of SQLite once, whatever changes of it', async () => {
  const from = only(table({ name }, { indexes: { ix: { keys: ['name'] } } }));
  const to = only(
    table(
      { name: { type: 'varchar', default: 'x', notNull: true }, extra: name },
      { indexes: { ix: { keys: ['name', 'extra'] } }, checks: { ck: "name <> ''" } },
    ),
  );
  const steps = await plan(from, to);
  expect(Object.keys(steps)).toEqual(['online']);
  const rebuilds = steps['online']!.sqlite.filter((one) => one.startsWith('CREATE TABLE __new_flow'));
  expect(rebuilds).toHaveLength(1);
});

it('drops a table only when nothing refers to it any more', async () => {
  const before: Model = {
    tables: { old: table(), flow: table({ old_id: name }, { keys: refers('old') }), lone: table() },
  };
  const steps = await plan(before, only(table()));
  expect(steps['main']).toEqual({ pg: ['DROP TABLE lone'], sqlite: ['DROP TABLE lone'] });
  expect(steps['online']!.pg).toContain('DROP TABLE old');
  expect(steps['online']!.sqlite).toContain('DROP TABLE old');
});

it('makes a table that refers to a key that is still to be built after it, and those that refer to that one', async () => {
  const flow = table({ name });
  const unique = table({ name }, { uniques: { uq: ['name'] } });
  const made = table({ flow_name: name }, { keys: refers('flow', 'flow_name', 'name') });
  const next = table({ made_id: name }, { keys: refers('made') });
  const other = table({ flow_id: name }, { keys: refers('flow') });
  const steps = await plan(only(flow), { tables: { flow: unique, made, next, other } });
  const tables = (kind: string) =>
    steps[kind]!.pg.flatMap((one) => /^CREATE TABLE (\w+)/.exec(one)?.[1] ?? []);
  expect(tables('main')).toEqual(['other']);
  expect(tables('online')).toEqual(['made', 'next']);
});

it('adds labels to an enumeration before anything uses them, and in the same pair when nothing else happens', async () => {
  const mood = (labels: string[], more = {}) =>
    only(table({ mood: { type: 'mood', ...more } }), { mood: labels });
  expect(Object.keys(await plan(mood(['a']), mood(['a', 'b'])))).toEqual(['main']);
  const steps = await plan(mood(['a']), mood(['a', 'b'], { default: 'b' }));
  expect(Object.keys(steps)).toEqual(['values', 'main']);
  expect(steps['values']).toEqual({ pg: ["ALTER TYPE mood ADD VALUE 'b'"], sqlite: [] });
  expect(Object.keys(await plan(mood(['a', 'b']), mood(['b', 'a'])))).toEqual(['main']);
});

it('makes a type anew in one transaction, with all that changes of the tables that use it', async () => {
  const flow = (labels: string[], more: Partial<ModelTable>): Model => ({
    enums: { mood: labels },
    tables: { flow: table({ mood: { type: 'mood' } }, more), run: table({ mood: { type: 'mood' } }) },
  });
  const steps = await plan(flow(['a', 'b'], {}), flow(['b'], { checks: { ck: "id <> ''" } }));
  expect(Object.keys(steps)).toEqual(['main']);
  expect(steps['main']!.pg.filter((one) => /^ALTER TABLE \w+$/.test(one))).toEqual([
    'ALTER TABLE flow',
    'ALTER TABLE run',
  ]);
  await expect(plan(flow(['a', 'b'], {}), flow(['b'], {}), { withData: true })).rejects.toThrow(
    'The enumeration mood loses or moves values',
  );
});

it('changes both ends of a foreign key in one go', async () => {
  const model = (type: string, more: Partial<ModelTable> = {}): Model => ({
    tables: {
      flow: { columns: { id: { type, notNull: true } }, key: ['id'], ...more },
      run: table({ flow_id: { type } }, { keys: refers('flow') }),
    },
  });
  const steps = await plan(model('integer'), model('text', { checks: { ck: "id <> ''" } }));
  expect(Object.keys(steps)).toEqual(['online']);
});

it('renames without touching what only has another name because of it', async () => {
  const before = only(table({ name }, { indexes: { ix_flow__name: { keys: ['name'] } } }));
  const after: Model = {
    tables: { workflow: table({ title: name }, { indexes: { ix_workflow__title: { keys: ['title'] } } }) },
  };
  const renames: Rename[] = [
    { kind: 'table', from: 'flow', to: 'workflow' },
    { kind: 'column', table: 'workflow', from: 'name', to: 'title' },
  ];
  const steps = await plan(before, after, { renames });
  expect(Object.keys(steps)).toEqual(['main']);
  expect(steps['main']!.pg.slice(0, 2)).toEqual([
    'ALTER TABLE flow RENAME TO workflow',
    'ALTER TABLE workflow RENAME COLUMN name TO title',
  ]);
  expect(steps['main']!.pg.filter((one) => /^(CREATE|DROP|ADD)/.test(one))).toEqual([]);
});

it('gives an index its new name before another one is built', async () => {
  const before = only(table({ name, more: name }, { indexes: { ix_flow__name: { keys: ['name'] } } }));
  const indexes = { ix_workflow__name: { keys: ['name'] }, ix_workflow__more: { keys: ['more'] } };
  const steps = await plan(
    before,
    { tables: { workflow: table({ name, more: name }, { indexes }) } },
    { renames: [{ kind: 'table', from: 'flow', to: 'workflow' }] },
  );
  expect(steps['main']!.pg).toContain('ALTER INDEX ix_flow__name RENAME TO ix_workflow__name');
  expect(steps['online']!.pg).toEqual([
    'CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_workflow__more ON workflow USING btree (more)',
  ]);
  expect(steps['online']!.sqlite).toEqual(['CREATE INDEX ix_workflow__more ON workflow (more)']);
});

it('drops an enumeration with its last column, and makes one with its first', async () => {
  const check = { checks: { ck: "id <> ''" } };
  const before = only(table({ mood: { type: 'mood' } }), { mood: ['a'] });
  const after = only(table({ kind: { type: 'kind' } }, check), { kind: ['b'] });
  const steps = await plan(before, after);
  expect(Object.keys(steps)).toEqual(['online']);
  expect(steps['online']!.pg).toContain('DROP TYPE mood');
  expect(steps['online']!.pg[0]).toBe("CREATE TYPE kind AS ENUM ('b')");
});

it('adds labels under the old names of tables, and renames after that', async () => {
  const before = only(table({ mood: { type: 'mood' } }), { mood: ['a'] });
  const after: Model = {
    enums: { mood: ['a', 'b'] },
    tables: { workflow: table({ mood: { type: 'mood' } }) },
  };
  const steps = await planSteps(generators, await pairOf(before), await pairOf(after), {
    renames: [{ kind: 'table', from: 'flow', to: 'workflow' }],
    withData: false,
  });
  expect(steps.map(({ kind }) => kind)).toEqual(['values', 'main']);
  expect(Object.keys(steps[0]!.after.pg.tables)).toEqual(['public.flow']);
  expect(steps[1]!.sides.pg.down.at(-1)).toBe('ALTER TABLE "workflow" RENAME TO "flow";');
});

it('lets a data step fill what must be filled and read what goes', async () => {
  const before = only(table({ name, old: name }));
  const after = only(table({ name, labels: { type: 'json', notNull: true } }));
  const steps = await plan(before, after, { withData: true });
  expect(steps).toEqual({
    main: {
      pg: ['ALTER TABLE flow ADD COLUMN labels jsonb'],
      sqlite: ['ALTER TABLE flow ADD COLUMN labels JSON'],
    },
    online: expect.anything(),
  });
  expect(steps['online']!.pg).toContain('ALTER TABLE flow DROP COLUMN old');
  expect(steps['online']!.pg).toContain('ALTER TABLE flow ALTER COLUMN labels SET NOT NULL');
  expect(steps['online']!.sqlite).toContain('ALTER TABLE flow DROP COLUMN old');
});

it('has a pair for a data step alone', async () => {
  expect(await plan(only(table()), only(table()), { withData: true })).toEqual({
    main: { pg: [], sqlite: [] },
  });
  expect(await plan(only(table()), only(table()))).toEqual({});
});
