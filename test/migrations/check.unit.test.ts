import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CheckRule } from '../../src/migrations/check/check.ts';
import { landedRevisions } from '../../src/migrations/repository/git.ts';
import { tidyLock, tidyNotes } from '../../src/migrations/repository/tidy.ts';
import { ScratchRepository } from './scratch-repository.ts';

let scratch: ScratchRepository;
let second: string;
beforeEach(async () => {
  scratch = new ScratchRepository();
  await scratch.add('Initial', { flow: ['id', 'name'] });
  await scratch.add('Second', { flow: ['id', 'name', 'labels'] });
  second = scratch.place('sqlite', 'second');
});
afterEach(() => scratch.dispose());

const at = (path: string) => join(scratch.drizzle, path);
const NOTES = 'MIGRATION-NOTES.md';

interface Case {
  what: string;
  rules: CheckRule[];
  /** What a sentence has in it, among which what to run. */
  says: RegExp;
  damage(): void;
}

const cases: Case[] = [
  {
    what: 'the schema says more than the newest revision',
    rules: ['schema', 'schema'],
    says: /\(1 statement, the first: ALTER TABLE "flow" ADD COLUMN "more" text;\): run npm run generate -- "what changes"\.$/,
    damage: () => {
      scratch.tables = { flow: ['id', 'name', 'labels', 'more'] };
    },
  },
  {
    what: 'up.sql was edited',
    rules: ['lock'],
    says: /^drizzle\/sqlite\/\w+_second was edited after it was generated: bring it back with git checkout -- drizzle\//,
    damage: () => scratch.edit(`${second}/up.sql`, (text) => text.replace('labels', 'label')),
  },
  {
    what: 'a revision is not in revisions.lock',
    rules: ['lock'],
    says: /isn't in revisions\.lock: .* run npm run generate:check -- --accept\.$/,
    damage: () =>
      scratch.edit('revisions.lock', (text) => text.replace(new RegExp(`^.*${second}\n`, 'm'), '')),
  },
  {
    what: 'revisions.lock has something else in it',
    rules: ['lock'],
    says: /^drizzle\/revisions\.lock line 1 is no checksum .*: run git checkout/,
    damage: () => scratch.edit('revisions.lock', (text) => `x${text}`),
  },
  {
    what: 'a revision is gone',
    rules: ['twin', 'lock', 'notes'],
    says: /^drizzle\/pg\/\w+_second has no twin on SQLite: bring back drizzle\/sqlite\//,
    damage: () => {
      rmSync(at(second), { recursive: true });
      scratch.tables = { flow: ['id', 'name', 'labels'] };
    },
  },
  {
    what: "drizzle-kit's own generate was run",
    rules: ['foreign-file', 'foreign-file'],
    says: /^drizzle\/sqlite\/0000_odd\.sql is of drizzle-kit's own generate.* run rm -r drizzle\/sqlite\/0000_odd\.sql/,
    damage: () => {
      scratch.write('sqlite/0000_odd.sql', 'select 1;');
      mkdirSync(at('sqlite/meta'));
      scratch.write('sqlite/meta/_journal.json', '{}');
    },
  },
  {
    what: 'a folder belongs to no revision',
    rules: ['foreign-file'],
    says: /^drizzle\/pg\/scratch belongs to no revision: run rm -r drizzle\/pg\/scratch\.$/,
    damage: () => mkdirSync(at('pg/scratch')),
  },
  {
    what: 'a header is missing',
    rules: ['header'],
    says: /^The migration drizzle\/sqlite\/\w+ .*"-- Revision: .*git checkout -- drizzle\/sqlite/,
    damage: () => scratch.edit(`${second}/up.sql`, (text) => text.replace('-- Revision: ', '-- Revison: ')),
  },
  {
    what: 'the date in the header is not that of the folder',
    rules: ['header', 'lock'],
    says: /has the header "-- Create Date: 2026-01-01 00:00:00", but its folder says 2026-11-22 09:3/,
    damage: () =>
      scratch.edit(`${second}/up.sql`, (text) => text.replace(/Date: .*/, 'Date: 2026-01-01 00:00:00')),
  },
  {
    what: 'two revisions follow the same one',
    rules: ['line', 'snapshot', 'lock'],
    says: /\(initial\) and \w+ \(second\) both revise base on SQLite: run npm run migrations:rebase\.$/,
    damage: () => scratch.edit(`${second}/up.sql`, (text) => text.replace(/Revises: .*/, 'Revises: base')),
  },
  {
    what: 'the parent is not there',
    rules: ['line', 'lock'],
    says: /revises aaaaaaaaaaaa, which isn't in the chain: .* run npm run migrations:rebase \w{12}\.$/,
    damage: () =>
      scratch.edit(`${second}/up.sql`, (text) => text.replace(/Revises: .*/, 'Revises: aaaaaaaaaaaa')),
  },
  {
    what: 'a revision is older than its parent',
    rules: ['timestamps', 'timestamps', 'lock', 'lock', 'lock', 'lock', 'notes'],
    says: /comes after \w{12} in the chain, but not in time: run npm run migrations:rebase \w{12}\.$/,
    damage: () => {
      for (const chain of ['sqlite', 'pg'] as const) {
        const place = scratch.place(chain, 'second');
        const early = place.replace(/2026_11_22_\d+/, '2026_11_20_093000');
        renameSync(at(place), at(early));
        scratch.edit(`${early}/up.sql`, (text) => text.replace(/Date: .*/, 'Date: 2026-11-20 09:30:00'));
      }
    },
  },
  {
    what: 'the snapshot is of another line',
    rules: ['snapshot'],
    says: /\/snapshot\.json doesn't follow the one of \w{12}: run npm run migrations:rebase \w{12}\.$/,
    damage: () =>
      scratch.edit(`${second}/snapshot.json`, (text) =>
        text.replace(/"prevId": "[^"]{8}/, '"prevId": "ffffffff'),
      ),
  },
  {
    what: 'the snapshot is damaged',
    rules: ['snapshot'],
    says: /\/snapshot\.json isn't there or is no JSON: run git checkout -- /,
    damage: () => scratch.write(`${second}/snapshot.json`, '{'),
  },
  {
    what: 'the notes have no entry',
    rules: ['notes', 'notes'],
    says: /has no entry with SQLite: `\w{12}` for drizzle\/sqlite\/\w+_second: run npm run generate:check -- --accept\.$/,
    damage: () => scratch.edit(NOTES, (text) => text.replace(/## \S+ Second[\s\S]*?(?=## )/, '')),
  },
  {
    what: 'the notes have an entry twice',
    rules: ['notes', 'notes'],
    says: /names \w{12} in 2 entries: remove all but one/,
    damage: () =>
      scratch.edit(
        NOTES,
        (text) => `${text}\n${text.slice(text.search(/^## /m), text.search(/^## \S+ Initial/m))}`,
      ),
  },
  {
    what: 'the notes name an id that is not there',
    rules: ['notes', 'notes'],
    says: /line 6 \(Second\) names aaaaaaaaaaaa, which isn't in drizzle\/sqlite: bring it back from git or remove the entry/,
    damage: () => scratch.edit(NOTES, (text) => text.replace(/SQLite: `\w+`/, 'SQLite: `aaaaaaaaaaaa`')),
  },
  {
    what: 'the notes pair revisions that are no twins',
    rules: ['notes', 'notes', 'notes'],
    says: /names two revisions that are no twins/,
    damage: () =>
      scratch.edit(NOTES, (text) => {
        const [one, other] = [...text.matchAll(/Postgres: `(\w+)`/g)].map((match) => match[1]!);
        return text.replace(one!, 'x').replace(other!, one!).replace('x', other!);
      }),
  },
  {
    what: 'the notes are out of order',
    rules: ['notes', 'notes'],
    says: /has \w{12} above \w{12}, which is newer: run npm run generate:check -- --accept\.$/,
    damage: () =>
      scratch.edit(NOTES, (text) => {
        const [first, last] = [text.search(/^## /m), text.search(/^## \S+ Initial/m)];
        return `${text.slice(0, first)}${text.slice(last)}\n${text.slice(first, last)}`;
      }),
  },
  {
    what: 'the notes contradict the way down',
    rules: ['notes', 'notes'],
    says: /\(Second\) says "Down: lossless", but drizzle\/\S+_second\/down\.sql says "lossy \(flow\.labels\)": run npm run generate:check -- --accept\.$/,
    damage: () => scratch.edit(NOTES, (text) => text.replace('lossy (flow.labels)', 'lossless')),
  },
  {
    what: 'the notes say nothing of the way down',
    rules: ['notes', 'notes'],
    says: /says nothing of the way down/,
    damage: () => scratch.edit(NOTES, (text) => text.replace('- Down: lossy (flow.labels)\n', '')),
  },
  {
    what: 'the notes are not written as they should be',
    rules: ['notes'],
    says: /^drizzle\/MIGRATION-NOTES\.md line 11 is no line of an entry's list \(Odd: thing\): write .*; then run npm run generate:check\.$/,
    damage: () =>
      scratch.edit(NOTES, (text) => text.replace('(flow.labels)\n', '(flow.labels)\n- Odd: thing\n')),
  },
  {
    what: 'a data step is nobody’s',
    rules: ['data'],
    says: /^drizzle\/data\/odd\.ts is the data step of no revision: run rm drizzle\/data\/odd\.ts\.$/,
    damage: () => {
      mkdirSync(at('data'));
      scratch.write('data/odd.ts', 'export default {};\n');
    },
  },
];

describe('npm run generate:check', () => {
  it('has nothing to say about what generate wrote', async () => {
    expect(await scratch.check()).toEqual([]);
  });

  it.each(cases)('finds that $what', async ({ damage, rules, says }) => {
    damage();
    const failures = await scratch.check();
    expect(failures.map(({ rule }) => rule)).toEqual(rules);
    const messages = failures.map(({ message }) => message);
    expect(
      messages.some((message) => says.test(message)),
      messages.join('\n'),
    ).toBe(true);
    // One sentence each, with something to do.
    for (const message of messages) expect(message).toMatch(/^[^\n]*(run|git checkout|bring back)[^\n]*\.$/);
  });

  it('finds all at once', async () => {
    scratch.edit(`${second}/up.sql`, (text) => `${text}\n`);
    scratch.edit(NOTES, (text) => text.replace('lossy (flow.labels)', 'lossless'));
    scratch.write('pg/0000_odd.sql', 'select 1;');
    scratch.tables = { flow: ['id'] };
    expect(new Set(await scratch.rules())).toEqual(new Set(['lock', 'notes', 'foreign-file', 'schema']));
  });
});

describe('data steps', () => {
  let step: string;
  beforeEach(async () => {
    await scratch.add('Fill', { flow: ['id', 'name', 'labels'] }, { data: true });
    const [, , third] = scratch.chain('pg').revisions;
    step = `data/${third!.data}.ts`;
    expect(await scratch.check()).toEqual([]);
  });

  it('that are gone are missed by both twins', async () => {
    rmSync(at(step));
    const failures = await scratch.check();
    expect(failures.length).toBeGreaterThan(1);
    for (const { message } of failures)
      expect(message).toContain(`drizzle/${step}`.replace(/^drizzle\/data\//, ''));
  });

  it('that were edited are found by the checksum', async () => {
    scratch.edit(step, (text) => `${text}\n// More.\n`);
    expect(await scratch.rules()).toEqual(['lock', 'lock']);
  });

  it('that import something are refused', async () => {
    scratch.edit(step, (text) => `import { now } from '../../src/time/timestamp.ts';\n${text}`);
    expect(await scratch.rules()).toContain('data');
  });
});

describe('accepting edits', () => {
  const accept = () => {
    const files = [scratch.chain('sqlite'), scratch.chain('pg')];
    const taken = tidyLock(files, scratch.drizzle, landedRevisions(scratch.drizzle));
    tidyNotes(files, scratch.drizzle);
    return taken.map(({ revision }) => revision.slug);
  };

  it('takes those that have not landed into revisions.lock and the notes', async () => {
    scratch.git('checkout', '--quiet', '-b', 'branch');
    await scratch.add('Third', { flow: ['id', 'name', 'labels', 'note'] });
    const third = scratch.place('pg', 'third');
    scratch.edit(`${third}/up.sql`, (text) => `${text}\n-- By hand.\n`);
    scratch.edit(`${third}/down.sql`, (text) => text.replace('lossy (flow.note)', 'irreversible (says who)'));
    scratch.edit(NOTES, (text) => text.replace(/## \S+ Second[\s\S]*?(?=## )/, ''));
    expect(await scratch.check()).not.toEqual([]);
    expect(accept()).toEqual(['third']);
    expect(await scratch.check()).toEqual([]);
    expect(scratch.read(NOTES)).toContain(
      '- Down: SQLite lossy (flow.note), Postgres irreversible (says who)\n',
    );
  });

  it('leaves those that have landed', async () => {
    scratch.edit(`${second}/up.sql`, (text) => `${text}\n-- By hand.\n`);
    expect(accept()).toEqual([]);
    expect(await scratch.rules()).toEqual(['lock']);
  });
});
