/** drizzle/revisions.lock: the checksum of every revision, so that an edit of one that has landed is seen in review. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChainName } from '../chain/revisions.ts';

export const LOCK_FILE = 'revisions.lock';

export interface LockedRevision {
  readonly chain: ChainName;
  /** The folder's name, without its path. */
  readonly folder: string;
  readonly checksum: string;
}

export interface LockFile {
  readonly revisions: readonly LockedRevision[];
  /** Lines that aren't a checksum, two spaces, a chain and a folder. */
  readonly broken: readonly { readonly line: number; readonly text: string }[];
}

const LINE = /^([0-9a-f]{64}) {2}(sqlite|pg)\/(\S+)$/;

export function readLockFile(folder: string): LockFile {
  const file = join(folder, LOCK_FILE);
  return parseLockFile(existsSync(file) ? readFileSync(file, 'utf8') : '');
}

export function parseLockFile(text: string): LockFile {
  const revisions: LockedRevision[] = [];
  const broken: { line: number; text: string }[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trimEnd();
    if (line === '') continue;
    const [, checksum, chain, folder] = LINE.exec(line) ?? [];
    if (checksum) revisions.push({ chain: chain as ChainName, folder: folder!, checksum });
    else broken.push({ line: index + 1, text: line });
  }
  return { revisions, broken };
}

/** Adds revisions; those of `without` go first, as when they are made anew. */
export function lockRevisions(
  folder: string,
  revisions: readonly LockedRevision[],
  without: ReadonlySet<string> = new Set(),
): void {
  const kept = readLockFile(folder).revisions.filter((one) => !without.has(one.folder));
  writeLockFile(folder, [...kept, ...revisions]);
}

/** In the order of time, SQLite's before PostgreSQL's: the newest last, where two branches meet in a merge conflict. */
export function writeLockFile(folder: string, revisions: readonly LockedRevision[]): void {
  const key = ({ folder: name, chain }: LockedRevision) =>
    `${name.slice(0, 17)} ${chain === 'sqlite' ? 0 : 1}`;
  const sorted = revisions.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
  const lines = sorted.map((one) => `${one.checksum}  ${one.chain}/${one.folder}\n`);
  writeFileSync(join(folder, LOCK_FILE), lines.join(''));
}
