/** Everything that a command leaves on disk, or nothing of it. */

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LOCK_FILE, lockRevisions } from '../repository/lock-file.ts';
import { NOTES_FILE } from '../repository/notes.ts';
import type { RenderedPair } from './drafts.ts';
import { CHAINS } from './snapshots.ts';

export interface Replaced {
  /** Folders of revisions that are made anew, or go. */
  readonly folders: readonly string[];
  readonly dataFiles: readonly string[];
}

/** `writeNotes` comes last but for the lock; what it throws undoes everything, too. */
export function writeFiles(
  notesFolder: string,
  pairs: readonly RenderedPair[],
  replaced: Replaced,
  writeNotes: () => void,
): void {
  const undo: (() => void)[] = [];
  const staged = new Map<string, string>();
  try {
    for (const pair of pairs) stage(pair, staged, undo);
    for (const path of [...replaced.folders, ...replaced.dataFiles]) setAside(path, undo);
    for (const [temporary, path] of staged) {
      renameSync(temporary, path);
      undo.unshift(() => rmSync(path, { recursive: true, force: true }));
    }
    for (const name of [NOTES_FILE, LOCK_FILE]) keepText(join(notesFolder, name), undo);
    writeNotes();
    writeLock(notesFolder, pairs, replaced);
  } catch (error) {
    for (const step of undo) step();
    throw error;
  }
  for (const path of [...replaced.folders, ...replaced.dataFiles]) {
    rmSync(aside(path), { recursive: true, force: true });
  }
}

/** Names with a dot are no revisions to whoever reads a chain. */
const inPlaceOf = (path: string, word: string) => join(dirname(path), `.${word}-${basename(path)}`);
const aside = (path: string) => inPlaceOf(path, 'old');

function stage(pair: RenderedPair, staged: Map<string, string>, undo: (() => void)[]): void {
  const add = (path: string, write: (temporary: string) => void) => {
    const temporary = inPlaceOf(path, 'new');
    undo.unshift(() => rmSync(temporary, { recursive: true, force: true }));
    rmSync(temporary, { recursive: true, force: true });
    write(temporary);
    staged.set(temporary, path);
  };
  for (const chain of CHAINS) {
    const { folder, files } = pair.revisions[chain];
    add(folder, (temporary) => {
      mkdirSync(temporary, { recursive: true });
      for (const [name, text] of Object.entries(files)) writeFileSync(join(temporary, name), text);
    });
  }
  if (pair.dataFile === null) return;
  mkdirSync(dirname(pair.dataFile), { recursive: true });
  add(pair.dataFile, (temporary) => writeFileSync(temporary, pair.data!));
}

function setAside(path: string, undo: (() => void)[]): void {
  rmSync(aside(path), { recursive: true, force: true });
  renameSync(path, aside(path));
  undo.unshift(() => renameSync(aside(path), path));
}

function keepText(file: string, undo: (() => void)[]): void {
  const text = existsSync(file) ? readFileSync(file) : null;
  undo.unshift(() => (text === null ? rmSync(file, { force: true }) : writeFileSync(file, text)));
}

function writeLock(notesFolder: string, pairs: readonly RenderedPair[], { folders }: Replaced): void {
  const revisions = pairs.flatMap((pair) =>
    CHAINS.map((chain) => {
      const { folder, checksum } = pair.revisions[chain];
      return { chain, folder: basename(folder), checksum };
    }),
  );
  lockRevisions(notesFolder, revisions, new Set(folders.map((folder) => basename(folder))));
}
