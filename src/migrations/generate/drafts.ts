/** Pairs of revisions as they will be written, from what they do to the text of every file. */

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type ChainName, checksumOf } from '../chain/revisions.ts';
import type { Snapshot } from './dialect.ts';
import type { PhaseKind } from './phases/phases.ts';
import { downText, upText } from './revision-text.ts';
import type { SnapshotPair } from './snapshots.ts';
import type { Sources, Twin } from './twins.ts';

export interface DraftSide {
  readonly id: string;
  /** More lines for the header of up.sql, and of down.sql. */
  readonly upHeaders: readonly string[];
  readonly downHeaders: readonly string[];
  readonly upBody: string;
  readonly downBody: string;
  readonly label: string;
}

export interface Draft {
  readonly kind: PhaseKind;
  readonly slug: string;
  readonly timestamp: string;
  /** The heading of its entry in the notes. */
  readonly title: string;
  readonly sides: Readonly<Record<ChainName, DraftSide>>;
  readonly snapshots: SnapshotPair;
  /** The text of its data step. */
  readonly data: string | null;
}

export interface RenderedRevision {
  readonly chain: ChainName;
  readonly engine: string;
  readonly id: string;
  readonly parent: string | null;
  /** Absolute. */
  readonly folder: string;
  readonly files: Readonly<Record<'up.sql' | 'down.sql' | 'snapshot.json', string>>;
  readonly checksum: string;
  readonly label: string;
}

export interface RenderedPair extends Draft {
  readonly revisions: Readonly<Record<ChainName, RenderedRevision>>;
  readonly dataFile: string | null;
}

/** In their order; the first one follows `base`. */
export function render(
  drafts: readonly Draft[],
  base: Twin | undefined,
  sources: Sources,
  notesFolder: string,
): RenderedPair[] {
  const pairs: RenderedPair[] = [];
  for (const draft of drafts) {
    const previous = pairs.at(-1)?.sides;
    const revision = (chain: ChainName) => {
      const parent = previous?.[chain].id ?? base?.revisions[chain].revision.id ?? null;
      const snapshotBefore = previous ? snapshotId(previous[chain].id) : base?.snapshots[chain].id;
      return renderRevision(draft, chain, sources, parent, snapshotBefore ?? ORIGIN);
    };
    pairs.push({
      ...draft,
      revisions: { sqlite: revision('sqlite'), pg: revision('pg') },
      dataFile: draft.data === null ? null : join(notesFolder, 'data', `${draft.timestamp}_${draft.slug}.ts`),
    });
  }
  return pairs;
}

/** What drizzle-kit has the first snapshot follow. */
const ORIGIN = '00000000-0000-0000-0000-000000000000';

/** The same for a revision however often it is made anew. */
function snapshotId(revision: string): string {
  const hex = createHash('sha256').update(revision).digest('hex');
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
}

function renderRevision(
  draft: Draft,
  chain: ChainName,
  sources: Sources,
  parent: string | null,
  prevId: string,
): RenderedRevision {
  const { timestamp, slug, data, sides, snapshots } = draft;
  const { id, upHeaders, downHeaders, upBody, downBody, label } = sides[chain];
  const { generator, folder } = sources[chain];
  const headers = [...upHeaders, ...(data === null ? [] : [`Data: ${timestamp}_${slug}`])];
  const up = upText({ id, parent, timestamp, headers, body: upBody });
  const snapshot: Snapshot = { ...snapshots[chain], id: snapshotId(id), prevId };
  return {
    chain,
    engine: generator.engine,
    id,
    parent,
    folder: join(folder, `${timestamp}_${id}_${slug}`),
    files: {
      'up.sql': up,
      'down.sql': downText(label, downHeaders, downBody),
      'snapshot.json': `${JSON.stringify(snapshot, null, 2)}\n`,
    },
    checksum: checksumOf(up, data ?? undefined),
    label,
  };
}
