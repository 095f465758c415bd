/** The entries of revisions that are made anew: what tools wrote is new, what people wrote stays. */

import {
  CHAIN_NAMES,
  dateOf,
  downLine,
  type NotesEntry,
  parseNotes,
  readNotes,
  writeNotes,
} from '../../repository/notes.ts';
import type { RenderedPair } from '../drafts.ts';
import { CHAINS } from '../snapshots.ts';
import type { Command } from '../twins.ts';

/** The heading of what a command made, or what its slug says. */
export function messageIn(notesFolder: string, { pairs, slug }: Command): string {
  const { entries } = readNotes(notesFolder);
  const main = pairs.find(({ kind }) => kind === 'main') ?? pairs[0]!;
  const id = main.twin.revisions.sqlite.revision.id;
  const entry = entries.find(({ ids }) => ids.sqlite === id);
  if (!entry) return slug.replaceAll('_', ' ');
  return pairs.length === 1 ? entry.title : entry.title.replace(/ \((values|online)\)$/, '');
}

export function amendNotes(
  notesFolder: string,
  pairs: readonly RenderedPair[],
  oldIds: ReadonlySet<string>,
): void {
  const notes = readNotes(notesFolder);
  const isOld = (entry: NotesEntry) => Object.values(entry.ids).some((id) => oldIds.has(id));
  const old = notes.entries.filter(isOld);
  const taken = new Set<NotesEntry>();
  const texts = pairs.map((pair) => {
    const own = old.find(({ ids }) => CHAINS.some((chain) => ids[chain] === pair.sides[chain].id));
    if (own) taken.add(own);
    return { pair, written: own ? [own] : [] };
  });
  // What was said of a phase that is no more is said of the first one that there is.
  texts[0]?.written.push(...old.filter((entry) => !taken.has(entry)));
  const added = texts.map(({ pair, written }) => entryText(pair, written)).toReversed();
  const rest = notes.entries.filter((entry) => !isOld(entry));
  const entries = [...parseNotes(added.join('\n\n')).entries, ...rest];
  writeNotes(notesFolder, { introduction: notes.introduction, entries });
}

function entryText(pair: RenderedPair, written: readonly NotesEntry[]): string {
  const { sqlite, pg } = pair.sides;
  const accepted = written.flatMap((entry) => entry.accepted);
  const differs = written.flatMap((entry) => entry.differs);
  const texts = written.flatMap(({ text }) => (text ? ['', text] : []));
  return [
    `## ${dateOf(pair.timestamp)} ${pair.title}`,
    '',
    ...CHAINS.map((chain) => `- ${CHAIN_NAMES[chain]}: \`${pair.sides[chain].id}\``),
    downLine({ sqlite: sqlite.label, pg: pg.label }),
    ...accepted.map(
      (one) => `- Accepted: ${CHAIN_NAMES[one.chain]} \`${one.rule}\` on \`${one.table}\`: ${one.reason}`,
    ),
    ...differs.map(({ pattern, reason }) => `- Differs: \`${pattern}\`: ${reason}`),
    ...texts,
  ].join('\n');
}
