import type { Snapshot } from '../dialect.ts';
import {
  type DetailedTable,
  isSame,
  isSameSchema,
  type SnapshotEnum,
  type SnapshotPair,
} from '../snapshots.ts';
import { type Places, placesOf } from './places.ts';
import { tableInMain } from './table-changes.ts';

/**
 * `values`: labels added to enumerations, which PostgreSQL lets nobody use in the same transaction. `main`: what is one
 * transaction. `online`: what PostgreSQL does statement by statement, so that others can go on writing.
 */
export type PhaseKind = 'values' | 'main' | 'online';

export interface Phase {
  readonly kind: PhaseKind;
  readonly after: SnapshotPair;
}

export interface PhaseOptions {
  /** Rows are filled or moved between `main` and `online`. */
  readonly withData?: boolean;
  /** There is a `main`, though it changes nothing here. */
  readonly withMain?: boolean;
}

/**
 * The steps from one schema to another, each with the schema that it leads to. PostgreSQL's needs decide; SQLite
 * changes its tables in the same steps, so that the twins stay twins at each.
 */
export function phases(
  before: SnapshotPair,
  after: SnapshotPair,
  { withData = false, withMain = false }: PhaseOptions = {},
): Phase[] {
  const places = placesOf(before.pg, after.pg, withData);
  const withValues = { ...before, pg: addValues(before.pg, after.pg, places) };
  const main = {
    sqlite: mix(before.sqlite, after.sqlite, places),
    pg: mix(before.pg, after.pg, places),
  };
  const steps: Phase[] = [
    { kind: 'values', after: withValues },
    { kind: 'main', after: main },
    { kind: 'online', after },
  ];
  const hasMore = !isSameSchema(withValues.pg, after.pg);
  let from = before;
  return steps.filter((step) => {
    if (step.kind === 'values' && !hasMore) return false;
    const isEmpty = isSamePair(from, step.after) && !(step.kind === 'main' && (withData || withMain));
    if (!isEmpty) from = step.after;
    return !isEmpty;
  });
}

const isSamePair = (one: SnapshotPair, other: SnapshotPair): boolean =>
  isSameSchema(one.sqlite, other.sqlite) && isSameSchema(one.pg, other.pg);

/** The old schema with the new labels of its enumerations. */
function addValues(before: Snapshot, after: Snapshot, { enums }: Places): Snapshot {
  const entries = Object.entries(before.enums).map(([key, one]) =>
    enums.get((one as SnapshotEnum).name) === 'values' ? [key, after.enums[key]] : [key, one],
  );
  return { ...before, enums: Object.fromEntries(entries) };
}

/** The schema between `main` and `online`. */
function mix(before: Snapshot, after: Snapshot, places: Places): Snapshot {
  const tables: [string, DetailedTable][] = [];
  for (const key of keysOf(before.tables, after.tables)) {
    const old = before.tables[key] as DetailedTable | undefined;
    const table = after.tables[key] as DetailedTable | undefined;
    const place = places.tables.get((table ?? old)!.name) ?? 'main';
    const mixed = tableInMain(place, old, table);
    if (mixed) tables.push([key, mixed]);
  }
  const enums: [string, unknown][] = [];
  for (const key of keysOf(before.enums, after.enums)) {
    const [old, one] = [before.enums[key], after.enums[key]];
    const waits = places.enums.get(((one ?? old) as SnapshotEnum).name) === 'online';
    const mixed = waits ? old : one;
    if (mixed) enums.push([key, mixed]);
  }
  const mixed = { ...after, tables: Object.fromEntries(tables), enums: Object.fromEntries(enums) };
  // Word for word the new schema, where it is the same: the order of keys too.
  return isSame(mixed.tables, after.tables) && isSame(mixed.enums, after.enums) ? after : mixed;
}

const keysOf = (before: object, after: object): Set<string> =>
  new Set([...Object.keys(after), ...Object.keys(before)]);
