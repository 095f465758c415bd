/** What becomes of each revision that is moved. */

import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { ChainName } from '../chain/revisions.ts';
import type { Snapshot } from '../generate/dialect.ts';
import { renamesIn } from '../generate/renames.ts';
import { timestampAfter } from '../generate/revision-text.ts';
import { readSchema } from '../generate/schemas.ts';
import { CHAINS, isSame, type SnapshotPair, tablesOf } from '../generate/snapshots.ts';
import { type Generators, planStep } from '../generate/steps.ts';
import type { ChainSource, RevisionFiles } from '../repository/files.ts';
import { mergeSnapshots, type Renames, renamesOf, settle, unknownTo } from './merge.ts';
import type { NewOrder, Twins } from './order.ts';
import { isAllPlanned, movedText, review } from './text.ts';

/** A pair of revisions in its new place. */
export interface Move {
  readonly twins: Twins;
  readonly timestamp: string;
  readonly sides: Readonly<Record<ChainName, MovedSide>>;
  /** The names of its data step, without `.ts`. */
  readonly data: { readonly from: string; readonly to: string } | undefined;
  /** Sentences on what a person should look at. */
  readonly review: readonly string[];
}

export interface MovedSide {
  readonly from: RevisionFiles;
  readonly path: string;
  readonly up: string;
  readonly down: string;
  readonly snapshot: Snapshot;
}

interface World {
  readonly generators: Generators;
  readonly line: readonly Twins[];
  /** What the schema files say now. */
  readonly schema: SnapshotPair;
  readonly empty: SnapshotPair;
  /** All snapshots as they were, by their own ids and by those of their revisions. */
  readonly snapshots: ReadonlyMap<string, Snapshot>;
}

/** Plans all that is out of place, and writes nothing. */
export async function planMoves(chains: readonly ChainSource[], order: NewOrder, now: Date): Promise<Move[]> {
  if (order.kept === order.line.length) return [];
  const world = await look(chains, order);
  const head = order.line[order.kept - 1];
  const moves: Move[] = [];
  let before = head ? pairOf((chain) => head[chain].snapshot!) : world.empty;
  let timestamp = head?.sqlite.timestamp;
  for (let at = order.kept; at < order.line.length; at++) {
    timestamp = timestampAfter(now, timestamp === undefined ? [] : [timestamp]);
    const move = await planMove(world, at, before, timestamp);
    moves.push(move);
    before = pairOf((chain) => move.sides[chain].snapshot);
  }
  return moves;
}

const pairOf = <T>(of: (chain: ChainName) => T): Record<ChainName, T> => ({
  sqlite: of('sqlite'),
  pg: of('pg'),
});

async function look(chains: readonly ChainSource[], { line }: NewOrder): Promise<World> {
  const sources = pairOf((name) => chains.find(({ generator }) => generator.chain === name)!);
  const { sqlite, pg } = sources;
  const snapshots = new Map<string, Snapshot>();
  for (const { revision, snapshot } of line.flatMap((twins) => CHAINS.map((chain) => twins[chain]))) {
    if (snapshot) snapshots.set(snapshot.id, snapshot).set(revision.id, snapshot);
  }
  return {
    generators: pairOf((chain) => sources[chain].generator),
    line,
    snapshots,
    empty: { sqlite: await sqlite.generator.snapshot({}), pg: await pg.generator.snapshot({}) },
    schema: {
      sqlite: await readSchema(sqlite),
      pg: await readSchema(pg),
    },
  };
}

async function planMove(world: World, at: number, before: SnapshotPair, timestamp: string): Promise<Move> {
  const { generators, line } = world;
  const twins = line[at]!;
  const kind = twins.pg.revision.transactional ? 'main' : 'online';
  const renames = renamesOf(line, at);
  const old = oldVersions(world, twins);
  const was =
    old && (await planStep(generators, old.base, { kind, after: old.ours }, renamesIn(old.ours.sqlite)));
  const { after, extra } = await newAfter(world, at, before, old, renames, isAllPlanned({ twins, was }));
  const step = await planStep(generators, before, { kind, after }, renames.own);
  const unknown = unknownTo(line, at);
  const changedTables = pairOf((chain) => tablesChanged(world, unknown, chain));
  const moving = { twins, parents: line[at - 1], timestamp, was, step, unknown, changedTables, extra };
  const sides = pairOf((chain): MovedSide => {
    const from = twins[chain];
    const { id, slug } = from.revision;
    const snapshot = { ...step.after[chain], id: snapshotId(id, before[chain].id), prevId: before[chain].id };
    return {
      from,
      path: join(dirname(from.path), `${timestamp}_${id}_${slug}`),
      snapshot,
      ...movedText(moving, chain),
    };
  });
  const named = twins.sqlite.data ?? twins.pg.data;
  const data =
    named === undefined ? undefined : { from: named, to: `${timestamp}_${twins.sqlite.revision.slug}` };
  return { twins, timestamp, sides, data, review: review(moving) };
}

/** Another one than in the old place, so that whoever came after that is seen to come after something else. */
function snapshotId(revision: string, before: string): string {
  const hex = createHash('sha256').update(`${revision} ${before}`).digest('hex');
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
}

function tablesChanged({ snapshots }: World, all: readonly Twins[], chain: ChainName): string[] {
  const changed = all.flatMap((twins) => {
    const { snapshot } = twins[chain];
    if (!snapshot) return [];
    const before = snapshots.get(snapshot.prevId);
    const old = before ? tablesOf(before) : new Map();
    return [...tablesOf(snapshot)]
      .filter(([name, table]) => !isSame(old.get(name), table))
      .map(([name]) => name);
  });
  return [...new Set(changed)];
}

interface OldVersions {
  readonly base: SnapshotPair;
  readonly ours: SnapshotPair;
}

/** The schemas before and after a revision in its old place; undefined if that isn't there to be read any more. */
function oldVersions({ snapshots, empty }: World, twins: Twins): OldVersions | undefined {
  const before = pairOf((chain) => {
    const { snapshot, revision } = twins[chain];
    return snapshots.get(snapshot?.prevId ?? '') ?? (revision.parent === null ? empty[chain] : undefined);
  });
  const ours = pairOf((chain) => twins[chain].snapshot);
  if (!before.sqlite || !before.pg || !ours.sqlite || !ours.pg) return undefined;
  return { base: { sqlite: before.sqlite, pg: before.pg }, ours: { sqlite: ours.sqlite, pg: ours.pg } };
}

async function newAfter(
  { generators, line, schema }: World,
  at: number,
  before: SnapshotPair,
  old: OldVersions | undefined,
  renames: Renames,
  isPlanned: boolean,
): Promise<{ after: SnapshotPair; extra: readonly string[] }> {
  const isLast = at === line.length - 1;
  if (!old) return { after: isLast ? schema : before, extra: [] };
  const merged = mergeSnapshots(generators, { ...old, theirs: before }, renames);
  if (!isLast) return { after: merged, extra: [] };
  return settle(generators, merged, schema, isPlanned);
}
