/** drizzle/MIGRATION-NOTES.md: one entry a pair of revisions, newest first, in words for operators and facts for tools. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChainName } from '../chain/revisions.ts';

export const NOTES_FILE = 'MIGRATION-NOTES.md';

/** As Prefect's own notes name its two chains. */
export const CHAIN_NAMES: Record<ChainName, string> = { sqlite: 'SQLite', pg: 'Postgres' };

const INTRODUCTION = `# Migration notes

One entry a change, newest first: its revision on each chain and, where it needs one, a word to operators on what it
costs, what it may break, and why a hazard was accepted.
`;

/** A hazard that the lint finds and that is meant. */
export interface AcceptedHazard {
  readonly chain: ChainName;
  readonly rule: string;
  readonly table: string;
  readonly reason: string;
}

/** A difference between the two databases that a revision makes on purpose; `*` in the pattern is a wildcard. */
export interface DeclaredDifference {
  readonly pattern: string;
  readonly reason: string;
}

export interface NotesEntry {
  /** `2026-11-21`. */
  readonly date: string;
  readonly title: string;
  readonly ids: Readonly<Partial<Record<ChainName, string>>>;
  /** Per chain, as the header of its down.sql has it. */
  readonly down: Readonly<Partial<Record<ChainName, string>>>;
  readonly accepted: readonly AcceptedHazard[];
  readonly differs: readonly DeclaredDifference[];
  /** What is said to operators beyond the list, in Markdown. */
  readonly text: string;
  /** Of the heading, from 1. */
  readonly line: number;
  /** The entry as it stands in the file, without empty lines around it. */
  readonly raw: string;
}

export interface Notes {
  /** What stands above the first entry. */
  readonly introduction: string;
  readonly entries: readonly NotesEntry[];
  /** What isn't written as it should be, each with its line. */
  readonly problems: readonly NotesProblem[];
}

export interface NotesProblem {
  readonly line: number;
  /** The end of a sentence that begins with the line: `names no revision of SQLite`. */
  readonly what: string;
}

/** The notes in a folder; a file that isn't there has no entry. */
export function readNotes(folder: string): Notes {
  const file = join(folder, NOTES_FILE);
  return parseNotes(existsSync(file) ? readFileSync(file, 'utf8') : INTRODUCTION);
}

export function parseNotes(source: string): Notes {
  const lines = source.replaceAll('\r\n', '\n').split('\n');
  const starts = lines.flatMap((line, index) => (line.startsWith('## ') ? [index] : []));
  const problems: NotesProblem[] = [];
  const entries = starts.map((start, number) =>
    parseEntry(lines.slice(start, starts[number + 1]), start + 1, problems),
  );
  return { introduction: lines.slice(0, starts[0]).join('\n').trim(), entries, problems };
}

export interface NotesParts {
  readonly introduction: string;
  readonly entries: readonly Pick<NotesEntry, 'raw'>[];
}

/** The whole file; entries as they are. */
export function notesText({ introduction, entries }: NotesParts): string {
  return `${[introduction, ...entries.map(({ raw }) => raw)].join('\n\n')}\n`;
}

export interface NewNote {
  readonly message: string;
  /** As in the names of the folders: `2026_11_22_093000`. */
  readonly timestamp: string;
  readonly revisions: readonly { readonly chain: ChainName; readonly id: string; readonly label: string }[];
  /** A word to operators. */
  readonly text?: string;
}

/** Puts an entry above the newest one. Two branches that do so meet in a merge conflict here, which is the point. */
export function addNote(folder: string, note: NewNote): void {
  const { introduction, entries } = readNotes(folder);
  writeNotes(folder, { introduction, entries: [{ raw: newEntry(note) }, ...entries] });
}

export function newEntry({ message, timestamp, revisions, text }: NewNote): string {
  return [
    `## ${dateOf(timestamp)} ${message.trim().replaceAll(/\s+/g, ' ')}`,
    '',
    ...revisions.map(({ chain, id }) => `- ${CHAIN_NAMES[chain]}: \`${id}\``),
    downLine(Object.fromEntries(revisions.map(({ chain, label }) => [chain, label]))),
    ...(text ? ['', text.trim()] : []),
  ].join('\n');
}

export function writeNotes(folder: string, notes: NotesParts): void {
  writeFileSync(join(folder, NOTES_FILE), notesText(notes));
}

/** `2026_11_22_093000` is of `2026-11-22`. */
export const dateOf = (timestamp: string): string => timestamp.slice(0, 10).replaceAll('_', '-');

export function downLine(labels: Partial<Record<ChainName, string>>): string {
  const { sqlite, pg } = labels;
  if (sqlite === undefined || pg === undefined || sqlite === pg) return `- Down: ${sqlite ?? pg}`;
  return `- Down: ${CHAIN_NAMES.sqlite} ${sqlite}, ${CHAIN_NAMES.pg} ${pg}`;
}

const HEADING = /^## (\d{4}-\d{2}-\d{2}) (\S.*)$/;
const REVISION = /^(SQLite|Postgres): `([0-9a-f]{12})`$/;
const DOWN = /^Down: (?:SQLite (.+?), Postgres (.+)|(.+))$/;
const ACCEPTED = /^Accepted: (SQLite|Postgres) `([^`]+)` on `([^`]+)`: (\S.*)$/;
const DIFFERS = /^Differs: `([^`]+)`: (\S.*)$/;

interface Facts {
  ids: Partial<Record<ChainName, string>>;
  down: Partial<Record<ChainName, string>>;
  accepted: AcceptedHazard[];
  differs: DeclaredDifference[];
}

function parseEntry(lines: string[], line: number, problems: NotesProblem[]): NotesEntry {
  const [, date, title] = HEADING.exec(lines[0]!.trimEnd()) ?? [];
  if (!date) problems.push({ line, what: 'is no heading like "## 2026-11-21 Add labels to flow"' });
  const { items, rest } = splitList(lines);
  const facts: Facts = { ids: {}, down: {}, accepted: [], differs: [] };
  for (const [offset, item] of items) {
    const what = readItem(item, facts);
    if (what) problems.push({ line: line + offset, what });
  }
  const raw = lines.join('\n').trim();
  const text = lines.slice(rest).join('\n').trim();
  return { date: date ?? '', title: title ?? lines[0]!.slice(3), ...facts, text, line, raw };
}

/** The list below the heading, its items as one line each; an item goes on in lines that are indented. */
function splitList(lines: string[]): { items: [offset: number, item: string][]; rest: number } {
  const items: [number, string][] = [];
  let at = 1;
  for (; at < lines.length; at++) {
    const line = lines[at]!;
    if (line.startsWith('- ')) items.push([at, line.slice(2).trim()]);
    else if (line.startsWith('  ') && items.length > 0) items.at(-1)![1] += ` ${line.trim()}`;
    else if (line.trim() !== '' || items.length > 0) break;
  }
  return { items, rest: at };
}

/** Returns what is wrong with the item, if anything. */
function readItem(item: string, facts: Facts): string | undefined {
  const [, chain, id] = REVISION.exec(item) ?? [];
  if (chain && id) return readRevision(chainNamed(chain), id, facts);
  const [, sqlite, pg, both] = DOWN.exec(item) ?? [];
  if (both ?? sqlite) {
    if (facts.down.sqlite) return 'is the second line of the entry that begins with "Down:"';
    facts.down = { sqlite: both ?? sqlite, pg: both ?? pg };
    return undefined;
  }
  const [, where, rule, table, why] = ACCEPTED.exec(item) ?? [];
  if (where) {
    facts.accepted.push({ chain: chainNamed(where), rule: rule!, table: table!, reason: why! });
    return undefined;
  }
  const [, pattern, reason] = DIFFERS.exec(item) ?? [];
  if (!pattern) return `is no line of an entry's list (${item}): ${LIST}`;
  facts.differs.push({ pattern, reason: reason! });
  return undefined;
}

const LIST =
  'write "SQLite: `id`", "Postgres: `id`", "Down: label", "Accepted: Postgres `rule` on `table`: reason" or ' +
  '"Differs: `fact`: reason", and anything else below the list';

function readRevision(chain: ChainName, id: string, facts: Facts): string | undefined {
  if (facts.ids[chain]) return `names a second revision of ${CHAIN_NAMES[chain]} in one entry`;
  facts.ids[chain] = id;
  return undefined;
}

const chainNamed = (name: string): ChainName => (name === 'SQLite' ? 'sqlite' : 'pg');
