import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sidesOf } from '../../src/migrations/rebase/conflicts.ts';
import { mergeThreeWay } from '../../src/migrations/rebase/three-way.ts';
import { lineOf } from '../../src/migrations/repository/files.ts';
import { readNotes } from '../../src/migrations/repository/notes.ts';
import { ScratchRepository, type Tables } from './scratch-repository.ts';

const CHAINS = ['sqlite', 'pg'] as const;

let scratch: ScratchRepository;
beforeEach(async () => {
  scratch = new ScratchRepository();
  await scratch.add('Initial', { flow: ['id', 'name'], run: ['id'] });
});
afterEach(() => scratch.dispose());

const slugs = (chain: 'sqlite' | 'pg' = 'sqlite') =>
  lineOf(scratch.chain(chain).revisions).map(({ revision }) => revision.slug);
const idOf = (chain: 'sqlite' | 'pg', slug: string) =>
  scratch.chain(chain).revisions.find(({ revision }) => revision.slug === slug)!.revision.id;

/** Two branches that both add what `theirs` and `ours` say; main, with the first, is merged into the second. */
async function branches(
  theirs: () => Promise<void>,
  ours: () => Promise<void>,
  merged: Tables,
): Promise<void> {
  scratch.git('checkout', '--quiet', '-b', 'branch');
  await ours();
  scratch.git('checkout', '--quiet', 'main');
  await theirs();
  scratch.git('checkout', '--quiet', 'branch');
  expect(scratch.git('merge', '--quiet', 'main')).toContain('CONFLICT');
  scratch.tables = merged;
}

const both: Tables = { flow: ['id', 'name', 'labels', 'note'], run: ['id'] };

describe('two branches that both add a revision', () => {
  beforeEach(() =>
    branches(
      () => scratch.add('Add labels', { flow: ['id', 'name', 'labels'], run: ['id'] }),
      () => scratch.add('Add a note', { flow: ['id', 'name', 'note'], run: ['id'] }),
      both,
    ),
  );

  it('meet in a conflict of the notes, which the check knows', async () => {
    expect(scratch.read('MIGRATION-NOTES.md')).toContain('<<<<<<<');
    const messages = (await scratch.check()).map(({ message }) => message);
    expect(messages).toContain(
      'drizzle/MIGRATION-NOTES.md has conflict markers of git: run npm run migrations:rebase.',
    );
    expect(messages).toContain(
      'drizzle/revisions.lock has conflict markers of git: run npm run migrations:rebase.',
    );
    expect(messages.filter((message) => message.includes('both revise'))).toHaveLength(2);
    for (const message of messages) expect(message).toMatch(/^[^\n]*run npm run migrations:rebase\.$/);
  });

  it('become one line, with what main has first though it came later', async () => {
    const ids = CHAINS.map((chain) => idOf(chain, 'add_a_note'));
    const { resolved, moved, onto, landed } = await scratch.rebase();
    expect(resolved).toEqual(['MIGRATION-NOTES.md', 'revisions.lock']);
    expect(landed!.branch).toBe('main');
    expect(onto!.sqlite.revision.slug).toBe('add_labels');
    expect(moved).toHaveLength(1);
    expect(slugs()).toEqual(['initial', 'add_labels', 'add_a_note']);
    expect(slugs('pg')).toEqual(slugs());
    expect(CHAINS.map((chain) => idOf(chain, 'add_a_note'))).toEqual(ids);
    expect(await scratch.check()).toEqual([]);
    const up = scratch.read(scratch.place('sqlite', 'add_a_note'), 'up.sql');
    expect(up).toContain('ALTER TABLE "flow" ADD COLUMN "note" text;\n');
    expect(up).not.toContain('labels');
    const snapshot = JSON.parse(scratch.read(scratch.place('pg', 'add_a_note'), 'snapshot.json'));
    expect(Object.keys(snapshot.tables['public.flow'].columns)).toEqual(both['flow']);
  });

  it('keep both entries of the notes, the newest first, each with its own lines', async () => {
    await scratch.rebase();
    const { entries, problems } = readNotes(scratch.drizzle);
    expect(problems).toEqual([]);
    expect(entries.map(({ title, down }) => [title, down.pg])).toEqual([
      ['Add a note', 'lossy (flow.note)'],
      ['Add labels', 'lossy (flow.labels)'],
      ['Initial', 'lossy (all tables)'],
    ]);
  });

  it('have nothing to move the second time', async () => {
    await scratch.rebase();
    scratch.git('add', '--all');
    const before = scratch.git('write-tree');
    const { moved, resolved } = await scratch.rebase();
    scratch.git('add', '--all');
    expect([moved, resolved, scratch.git('write-tree')]).toEqual([[], [], before]);
  });

  it('go in the order that is asked for', async () => {
    const { moved } = await scratch.rebase(idOf('pg', 'add_labels').slice(0, 6));
    expect(moved.map(({ twins }) => twins.sqlite.revision.slug)).toEqual(['add_labels']);
    expect(slugs()).toEqual(['initial', 'add_a_note', 'add_labels']);
    expect(await scratch.check()).toEqual([]);
  });

  it('are left alone when the id is of nothing', async () => {
    await expect(scratch.rebase('ffff')).rejects.toThrow(
      'With ffff no revision begins: give the id that a folder of drizzle/ has in its name.',
    );
  });

  it('can have been resolved in the notes by whoever merged', async () => {
    for (const file of ['MIGRATION-NOTES.md', 'revisions.lock']) {
      scratch.edit(file, (text) => text.replaceAll(/^(<{7}|={7}|>{7}).*\n/gm, ''));
    }
    const { resolved } = await scratch.rebase();
    expect(resolved).toEqual([]);
    expect(slugs()).toEqual(['initial', 'add_labels', 'add_a_note']);
    expect(await scratch.check()).toEqual([]);
  });

  it('wait for conflicts elsewhere to be resolved', async () => {
    scratch.edit('MIGRATION-NOTES.md', (text) => text.replaceAll('## 2026', '## 2025'));
    scratch.git('checkout', '--quiet', '--force', 'main');
    scratch.write('../schema.ts', 'one\n');
    scratch.commit('One');
    scratch.git('checkout', '--quiet', 'branch');
    scratch.write('../schema.ts', 'other\n');
    scratch.commit('Other');
    scratch.git('merge', '--quiet', 'main');
    await expect(scratch.rebase()).rejects.toThrow(
      'schema.ts has conflicts of the merge: resolve them, then run npm run migrations:rebase.',
    );
  });
});

describe('a revision that is moved', () => {
  it('takes all pairs of its command along, and those of the next one', async () => {
    await branches(
      () => scratch.add('Add labels', { flow: ['id', 'name', 'labels'], run: ['id'] }),
      async () => {
        await scratch.add('Index names', { flow: ['id', 'name', 'note', '+name'], run: ['id'], log: ['id'] });
        await scratch.add('Add to log', {
          flow: ['id', 'name', 'note', '+name'],
          run: ['id'],
          log: ['id', 'text'],
        });
      },
      { flow: ['id', 'name', 'labels', 'note', '+name'], run: ['id'], log: ['id', 'text'] },
    );
    const before = slugs().length;
    expect(before).toBe(1);
    const { moved } = await scratch.rebase();
    expect(moved.flatMap(({ review }) => review)).toEqual([]);
    expect(slugs()).toEqual(['initial', 'add_labels', 'index_names', 'index_names_online', 'add_to_log']);
    expect(await scratch.check()).toEqual([]);
    const main = JSON.parse(scratch.read(scratch.place('pg', 'index_names'), 'snapshot.json'));
    expect(Object.keys(main.tables['public.flow'].columns)).toEqual(['id', 'name', 'labels', 'note']);
    expect(main.tables['public.flow'].indexes).toEqual({});
    const online = scratch.read(scratch.place('pg', 'index_names_online'), 'up.sql');
    expect(online).toMatch(/^-- Transaction: none$/m);
    expect(online).toContain('CONCURRENTLY');
  });

  it('is planned anew where it rebuilds a table that has changed', async () => {
    await branches(
      () =>
        scratch.add(
          'Rename',
          { flow: ['id', 'title'], run: ['id'] },
          { renames: [{ kind: 'column', table: 'flow', from: 'name', to: 'title' }] },
        ),
      () => scratch.add('Index names', { flow: ['id', 'name', '+name'], run: ['id'] }),
      { flow: ['id', 'title', '+title'], run: ['id'] },
    );
    const { moved } = await scratch.rebase();
    expect(moved.flatMap(({ review }) => review).join('\n')).toMatch(
      /up\.sql was planned anew, with 1 statement: read it/,
    );
    expect(scratch.read(scratch.place('sqlite', 'index_names'), 'up.sql')).toContain(
      '"ix_flow__title" ON "flow" ("title")',
    );
    expect(await scratch.check()).toEqual([]);
  });

  it('keeps a rename, though its table has another name by then', async () => {
    await branches(
      () =>
        scratch.add(
          'Rename flow',
          { workflow: ['id', 'name'], run: ['id'] },
          { renames: [{ kind: 'table', from: 'flow', to: 'workflow' }] },
        ),
      () =>
        scratch.add(
          'Rename name',
          { flow: ['id', 'title'], run: ['id'] },
          { renames: [{ kind: 'column', table: 'flow', from: 'name', to: 'title' }] },
        ),
      { workflow: ['id', 'title'], run: ['id'] },
    );
    await scratch.rebase();
    for (const chain of CHAINS) {
      expect(scratch.read(scratch.place(chain, 'rename_name'), 'up.sql')).toContain(
        'ALTER TABLE "workflow" RENAME COLUMN "name" TO "title";\n',
      );
    }
    expect(await scratch.check()).toEqual([]);
  });

  it('keeps what was written by hand, and says so', async () => {
    const custom = async () => {
      await scratch.add('Tidy names', { flow: ['id', 'name'], run: ['id'] }, { custom: true });
      const text = 'UPDATE "flow" SET "name" = trim("name");\n';
      for (const chain of CHAINS) {
        const up = `${scratch.place(chain, 'tidy_names')}/up.sql`;
        scratch.edit(up, (old) => old.replace(/\n\n[\s\S]*$/, `\n\n${text}`));
      }
      scratch.commit('By hand');
    };
    await branches(() => scratch.add('Add labels', { flow: ['id', 'name', 'labels'], run: ['id'] }), custom, {
      flow: ['id', 'name', 'labels'],
      run: ['id'],
    });
    const { moved } = await scratch.rebase();
    const [first, second, ...rest] = moved.flatMap(({ review }) => review);
    expect(rest).toEqual([]);
    expect(first).toMatch(
      /^drizzle\/sqlite\/\w+_tidy_names\/up\.sql was written by hand and is kept as it was, but \w{12} \(add_labels\) changes flow too: put into it what has come\.$/,
    );
    expect(second).toMatch(/^drizzle\/pg\//);
    expect(scratch.read(scratch.place('pg', 'tidy_names'), 'up.sql')).toContain('SET "name" = trim("name");');
    expect(await scratch.check()).toEqual([]);
  });

  it('takes its data step along', async () => {
    await branches(
      () => scratch.add('Add labels', { flow: ['id', 'name', 'labels'], run: ['id'] }),
      () => scratch.add('Fill notes', { flow: ['id', 'name', 'note'], run: ['id'] }, { data: true }),
      both,
    );
    const { moved } = await scratch.rebase();
    const name = moved[0]!.data!.to;
    expect(existsSync(join(scratch.drizzle, 'data', `${name}.ts`))).toBe(true);
    for (const chain of CHAINS) {
      expect(scratch.read(scratch.place(chain, 'fill_notes'), 'up.sql')).toMatch(
        new RegExp(`^-- Data: ${name}$`, 'm'),
      );
    }
    expect(moved[0]!.review.join('\n')).toMatch(/runs after \w{12} \(add_labels\) now/);
    expect(await scratch.check()).toEqual([]);
  });

  it('says what the schema files hold beyond both branches', async () => {
    await branches(
      () => scratch.add('Add labels', { flow: ['id', 'name', 'labels'], run: ['id'] }),
      () => scratch.add('Add a note', { flow: ['id', 'name', 'note'], run: ['id'] }),
      { flow: ['id', 'name', 'labels', 'note'], run: ['id', 'more'] },
    );
    const { moved } = await scratch.rebase();
    expect(moved[0]!.review.at(-1)).toMatch(
      /^The schema files say more than both branches did \(ALTER TABLE "run" ADD COLUMN "more" text;\): \w{12} \(add_a_note\) does that now, too\.$/,
    );
    expect(await scratch.check()).toEqual([]);
  });
});

describe('what stands in one line but not in order of time', () => {
  it('gets later times', async () => {
    await scratch.add('Second', both);
    for (const chain of CHAINS) {
      const place = scratch.place(chain, 'second');
      const early = place.replace(/2026_11_22_\d+/, '2026_11_20_093000');
      scratch.git('mv', `drizzle/${place}`, `drizzle/${early}`);
      scratch.edit(`${early}/up.sql`, (text) =>
        text.replace(/Create Date: .*/, 'Create Date: 2026-11-20 09:30:00'),
      );
    }
    expect(await scratch.rules()).toContain('timestamps');
    await scratch.rebase();
    expect(await scratch.check()).toEqual([]);
  });
});

describe('sides of a conflict', () => {
  it('are whole files, with what both have in both', () => {
    expect(sidesOf('a\n<<<<<<< HEAD\nb\n||||||| base\nx\n=======\nc\n>>>>>>> other\nd')).toEqual({
      ours: 'a\nb\nd',
      theirs: 'a\nc\nd',
    });
    expect(sidesOf('a\n=====\nb')).toBeUndefined();
  });
});

describe('a merge of three versions', () => {
  it.each([
    ['takes what either has added', { a: 1 }, { a: 1, b: 2 }, { a: 1, c: 3 }, { a: 1, c: 3, b: 2 }],
    ['takes what either has removed', { a: 1, b: 2, c: 3 }, { a: 1, b: 2 }, { a: 1, c: 3 }, { a: 1 }],
    [
      'takes a change beside another',
      { t: { a: 1, b: 1 } },
      { t: { a: 2, b: 1 } },
      { t: { a: 1, b: 2 } },
      { t: { a: 2, b: 2 } },
    ],
    ['leaves out what has gone, though it was changed', { t: { a: 1 } }, { t: { a: 2 } }, {}, {}],
    ['prefers what is moved', { a: 1 }, { a: 2 }, { a: 3 }, { a: 2 }],
  ])('%s', (_, base, ours, theirs, merged) => {
    expect(mergeThreeWay(base, ours, theirs)).toEqual(merged);
  });
});
