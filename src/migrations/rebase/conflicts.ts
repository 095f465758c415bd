/** Conflicts of git in the two files where branches meet by design: both sides are kept. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MigrationError } from '../errors.ts';
import { git } from '../repository/git.ts';
import { LOCK_FILE, type LockedRevision, parseLockFile, writeLockFile } from '../repository/lock-file.ts';
import { NOTES_FILE, type NotesEntry, notesText, parseNotes } from '../repository/notes.ts';

const MARKER = /^(<{7}|\|{7}|={7}|>{7})( .*)?$/;

export const isConflictMarker = (line: string): boolean => MARKER.test(line);

export interface Sides {
  readonly ours: string;
  readonly theirs: string;
}

/**
 * A file as each side of a merge had it, with what git could merge by itself in both; undefined without conflicts.
 * Whole files, because git may leave lines that both sides have outside of the markers.
 */
export function sidesOf(text: string): Sides | undefined {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  if (!lines.some(isConflictMarker)) return undefined;
  const ours: string[] = [];
  const theirs: string[] = [];
  let side = '';
  for (const line of lines) {
    const marker = MARKER.exec(line)?.[1]?.[0];
    if (marker) side = marker === '>' ? '' : marker;
    else {
      if (side === '' || side === '<') ours.push(line);
      if (side === '' || side === '=') theirs.push(line);
    }
  }
  return { ours: ours.join('\n'), theirs: theirs.join('\n') };
}

/**
 * Resolves the conflicts of notes and revisions.lock; returns the files that had some.
 * @throws MigrationError if another file has conflicts, or both sides have the same revision in two versions
 */
export function resolveConflicts(notesFolder: string): string[] {
  refuseOthers(notesFolder);
  const resolved = [NOTES_FILE, LOCK_FILE].filter((name) => {
    const file = join(notesFolder, name);
    return existsSync(file) && sidesOf(readFileSync(file, 'utf8')) !== undefined;
  });
  for (const name of resolved) {
    const file = join(notesFolder, name);
    const sides = sidesOf(readFileSync(file, 'utf8'))!;
    if (name === NOTES_FILE) writeFileSync(file, mergedNotes(sides));
    else writeLockFile(notesFolder, mergedLock(sides));
  }
  return resolved;
}

function refuseOthers(notesFolder: string): void {
  const root = git(notesFolder, 'rev-parse', '--show-toplevel')?.trim();
  if (root === undefined) return;
  const unmerged = git(root, 'diff', '--name-only', '--diff-filter=U', '-z')?.split('\0') ?? [];
  const others = unmerged
    .filter((path) => path !== '' && existsSync(join(root, path)))
    .filter((path) => ![NOTES_FILE, LOCK_FILE].includes(path.split('/').at(-1)!))
    .filter((path) => readFileSync(join(root, path), 'utf8').split('\n').some(isConflictMarker));
  if (others.length === 0) return;
  const verb = others.length === 1 ? 'has' : 'have';
  throw new MigrationError(
    'chain',
    `${others.join(', ')} ${verb} conflicts of the merge: resolve them, then run npm run migrations:rebase.`,
  );
}

function mergedNotes({ ours, theirs }: Sides): string {
  const [one, other] = [parseNotes(ours), parseNotes(theirs)];
  if (one.introduction !== other.introduction)
    throw ambiguous('what stands above the first entry', NOTES_FILE);
  const entries: NotesEntry[] = [...one.entries];
  for (const entry of other.entries) {
    const same = entries.find(({ ids }) => ids.sqlite === entry.ids.sqlite && ids.pg === entry.ids.pg);
    if (!same) entries.push(entry);
    else if (wordsOf(same) !== wordsOf(entry)) throw ambiguous(`the entry "${entry.title}"`, NOTES_FILE);
  }
  return notesText({ introduction: one.introduction, entries });
}

/** Without what is put right in any case. */
const wordsOf = ({ raw }: NotesEntry): string =>
  raw
    .replace(/^## \S+/, '')
    .replace(/^- Down: .*\n?/m, '')
    .trim();

function mergedLock({ ours, theirs }: Sides): LockedRevision[] {
  const merged = new Map<string, LockedRevision>();
  for (const one of [...parseLockFile(ours).revisions, ...parseLockFile(theirs).revisions]) {
    const key = `${one.chain}/${one.folder}`;
    if (merged.has(key) && merged.get(key)!.checksum !== one.checksum) throw ambiguous(key, LOCK_FILE);
    merged.set(key, one);
  }
  return [...merged.values()];
}

function ambiguous(what: string, file: string): MigrationError {
  return new MigrationError(
    'chain',
    `drizzle/${file} has ${what} in two versions: keep one of them, then run npm run migrations:rebase.`,
  );
}
