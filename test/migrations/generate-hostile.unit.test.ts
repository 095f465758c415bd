import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseNotes } from '../../src/migrations/repository/notes.ts';
import { only, type Scratch, startScratch, table } from './generate-scratch.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = startScratch();
});
afterEach(() => scratch.dispose());

const stepOf = (files: Record<string, string>) =>
  Object.entries(files).find(([file]) => file.startsWith('data/'))![1];

it.each([
  'one\n## 2026-01-01 two\n- SQLite: `abc`\n',
  '*/ x; /* -- y',
  'x\r\n-- Transaction: none',
  '../../etc/passwd',
  '- SQLite: x',
])('a message like %j is one heading of the notes and one line of the data step', async (message) => {
  await scratch.generate(only(table()), { message, data: true });
  const files = scratch.files();
  const { entries, problems } = parseNotes(files['MIGRATION-NOTES.md']!);
  expect([entries.length, problems]).toEqual([1, []]);
  expect(stepOf(files).split('\n').slice(0, 3)).toEqual(['/**', expect.stringMatching(/^ \* /), ' *']);
  expect(Object.keys(files).filter((file) => file.includes('..'))).toEqual([]);
});

it.each([
  ["o'key", String.raw`'o\'key': row['o\'key']`],
  ['my-key', "'my-key': row['my-key']"],
  ['back\\slash', String.raw`'back\\slash': row['back\\slash']`],
  ['select', "select: row['select']"],
])('a data step may name %s', async (key, written) => {
  const columns = { [key]: { type: 'integer', notNull: true } };
  await scratch.generate(only({ columns, key: [key] }), { data: true });
  expect(stepOf(scratch.files())).toContain(`({ ${written} })`);
});
