import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  addNote,
  downLine,
  notesText,
  parseNotes,
  readNotes,
} from '../../src/migrations/repository/notes.ts';

const NOTES = `# Migration notes

Some words.

## 2026-11-22 Retype flow.name

- SQLite: \`23d48cdc83e5\`
- Postgres: \`9252e4ffa86d\`
- Down: SQLite lossless, Postgres lossy (flow.name, flow.id)
- Accepted: Postgres \`rewrite\` on \`flow\`: small on every server
  that we know of
- Differs: \`Postgres: column flow.name type *\`: no other type does

Takes a minute.

- This list is free text.

## 2026-11-21 Initial

- SQLite: \`fe5c7b00d50c\`
- Postgres: \`4bd434744b4b\`
- Down: lossy (all tables)
`;

describe('parsing the notes', () => {
  it('gives each entry with its facts and its words', () => {
    const { entries, introduction, problems } = parseNotes(NOTES);
    expect(problems).toEqual([]);
    expect(introduction).toBe('# Migration notes\n\nSome words.');
    expect(entries).toHaveLength(2);
    expect(entries[0]).toMatchObject({
      date: '2026-11-22',
      title: 'Retype flow.name',
      line: 5,
      ids: { sqlite: '23d48cdc83e5', pg: '9252e4ffa86d' },
      down: { sqlite: 'lossless', pg: 'lossy (flow.name, flow.id)' },
      accepted: [
        { chain: 'pg', rule: 'rewrite', table: 'flow', reason: 'small on every server that we know of' },
      ],
      differs: [{ pattern: 'Postgres: column flow.name type *', reason: 'no other type does' }],
      text: 'Takes a minute.\n\n- This list is free text.',
    });
    expect(entries[1]).toMatchObject({
      down: { sqlite: 'lossy (all tables)', pg: 'lossy (all tables)' },
      accepted: [],
      text: '',
    });
  });

  it('gives the same text back, and takes line ends as git may have made them', () => {
    expect(notesText(parseNotes(NOTES))).toBe(NOTES);
    expect(notesText(parseNotes(NOTES.replaceAll('\n', '\r\n')))).toBe(NOTES);
  });

  it.each([
    ['- Accepted: Postgres rewrite on flow: why', 9, 'is no line of an entry'],
    ['- Accepted: Postgres `rewrite` on `flow`:', 9, 'is no line of an entry'],
    ['- Differs: fact: why', 9, 'is no line of an entry'],
    ['- Postgres: 9252e4ffa86d', 9, 'is no line of an entry'],
    ['- SQLite: `aaaaaaaaaaaa`', 9, 'names a second revision of SQLite'],
    ['- Down: lossless', 9, 'is the second line of the entry that begins with "Down:"'],
  ])('says in which line something is wrong: %s', (item, line, what) => {
    const text = NOTES.replace('- Down: SQLite lossless, Postgres lossy (flow.name, flow.id)\n', (down) =>
      item.startsWith('- Down') ? `${down}${down}` : `${item}\n${down}`,
    );
    const { problems } = parseNotes(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]!.what).toContain(what);
    expect(problems[0]!.line).toBe(item.startsWith('- Down') ? line + 1 : line);
  });

  it('wants a date in the heading', () => {
    const { problems } = parseNotes(NOTES.replace('## 2026-11-21 Initial', '## Initial'));
    expect(problems).toEqual([{ line: 18, what: 'is no heading like "## 2026-11-21 Add labels to flow"' }]);
  });
});

describe('adding to the notes', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'notes-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const note = (message: string, sqlite: string, pg: string) => ({
    message,
    timestamp: '2026_11_22_093000',
    revisions: [
      { chain: 'sqlite' as const, id: 'aaaaaaaaaaaa', label: sqlite },
      { chain: 'pg' as const, id: 'bbbbbbbbbbbb', label: pg },
    ],
  });

  it('puts the new entry on top, and reads back as it was written', () => {
    addNote(folder, note(' First\nof all ', 'lossless', 'lossless'));
    addNote(folder, { ...note('Second', 'lossless', 'lossy (flow.name)'), text: 'Slow.\n' });
    const { entries, problems } = readNotes(folder);
    expect(problems).toEqual([]);
    expect(entries.map(({ title, text }) => [title, text])).toEqual([
      ['Second', 'Slow.'],
      ['First of all', ''],
    ]);
    expect(entries[0]!.down).toEqual({ sqlite: 'lossless', pg: 'lossy (flow.name)' });
    expect(readFileSync(join(folder, 'MIGRATION-NOTES.md'), 'utf8')).toMatch(/^# Migration notes\n\n/);
  });

  it('says a label once if it is the same on both', () => {
    expect(downLine({ sqlite: 'lossless', pg: 'lossless' })).toBe('- Down: lossless');
    expect(downLine({ sqlite: 'lossless', pg: 'lossy (a)' })).toBe(
      '- Down: SQLite lossless, Postgres lossy (a)',
    );
  });
});
