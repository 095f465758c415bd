/** The snapshots of revisions that are moved: what a branch has changed, done to what has landed. */

import type { ChainName } from '../chain/revisions.ts';
import type { Rename, Snapshot } from '../generate/dialect.ts';
import { renamesIn, withRenames } from '../generate/renames.ts';
import { CHAINS, type SnapshotPair, tablesOf } from '../generate/snapshots.ts';
import type { Generators } from '../generate/steps.ts';
import type { Twins } from './order.ts';
import { type Json, mergeThreeWay } from './three-way.ts';

export interface Renames {
  /** Made by revisions that the moved one didn't know, and now comes after. */
  readonly others: readonly Rename[];
  /** Its own, with tables under the names that they have by then. */
  readonly own: readonly Rename[];
}

export function renamesOf(line: readonly Twins[], at: number): Renames {
  const others = unknownTo(line, at).flatMap(({ sqlite }) =>
    sqlite.snapshot ? renamesIn(sqlite.snapshot) : [],
  );
  const { snapshot } = line[at]!.sqlite;
  const newName = (table: string) =>
    others.find((one) => one.kind === 'table' && one.from === table)?.to ?? table;
  const own = (snapshot ? renamesIn(snapshot) : []).map((one) =>
    one.kind === 'table' ? one : { ...one, table: newName(one.table) },
  );
  return { others, own };
}

/** What stands before a revision in the line and wasn't among its ancestors. */
export function unknownTo(line: readonly Twins[], at: number): Twins[] {
  const byId = new Map(line.map((twins) => [twins.sqlite.revision.id, twins]));
  const ancestors = new Set<Twins>();
  const parentOf = ({ sqlite }: Twins) => byId.get(sqlite.revision.parent ?? '');
  for (let one = parentOf(line[at]!); one && !ancestors.has(one); one = parentOf(one)) ancestors.add(one);
  return line.slice(0, at).filter((twins) => !ancestors.has(twins));
}

interface Versions {
  readonly base: SnapshotPair;
  readonly ours: SnapshotPair;
  readonly theirs: SnapshotPair;
}

export function mergeSnapshots(
  generators: Generators,
  versions: Versions,
  { others, own }: Renames,
): SnapshotPair {
  const merged = (chain: ChainName): Snapshot => {
    const rename = (snapshot: Snapshot, renames: readonly Rename[]) =>
      renames.reduce(
        (from, one) => (isPossible(from, one) ? generators[chain].rename(from, [one]).snapshot : from),
        snapshot,
      );
    const base = rename(rename(versions.base[chain], others), own);
    const ours = rename(versions.ours[chain], others);
    const theirs = rename(versions.theirs[chain], own);
    const json = (snapshot: Snapshot) => snapshot as unknown as Json;
    const result = mergeThreeWay(json(base), json(ours), json(theirs)) as unknown as Snapshot;
    return withRenames(result, own);
  };
  return { sqlite: merged('sqlite'), pg: merged('pg') };
}

function isPossible(snapshot: Snapshot, rename: Rename): boolean {
  const tables = tablesOf(snapshot);
  if (rename.kind === 'table') return tables.has(rename.from) && !tables.has(rename.to);
  const columns = tables.get(rename.table)?.columns ?? {};
  return rename.from in columns && !(rename.to in columns);
}

export interface Settled {
  readonly after: SnapshotPair;
  /** Statements that lead from what both branches say to what the schema files say. */
  readonly extra: readonly string[];
}

/** The newest revision leads to what the schema files say, word for word if that is the same. */
export async function settle(
  generators: Generators,
  merged: SnapshotPair,
  schema: SnapshotPair,
  takesAll: boolean,
): Promise<Settled> {
  const extra: string[] = [];
  for (const chain of CHAINS)
    extra.push(...(await generators[chain].statements(merged[chain], schema[chain])));
  if (extra.length > 0 && !takesAll) return { after: merged, extra };
  const renamed = (chain: ChainName) => withRenames(schema[chain], renamesIn(merged[chain]));
  return { after: { sqlite: renamed('sqlite'), pg: renamed('pg') }, extra };
}
