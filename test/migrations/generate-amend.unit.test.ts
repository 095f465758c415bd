import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checksumOf } from '../../src/migrations/chain/revisions.ts';
import { hasDown } from '../../src/migrations/generate/data-step.ts';
import type { Generated } from '../../src/migrations/generate/generate.ts';
import { labelOf, name, only, renames, type Scratch, startScratch, table } from './generate-scratch.ts';

let scratch: Scratch;
beforeEach(async () => {
  scratch = startScratch();
  await scratch.generate(only(table()), { message: 'first' });
});
afterEach(() => scratch.dispose());

const indexed = (column: string) => ({ indexes: { ix: { keys: [column] } } });
const idsOf = ({ pairs }: Generated) => pairs.map(({ revisions: { sqlite, pg } }) => [sqlite.id, pg.id]);
const namesOf = ({ pairs }: Generated) => pairs.map(({ timestamp, slug }) => `${timestamp}_${slug}`);

/** Every revision has the checksum that the lock has, and nothing else stands there. */
function expectLocked(): void {
  const files = scratch.files();
  const expected = Object.keys(files)
    .filter((path) => path.endsWith('/up.sql'))
    .map((path) => {
      const up = files[path]!;
      const data = /^-- Data: (.*)$/m.exec(up)?.[1];
      const text = data ? `${up}\n${files[`data/${data}.ts`]}` : up;
      return `${checksumOf(text)}  ${path.replace('/up.sql', '')}`;
    });
  expect(files['revisions.lock']!.trim().split('\n').sort()).toEqual(expected.sort());
}

describe('amending', () => {
  it('makes the same files of the same schema', async () => {
    await scratch.generate(only(table({ name }, indexed('name'))));
    const files = scratch.files();
    await scratch.amend(only(table({ name }, indexed('name'))));
    expect(scratch.files()).toEqual(files);
  });

  it('keeps ids, times and what people wrote, and makes the rest anew', async () => {
    const first = await scratch.generate(only(table({ name }, indexed('name'))), { message: 'Add names' });
    const notes = scratch.read('MIGRATION-NOTES.md');
    const accepted = '- Accepted: Postgres `rewrite` on `flow`: it is small\n\nFor operators.\n\nMore.\n';
    const label = '- Down: lossy (flow.name)\n';
    expect(notes).toContain(label);
    scratch.write(
      first.pairs[0]!.revisions.sqlite.folder.replace(/sqlite\/.*/, 'MIGRATION-NOTES.md'),
      notes.replace(label, label + accepted),
    );
    const { folder } = first.pairs[0]!.revisions.pg;
    const up = scratch.files()[`pg/${folder.split('/').at(-1)}/up.sql`]!;
    scratch.write(join(folder, 'up.sql'), up.replace(/(-- Create Date: .*\n)/, '$1-- Breaking: yes\n'));

    const again = await scratch.amend(only(table({ name, more: name }, indexed('more'))), {
      now: new Date('2027-01-01T00:00:00Z'),
    });
    expect(idsOf(again)).toEqual(idsOf(first));
    expect(namesOf(again)).toEqual(namesOf(first));
    expect(again.pairs.map(labelOf)).toEqual(['lossy (flow.name, flow.more)', 'lossless']);
    expect(again.pairs[0]!.revisions.pg.up).toHaveLength(2);
    const changed = scratch.read('MIGRATION-NOTES.md');
    expect(changed).toBe(notes.replace(label, `- Down: lossy (flow.name, flow.more)\n${accepted}`));
    expect(scratch.read('pg', folder.split('/').at(-1)!, 'up.sql')).toMatch(/\n-- Breaking: yes\n\n/);
    expectLocked();
  });

  it('takes more pairs or fewer, and another message', async () => {
    const one = await scratch.generate(only(table({ name })), { message: 'Names' });
    const two = await scratch.amend(only(table({ name }, indexed('name'))), {
      message: 'Names and their index',
    });
    expect(namesOf(two)).toEqual([
      '2026_11_22_093001_names_and_their_index',
      '2026_11_22_093002_names_and_their_index_online',
    ]);
    expect(idsOf(two)[0]).toEqual(idsOf(one)[0]);
    expect(scratch.read('MIGRATION-NOTES.md').match(/^## .*/gm)).toEqual([
      '## 2026-11-22 Names and their index (online)',
      '## 2026-11-22 Names and their index',
      '## 2026-11-22 first',
    ]);
    const three = await scratch.amend(only(table({ name })));
    expect(namesOf(three)).toEqual(['2026_11_22_093001_names_and_their_index']);
    expect(idsOf(three)).toEqual(idsOf(one));
    expectLocked();
  });

  it('knows the pairs of one command from those of another', async () => {
    const index = await scratch.generate(only(table({}, indexed('id'))), { message: 'names' });
    expect(index.pairs.map(({ kind }) => kind)).toEqual(['online']);
    const online = await scratch.generate(only(table({ name }, indexed('id'))), {
      message: 'go online',
      now: new Date('2026-11-22T10:00:00Z'),
    });
    expect(namesOf(online)).toEqual(['2026_11_22_100000_go_online']);
    const again = await scratch.amend(only(table({ name, more: name }, indexed('id'))));
    expect(namesOf(again)).toEqual(namesOf(online));
    expect(again.replaced).toHaveLength(2);
  });

  it('takes everything away when nothing is left to do', async () => {
    const files = scratch.files();
    await scratch.generate(only(table({ name })), { data: true });
    const { pairs, replaced } = await scratch.amend(only(table()), { overwrite: true });
    // A data step is something to do.
    expect(pairs).toHaveLength(1);
    expect(replaced).toHaveLength(2);
    scratch.dispose();
    scratch = startScratch();
    await scratch.generate(only(table()), { message: 'first' });
    await scratch.generate(only(table({ name })));
    expect((await scratch.amend(only(table()))).pairs).toEqual([]);
    expect(Object.keys(scratch.files())).toHaveLength(Object.keys(files).length);
    expectLocked();
  });

  it('remembers renames, and what was said to be none', async () => {
    await scratch.generate(only(table({ name, old: name })));
    await scratch.generate(only(table({ title: name, more: name })), {
      renames: renames('flow.name:title'),
      drops: ['flow.old'],
    });
    const { pairs } = await scratch.amend(
      only(table({ title: name, more: name, count: { type: 'integer' } })),
    );
    expect(pairs[0]!.revisions.pg.up).toEqual([
      'ALTER TABLE "flow" RENAME COLUMN "name" TO "title";',
      'ALTER TABLE "flow" DROP COLUMN "old";',
      'ALTER TABLE "flow" ADD COLUMN "more" varchar;',
      'ALTER TABLE "flow" ADD COLUMN "count" integer;',
    ]);
    await expect(scratch.amend(only(table({ heading: name, more: name })))).rejects.toThrow(
      /^flow\.name is gone and flow\.heading and flow\.more are new: [^\n]*$/,
    );
  });

  it('asks again of what was gone without a doubt before', async () => {
    await scratch.generate(only(table({ name })), { message: 'second' });
    await scratch.generate(only(table()), { message: 'drop it' });
    await expect(scratch.amend(only(table({ title: name })))).rejects.toThrow('--rename flow.name:title');
  });

  it('refuses what others have already', async () => {
    const { pairs } = await scratch.generate(only(table({ name })));
    const landed = new Set([pairs[0]!.revisions.pg.folder.split('/').at(-1)!]);
    const files = scratch.files();
    await expect(scratch.amend(only(table({ more: name })), { landed })).rejects.toThrow(
      'is on the main branch already, and databases may have it: make a new revision',
    );
    expect(scratch.files()).toEqual(files);
  });

  it('refuses where there is nothing', async () => {
    scratch.dispose();
    scratch = startScratch();
    await expect(scratch.amend(only(table()))).rejects.toThrow('There is no revision to amend');
  });
});

describe('what is written by hand', () => {
  it('is kept, and only refused when the schemas have changed since', async () => {
    const { pairs } = await scratch.generate(only(table({ name })));
    const file = join(pairs[0]!.revisions.pg.folder, 'up.sql');
    const path = file.slice(file.indexOf('pg/'));
    const written = scratch.read(path).replace('varchar;', 'varchar COLLATE "C"; -- ours');
    scratch.write(file, written);
    await scratch.amend(only(table({ name })));
    expect(scratch.read(path)).toBe(written);
    expectLocked();
    await expect(scratch.amend(only(table({ name, more: name })))).rejects.toThrow(
      /up\.sql was written or changed by hand, which making it anew would lose: /,
    );
    await scratch.amend(only(table({ name, more: name })), { overwrite: true });
    expect(scratch.read(path)).not.toContain('ours');
    expectLocked();
  });

  it('starts as empty twins, whatever the schemas have changed, and is locked once it is written', async () => {
    const { pairs } = await scratch.generate(only(table({ name })), { custom: true, message: 'by hand' });
    expect(pairs.map(labelOf)).toEqual(["irreversible (down.sql isn't written yet)"]);
    const { folder } = pairs[0]!.revisions.sqlite;
    const place = folder.slice(folder.indexOf('sqlite/'));
    expect(scratch.read(place, 'up.sql')).toMatch(
      /\n\n-- What this revision does on SQLite stands here, with a line /,
    );
    expect(JSON.parse(scratch.read(place, 'snapshot.json')).tables.flow.columns).not.toHaveProperty('name');
    for (const chain of ['sqlite', 'pg'] as const) {
      const { folder: at } = pairs[0]!.revisions[chain];
      const up = scratch.read(at.slice(at.indexOf(`${chain}/`)), 'up.sql');
      scratch.write(join(at, 'up.sql'), up.replace(/-- What.*\n/, 'UPDATE flow SET id = id;\n'));
      scratch.write(join(at, 'down.sql'), '-- Down: lossless\n\n-- Nothing is to be undone.\n');
    }
    const { pairs: again } = await scratch.amend(only(table()));
    expect(again[0]!.revisions.pg.up).toEqual(['UPDATE flow SET id = id;']);
    expect(again.map(labelOf)).toEqual(['lossless']);
    expect(scratch.read('MIGRATION-NOTES.md')).toContain('- Down: lossless\n\n## 2026-11-22 first');
    expectLocked();
    await expect(scratch.amend(only(table({ name })))).rejects.toThrow('written or changed by hand');
    expect((await scratch.generate(only(table({ name })))).pairs).toHaveLength(1);
  });
});

describe('a data step', () => {
  const closed = only(table({ name: { ...name, notNull: true } }));

  it('comes between the statements before it and those that need it', async () => {
    const { pairs } = await scratch.generate(closed, { data: true, message: 'Fill names' });
    expect(pairs.map(({ kind, dataFile }) => [kind, dataFile !== null])).toEqual([
      ['main', true],
      ['online', false],
    ]);
    const file = 'data/2026_11_22_093001_fill_names.ts';
    expect(pairs[0]!.dataFile!.endsWith(file)).toBe(true);
    expect(scratch.read(file)).toMatch(/table: 'flow',\n {2}key: 'id',[\s\S]*name: null/);
    for (const { folder, chain } of Object.values(pairs[0]!.revisions)) {
      const up = scratch.read(folder.slice(folder.indexOf(`${chain}/`)), 'up.sql');
      expect(up).toMatch(/\n-- Data: 2026_11_22_093001_fill_names\n\nALTER TABLE "flow" ADD COLUMN/);
    }
    expect(pairs.map(labelOf)).toEqual(['irreversible (the data step has no down)', 'lossless']);
    expectLocked();
  });

  it('is kept by an amendment, which sees that it can be undone', async () => {
    const { pairs } = await scratch.generate(closed, { data: true, message: 'Fill names' });
    const written = scratch
      .read('data/2026_11_22_093001_fill_names.ts')
      .replace(/\n};\n$/, '\n  down() {},\n};\n');
    scratch.write(pairs[0]!.dataFile!, written);
    const again = await scratch.amend(closed, { message: 'Fill the names' });
    expect(again.pairs.map(labelOf)).toEqual(['lossy (flow.name)', 'lossless']);
    const files = Object.keys(scratch.files()).filter((path) => path.startsWith('data/'));
    expect(files).toEqual(['data/2026_11_22_093001_fill_the_names.ts']);
    expect(scratch.read(files[0]!)).toBe(written);
    expectLocked();
  });

  it('may stand alone, or beside what is written by hand', async () => {
    const alone = await scratch.generate(only(table()), { data: true, message: 'alone' });
    expect(alone.pairs[0]!.revisions.pg.up).toEqual([]);
    const custom = await scratch.generate(only(table()), { data: true, custom: true, message: 'both' });
    expect(custom.pairs[0]!.dataFile).toMatch(/_both\.ts$/);
    expectLocked();
  });

  it('has a down only where code says so', () => {
    expect(hasDown('export default {\n  async down(rows, db) {},\n};')).toBe(true);
    expect(hasDown('export default {\n  down: undo,\n};')).toBe(true);
    expect(hasDown('/** Without `down` ... */\nexport default {\n  // down() {}\n};')).toBe(false);
  });
});
