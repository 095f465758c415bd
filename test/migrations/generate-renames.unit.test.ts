import { sql } from 'drizzle-orm';
import { sqliteView } from 'drizzle-orm/sqlite-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generateRevisions } from '../../src/migrations/generate/generate.ts';
import { parseRename } from '../../src/migrations/generate/renames.ts';
import { pgGenerator } from '../../src/migrations/pg/generate/generate.ts';
import { sqliteGenerator } from '../../src/migrations/sqlite/generate/generate.ts';
import { labelOf, name, only, renames, type Scratch, startScratch, table } from './generate-scratch.ts';
import type { Model } from './model/model.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = startScratch();
});
afterEach(() => scratch.dispose());

/** The statements of all pairs on PostgreSQL. */
async function change(from: Model, to: Model, options: Parameters<Scratch['generate']>[1] = {}) {
  await scratch.generate(from);
  const { pairs } = await scratch.generate(to, options);
  return pairs
    .flatMap(({ revisions }) => revisions.pg.up)
    .map((one) => one.split('\n', 1)[0]!.replaceAll('"', ''));
}

describe('a rename', () => {
  it('is read as a column or a table', () => {
    expect(parseRename('flow.name:title')).toEqual({
      kind: 'column',
      table: 'flow',
      from: 'name',
      to: 'title',
    });
    expect(parseRename('flow.name:flow.title')).toEqual(parseRename('flow.name:title'));
    expect(parseRename('flow:workflow')).toEqual({ kind: 'table', from: 'flow', to: 'workflow' });
    for (const text of [
      'flow',
      'flow.name',
      'flow.name:',
      ':x',
      'flow.name:name',
      'a:b:c',
      'flow.name:run.title',
    ]) {
      expect(parseRename(text)).toBeUndefined();
    }
  });

  it('of a table and its column fits under the old name of the table and under the new one', async () => {
    const [from, to] = [only(table({ name })), { tables: { workflow: table({ title: name }) } }];
    await scratch.generate(from);
    const { pairs } = await scratch.generate(to, { renames: renames('flow.name:title', 'flow:workflow') });
    expect(pairs.map(labelOf)).toEqual(['lossless']);
    const { up, down } = pairs[0]!.revisions.sqlite;
    expect(up.slice(0, 2)).toEqual([
      'ALTER TABLE "flow" RENAME TO "workflow";',
      'ALTER TABLE "workflow" RENAME COLUMN "name" TO "title";',
    ]);
    expect(down.slice(-2)).toEqual([
      'ALTER TABLE "workflow" RENAME COLUMN "title" TO "name";',
      'ALTER TABLE "workflow" RENAME TO "flow";',
    ]);
  });

  it.each([
    ['flow.title:heading', 'title was no column of flow'],
    ['flow.name:heading', 'heading is no column of flow'],
    ['flow.id:more', 'id is still a column of flow'],
    ['flow.name:id', 'id was a column of flow before'],
    ['run.name:title', 'there was no table run'],
    ['run:walk', 'run was no table'],
  ])('that fits neither schema is refused: %s', async (text, why) => {
    await scratch.generate(only(table({ name })));
    const files = scratch.files();
    const to = only(table({ more: { type: 'integer' } }));
    await expect(scratch.generate(to, { renames: renames(text) })).rejects.toThrow(
      `--rename ${text} doesn't fit, because on SQLite ${why}: give the old name and the new one`,
    );
    expect(scratch.files()).toEqual(files);
  });
});

describe('something gone and something new', () => {
  it('of one kind is refused with the flags that say what it is', async () => {
    const to = only(table({ title: name, heading: { type: 'text' } }));
    await expect(change(only(table({ name })), to)).rejects.toThrow(
      /^flow\.name is gone and flow\.title and flow\.heading are new: add --rename flow\.name:title or --rename flow\.name:heading if it was renamed, or --drop flow\.name if it goes with its data\.$/,
    );
    expect(await change(only(table({ name })), to, { drops: ['flow.name'] })).toHaveLength(3);
  });

  it('is told apart once one of them is declared', async () => {
    const [from, to] = [only(table({ name })), only(table({ title: name, heading: name }))];
    expect(await change(from, to, { renames: renames('flow.name:title') })).toEqual([
      'ALTER TABLE flow RENAME COLUMN name TO title;',
      'ALTER TABLE flow ADD COLUMN heading varchar;',
    ]);
  });

  it('of different kinds is no rename', async () => {
    const to = only(table({ count: { type: 'integer' }, at: { type: 'timestamp' } }));
    expect(await change(only(table({ name })), to)).toHaveLength(3);
  });

  it('that are tables with mostly the same columns is refused, too', async () => {
    const flow = table({ name, one: name });
    const alike: Model = { tables: { workflow: table({ name, other: name }) } };
    await expect(change(only(flow), alike)).rejects.toThrow(
      'flow is gone and workflow is new: add --rename flow:workflow if it was renamed, or --drop flow',
    );
    const different: Model = { tables: { run: table({ state: name, other: name, more: name }) } };
    expect(await change(only(flow), different)).toEqual(['DROP TABLE flow;', 'CREATE TABLE run (']);
  });

  it('is named in all cases at once', async () => {
    const from: Model = { tables: { flow: table({ name }), run: table({ at: name }) } };
    const to: Model = { tables: { flow: table({ title: name }), run: table({ end: name }) } };
    await expect(change(from, to)).rejects.toThrow(/^flow\.name is gone .*\nrun\.at is gone /);
  });

  it('needs no flag that names nothing', async () => {
    const from = only(table({ name }));
    await expect(change(from, only(table()), { drops: ['flow.title'] })).rejects.toThrow(
      '--drop flow.title names nothing that is gone',
    );
  });

  it('takes --drop under the old and the new name of a renamed table', async () => {
    const [from, to] = [only(table({ name, at: name })), { tables: { workflow: table({ title: name }) } }];
    for (const drop of ['flow.at', 'workflow.at']) {
      const options = { renames: renames('flow:workflow', 'flow.name:title'), drops: [drop] };
      expect(await change(from, to, options)).toContain('ALTER TABLE workflow DROP COLUMN at;');
      scratch.dispose();
      scratch = startScratch();
    }
  });
});

describe('the label of a way down', () => {
  const text = { type: 'text' };
  it.each<[what: string, from: Model, to: Model, label: string]>([
    ['a column comes', only(table()), only(table({ name })), 'lossy (flow.name)'],
    ['a column goes', only(table({ name })), only(table()), 'lossy (flow.name)'],
    ['a table comes', only(table()), { tables: { flow: table(), run: table() } }, 'lossy (run)'],
    ['a table goes', { tables: { flow: table(), run: table() } }, only(table()), 'lossy (run)'],
    [
      'a column that must have a value goes',
      only(table({ name: { ...name, notNull: true } })),
      only(table()),
      'irreversible (no values for flow.name)',
    ],
    [
      'a column that must have a value and has a default goes',
      only(table({ name: { ...name, notNull: true, default: 'x' } })),
      only(table()),
      'lossy (flow.name)',
    ],
    ['texts of different kinds', only(table({ name })), only(table({ name: text })), 'lossless'],
    [
      'a number of another size',
      only(table({ n: { type: 'smallint' } })),
      only(table({ n: { type: 'integer' } })),
      'lossless',
    ],
    [
      'a text becomes a number',
      only(table({ name })),
      only(table({ name: { type: 'integer' } })),
      'lossy (flow.name)',
    ],
    [
      'a column is closed and its empty values get the default',
      only(table({ name: { ...name, default: 'x' } })),
      only(table({ name: { ...name, default: 'x', notNull: true } })),
      'lossy (flow.name)',
    ],
    [
      'a column is opened that has no default: a way down with empty values fails and loses none',
      only(table({ name: { ...name, notNull: true } })),
      only(table({ name })),
      'lossless',
    ],
    [
      'an enumeration gets a value',
      only(table({ mood: { type: 'mood' } }), { mood: ['aaa', 'bbb'] }),
      only(table({ mood: { type: 'mood' } }), { mood: ['aaa', 'bbb', 'ccc'] }),
      'SQLite lossless, PostgreSQL lossy (flow.mood)',
    ],
    [
      'an enumeration gets another order',
      only(table({ mood: { type: 'mood' } }), { mood: ['aaa', 'bbb'] }),
      only(table({ mood: { type: 'mood' } }), { mood: ['bbb', 'aaa'] }),
      'lossless',
    ],
    [
      'an index comes',
      only(table({ name })),
      only(table({ name }, { indexes: { ix: { keys: ['name'] } } })),
      'lossless',
    ],
    [
      'a generated column comes',
      only(table({ name })),
      only(table({ name, loud: { ...name, generated: { as: 'upper(name)', kind: 'stored' } } })),
      'lossless',
    ],
    ['everything goes', only(table({ name })), { tables: {} }, 'lossy (all tables)'],
  ])('%s', async (_, from, to, label) => {
    await scratch.generate(from);
    const { pairs } = await scratch.generate(to);
    expect(pairs.map(labelOf)).toEqual([label]);
  });

  it('names what goes from a renamed table as it was, and what comes as it is', async () => {
    await scratch.generate(only(table({ at: name })));
    const to: Model = { tables: { workflow: table({ n: { type: 'integer' } }) } };
    const { pairs } = await scratch.generate(to, { renames: renames('flow:workflow') });
    expect(pairs.map(labelOf)).toEqual(['lossy (workflow.n, flow.at)']);
  });
});

it('warns of a column that rows have no value for', async () => {
  await scratch.generate(only(table()));
  const closed = only(table({ name: { ...name, notNull: true } }));
  expect((await scratch.generate(closed)).warnings).toEqual([
    expect.stringMatching(/^flow\.name is NOT NULL without a default, which fails where flow has rows: /),
  ]);
  const { pairs, warnings } = await scratch.amend(closed, { data: true });
  expect(warnings).toEqual([]);
  expect(pairs.map(({ kind }) => kind)).toEqual(['main', 'online']);
});

it('refuses views, which nothing is planned for', async () => {
  const view = sqliteView('recent', {}).as(sql`select 1`);
  const chains = [
    { generator: sqliteGenerator, schema: { view }, folder: '/nowhere/sqlite' },
    { generator: pgGenerator, schema: {}, folder: '/nowhere/pg' },
  ];
  await expect(generateRevisions({ chains, notesFolder: '/nowhere', message: 'view' })).rejects.toThrow(
    'No revision can be planned for views (recent)',
  );
});
