/** Brings notes and revisions.lock in line with the revisions that are there. */

import { twinName } from '../chain/folder-name.ts';
import type { ChainName } from '../chain/revisions.ts';
import { type ChainFiles, lineOf, type RevisionFiles } from './files.ts';
import type { Landed } from './git.ts';
import { type LockedRevision, readLockFile, writeLockFile } from './lock-file.ts';
import { dateOf, downLine, type NotesEntry, newEntry, readNotes, writeNotes } from './notes.ts';

/** Both twins of a change, as far as they are there. */
type Pair = Partial<Record<ChainName, RevisionFiles>>;

/** Newest first, each pair with an entry that has its date and the labels of its way down; texts stay as they are. */
export function tidyNotes(chains: readonly ChainFiles[], notesFolder: string): void {
  const { introduction, entries } = readNotes(notesFolder);
  const pairs = pairsOf(chains);
  const left = new Set(entries);
  const tidied = pairs.map((pair) => {
    const entry = entries.find(({ ids }) =>
      Object.values(pair).some((one) => ids[one.chain] === one.revision.id),
    );
    if (entry) left.delete(entry);
    return entry ? withFacts(entry, pair) : entryFor(pair);
  });
  // What names no revision that is there stays, and the check says so.
  const all = [...tidied, ...[...left].map(({ raw }) => raw)];
  writeNotes(notesFolder, { introduction, entries: all.map((raw) => ({ raw })) });
}

/** Newest first. */
function pairsOf(chains: readonly ChainFiles[]): Pair[] {
  const pairs = new Map<string, Pair>();
  for (const files of chains) {
    const line = lineOf(files.revisions);
    const rest = files.revisions.filter((one) => !line.includes(one));
    for (const one of [...line, ...rest]) {
      const key = twinName(one.revision.folder);
      pairs.set(key, { ...pairs.get(key), [one.chain]: one });
    }
  }
  const timeOf = (pair: Pair) => (pair.sqlite ?? pair.pg)!.timestamp;
  return [...pairs.values()].sort((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1));
}

const labelsOf = ({ sqlite, pg }: Pair) => ({ sqlite: sqlite?.label, pg: pg?.label });

function withFacts({ raw }: NotesEntry, pair: Pair): string {
  const down = downLine(labelsOf(pair));
  const dated = raw.replace(/^## \d{4}-\d{2}-\d{2}/, `## ${dateOf((pair.sqlite ?? pair.pg)!.timestamp)}`);
  if (/^- Down: .*$/m.test(dated)) return dated.replace(/^- Down: .*$/m, () => down);
  const revisions = [...dated.matchAll(/^- (?:SQLite|Postgres): `\w+`$/gm)];
  const last = revisions.at(-1)!;
  const end = last.index + last[0].length;
  return `${dated.slice(0, end)}\n${down}${dated.slice(end)}`;
}

function entryFor(pair: Pair): string {
  const revisions = Object.values(pair);
  const words = revisions[0]!.revision.slug.replaceAll('_', ' ');
  return newEntry({
    message: words.charAt(0).toUpperCase() + words.slice(1),
    timestamp: revisions[0]!.timestamp,
    revisions: revisions.map(({ chain, revision, label }) => ({ chain, id: revision.id, label })),
  });
}

/**
 * Takes the revisions as they are on disk into revisions.lock, except that one that has landed keeps its checksum;
 * returns those that have it anew.
 */
export function tidyLock(
  chains: readonly ChainFiles[],
  notesFolder: string,
  landed: Landed | null,
): RevisionFiles[] {
  const locked = new Map(
    readLockFile(notesFolder).revisions.map((one) => [keyOf(one.chain, one.folder), one]),
  );
  const changed: RevisionFiles[] = [];
  const next: LockedRevision[] = [];
  for (const one of chains.flatMap(({ revisions }) => revisions)) {
    const { folder, checksum } = one.revision;
    const old = locked.get(keyOf(one.chain, folder));
    locked.delete(keyOf(one.chain, folder));
    const keeps = old !== undefined && (old.checksum === checksum || landed?.folders.has(folder));
    if (!keeps) changed.push(one);
    next.push(keeps ? old : { chain: one.chain, folder, checksum });
  }
  const gone = [...locked.values()].filter(({ folder }) => landed?.folders.has(folder));
  writeLockFile(notesFolder, [...next, ...gone]);
  return changed;
}

const keyOf = (chain: ChainName, folder: string): string => `${chain}/${folder}`;
