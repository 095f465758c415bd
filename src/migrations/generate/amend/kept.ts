/** Revisions that somebody has written or changed by hand. */

import type { ChainName } from '../../chain/revisions.ts';
import type { RevisionFiles } from '../../repository/files.ts';
import { hasDown } from '../data-step.ts';
import type { Draft, DraftSide } from '../drafts.ts';
import { renamesIn, withRenames } from '../renames.ts';
import { bodyOf, bodyText, headersOf } from '../revision-text.ts';
import { CHAINS, type SnapshotPair } from '../snapshots.ts';
import { nextTimestamp, titleOf, WITHOUT_DOWN } from '../step-drafts.ts';
import { type Generators, planStep, type Step } from '../steps.ts';
import { type CommandPair, slugOfPhase } from '../twins.ts';
import type { Amended } from './amend.ts';

/** The first file that isn't as generate makes it of the schemas before and after; undefined if all are. */
export async function changedByHand(
  generators: Generators,
  { command, before }: Amended,
): Promise<string | undefined> {
  let from = before;
  for (const pair of command.pairs) {
    const step = await stepOf(generators, from, pair);
    for (const chain of CHAINS) {
      const edited = editedFile(step, pair.twin.revisions[chain], generators[chain].engine);
      if (edited) return edited;
    }
    from = pair.twin.snapshots;
    from = { sqlite: withRenames(from.sqlite, []), pg: withRenames(from.pg, []) };
  }
  return undefined;
}

function stepOf(generators: Generators, from: SnapshotPair, { kind, twin }: CommandPair): Promise<Step> {
  return planStep(generators, from, { kind, after: twin.snapshots }, renamesIn(twin.snapshots.sqlite));
}

function editedFile({ sides }: Step, files: RevisionFiles, engine: string): string | undefined {
  const { up, down, label } = sides[files.chain];
  if (bodyOf(files.up) !== bodyText(engine, up)) return `${files.place}/up.sql`;
  const isOwnLabel = files.label === label || files.label === WITHOUT_DOWN;
  return isOwnLabel && bodyOf(files.down) === bodyText(engine, down) ? undefined : `${files.place}/down.sql`;
}

/** As the files have it; what is made anew are the names, the checksums and the entry in the notes. */
export function keptDrafts({ command, slug, message, data }: Amended): Draft[] {
  const isOnly = command.pairs.length === 1;
  let timestamp = command.pairs[0]!.twin.timestamp;
  return command.pairs.map(({ kind, twin }, at) => {
    if (at > 0) timestamp = nextTimestamp(timestamp);
    const own = twin.revisions.sqlite.data === undefined ? null : data;
    const side = (chain: ChainName) => keptSide(twin.revisions[chain], own);
    return {
      kind,
      slug: slugOfPhase(slug, kind, isOnly),
      timestamp,
      title: titleOf(message, kind, isOnly),
      sides: { sqlite: side('sqlite'), pg: side('pg') },
      snapshots: twin.snapshots,
      data: own,
    };
  });
}

const OWN_HEADERS = /^(Revision|Revises|Create Date|Data): /;

function keptSide({ revision, up, down, label }: RevisionFiles, data: string | null): DraftSide {
  const isUndone = label === WITHOUT_DOWN && data !== null && hasDown(data);
  return {
    id: revision.id,
    upHeaders: headersOf(up).filter((line) => !OWN_HEADERS.test(line)),
    downHeaders: headersOf(down).filter((line) => !line.startsWith('Down: ')),
    upBody: bodyOf(up),
    downBody: bodyOf(down),
    label: isUndone ? 'lossless' : label,
  };
}
