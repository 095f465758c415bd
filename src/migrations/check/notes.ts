import { basename } from 'node:path';
import { nameParts } from '../chain/folder-name.ts';
import type { ChainName } from '../chain/revisions.ts';
import { isConflictMarker } from '../rebase/conflicts.ts';
import { type ChainFiles, lineOf, type RevisionFiles } from '../repository/files.ts';
import { CHAIN_NAMES, dateOf, NOTES_FILE, type Notes, type NotesEntry } from '../repository/notes.ts';
import type { Failure } from './check.ts';

const FILE = `drizzle/${NOTES_FILE}`;
const ACCEPT = 'run npm run generate:check -- --accept';

/** Whether the notes have each pair of revisions once, in order, and say of it what its files say. */
export function checkNotes(chains: readonly ChainFiles[], notes: Notes): Failure[] {
  const text = [notes.introduction, ...notes.entries.map(({ raw }) => raw)].join('\n');
  if (text.split('\n').some(isConflictMarker)) {
    return [
      { rule: 'notes', message: `${FILE} has conflict markers of git: run npm run migrations:rebase.` },
    ];
  }
  const problems = notes.problems.map(({ line, what }): Failure => {
    return { rule: 'notes', message: `${FILE} line ${line} ${what}; then run npm run generate:check.` };
  });
  return [
    ...problems,
    ...chains.flatMap((files) => missing(files, notes)),
    ...notes.entries.flatMap((entry) => checkEntry(entry, chains)),
    ...order(chains, notes),
  ];
}

function missing({ chain, revisions }: ChainFiles, { entries }: Notes): Failure[] {
  return revisions.flatMap(({ revision, place }): Failure[] => {
    const count = entries.filter(({ ids }) => ids[chain] === revision.id).length;
    if (count === 1) return [];
    const message =
      count === 0
        ? `${FILE} has no entry with ${CHAIN_NAMES[chain]}: \`${revision.id}\` for ${place}: ${ACCEPT}.`
        : `${FILE} names ${revision.id} in ${count} entries: remove all but one, then run npm run generate:check.`;
    return [{ rule: 'notes', chain, message }];
  });
}

function checkEntry(entry: NotesEntry, chains: readonly ChainFiles[]): Failure[] {
  const at = `${FILE} line ${entry.line} (${entry.title})`;
  const failures: Failure[] = [];
  const pair: RevisionFiles[] = [];
  for (const { chain, place, revisions, unreadable } of chains) {
    const id = entry.ids[chain];
    const known = revisions.find(({ revision }) => revision.id === id);
    const unread = unreadable.some((one) => nameParts(basename(one.place)).id === id);
    if (known) pair.push(known);
    else if (!unread) failures.push(unknown(at, chain, id, place));
  }
  const [one, other] = pair;
  if (one && other && one.timestamp !== other.timestamp) {
    const message = `${at} names two revisions that are no twins: put each beside its twin, then run npm run generate:check.`;
    failures.push({ rule: 'notes', message });
  }
  return failures.length > 0 ? failures : pair.flatMap((files) => contradictions(at, entry, files));
}

function unknown(at: string, chain: ChainName, id: string | undefined, place: string): Failure {
  const message = id
    ? `${at} names ${id}, which isn't in ${place}: bring it back from git or remove the entry, then run npm run generate:check.`
    : `${at} names no revision of ${CHAIN_NAMES[chain]}: ${ACCEPT}.`;
  return { rule: 'notes', chain, message };
}

function contradictions(
  at: string,
  entry: NotesEntry,
  { chain, timestamp, label, place }: RevisionFiles,
): Failure[] {
  const said = entry.down[chain];
  const failures: Failure[] = [];
  if (said !== label) {
    const message = `${at} says ${said ? `"Down: ${said}"` : 'nothing of the way down'}, but ${place}/down.sql says "${label}": ${ACCEPT}.`;
    failures.push({ rule: 'notes', chain, message });
  }
  // The date is one for both twins: said once.
  if (chain === 'sqlite' && entry.date !== dateOf(timestamp)) {
    const message = `${at} has the date ${entry.date}, but its revisions are of ${dateOf(timestamp)}: ${ACCEPT}.`;
    failures.push({ rule: 'notes', message });
  }
  return failures;
}

/** Newest first, as the chains go. */
function order(chains: readonly ChainFiles[], { entries }: Notes): Failure[] {
  return chains.flatMap(({ chain, revisions }): Failure[] => {
    const noted = entries.flatMap(({ ids }) => ids[chain] ?? []);
    const line = lineOf(revisions)
      .map(({ revision }) => revision.id)
      .filter((id) => noted.includes(id))
      .toReversed();
    const places = line.map((id) => noted.indexOf(id));
    const at = places.findIndex((place, index) => index > 0 && place < places[index - 1]!);
    if (at < 0) return [];
    const message = `${FILE} has ${line[at]} above ${line[at - 1]}, which is newer: ${ACCEPT}.`;
    return [{ rule: 'notes', chain, message }];
  });
}
