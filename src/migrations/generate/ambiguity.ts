import { MigrationError } from '../errors.ts';
import type { Rename, Snapshot, SnapshotColumn, SnapshotTable } from './dialect.ts';
import { renameText } from './renames.ts';
import { CHAINS, type SnapshotPair, tablesOf } from './snapshots.ts';

/** Something that is gone, and the renames that may be behind it. */
export interface Doubt {
  /** `flow.name` or `flow`. */
  readonly gone: string;
  readonly renames: readonly Rename[];
}

/**
 * Something gone and something new that is like it may be a rename, and taking it for a drop and an addition would
 * throw data away: that isn't guessed. `before` has the declared renames behind it; `drops` are those that are none.
 */
export function refuseAmbiguity(before: SnapshotPair, after: SnapshotPair, drops: readonly string[]): void {
  refuseUnknownDrops(before, after, drops);
  const doubts = doubtsBetween(before, after).filter(({ gone }) => !drops.includes(gone));
  if (doubts.length > 0) throw new MigrationError('chain', doubts.map(sentence).join('\n'));
}

/** Each once, though both dialects have it. */
export function doubtsBetween(before: SnapshotPair, after: SnapshotPair): Doubt[] {
  const doubts = CHAINS.flatMap((chain) => doubtsOf(before[chain], after[chain]));
  return [...new Map(doubts.map((doubt) => [doubt.gone, doubt])).values()];
}

function sentence({ gone, renames }: Doubt): string {
  const place = gone.includes('.') ? `${gone.split('.')[0]}.` : '';
  const names = renames.map(({ to }) => `${place}${to}`).join(' and ');
  const flags = renames.map((rename) => `--rename ${renameText(rename)}`).join(' or ');
  const are = renames.length > 1 ? 'are' : 'is';
  return `${gone} is gone and ${names} ${are} new: add ${flags} if it was renamed, or --drop ${gone} if it goes with its data.`;
}

function refuseUnknownDrops(before: SnapshotPair, after: SnapshotPair, drops: readonly string[]): void {
  const isGone = (drop: string, chain: 'sqlite' | 'pg') => {
    const [table, column] = drop.split('.');
    const [old, now] = [tablesOf(before[chain]).get(table!), tablesOf(after[chain]).get(table!)];
    if (column === undefined) return old !== undefined && now === undefined;
    return old?.columns[column] !== undefined && now?.columns[column] === undefined;
  };
  const wrong = drops.find((drop) => !CHAINS.some((chain) => isGone(drop, chain)));
  if (wrong === undefined) return;
  throw new MigrationError(
    'chain',
    `--drop ${wrong} names nothing that is gone from the schemas: leave it out, or give the table or table.column that is.`,
  );
}

function doubtsOf(before: Snapshot, after: Snapshot): Doubt[] {
  const [old, now] = [tablesOf(before), tablesOf(after)];
  const added = [...now.values()].filter((table) => !old.has(table.name));
  return [...old.values()].flatMap((table) => {
    const kept = now.get(table.name);
    if (kept) return doubtsOfColumns(table, kept);
    const renames = added
      .filter((one) => isAlike(table, one))
      .map((one): Rename => ({ kind: 'table', from: table.name, to: one.name }));
    return renames.length > 0 ? [{ gone: table.name, renames }] : [];
  });
}

function doubtsOfColumns(old: SnapshotTable, table: SnapshotTable): Doubt[] {
  const added = Object.values(table.columns).filter(({ name }) => !old.columns[name]);
  return Object.values(old.columns).flatMap((column) => {
    if (table.columns[column.name]) return [];
    const renames = added
      .filter((one) => familyOf(one) === familyOf(column))
      .map((one): Rename => ({ kind: 'column', table: table.name, from: column.name, to: one.name }));
    return renames.length > 0 ? [{ gone: `${table.name}.${column.name}`, renames }] : [];
  });
}

/** Whether more than half of the columns are the same. */
function isAlike(one: SnapshotTable, other: SnapshotTable): boolean {
  const columns = Object.values(one.columns);
  const shared = columns.filter((column) => {
    const twin = other.columns[column.name];
    return twin !== undefined && familyOf(twin) === familyOf(column);
  });
  return shared.length * 2 > Math.max(columns.length, Object.keys(other.columns).length);
}

const FAMILIES: readonly (readonly [RegExp, string])[] = [
  [/^char\(36\)/, 'uuid'],
  [/char|text|clob/, 'text'],
  [/^(big|small)?serial|int(?!erval)|real|float|double|numeric|decimal/, 'number'],
  [/^datetime|^timestamp|^date|^time/, 'time'],
  [/^json/, 'json'],
];

/** A type of its own, as of an enumeration, is its own family. */
function familyOf({ type }: SnapshotColumn): string {
  const lower = type.toLowerCase();
  return FAMILIES.find(([pattern]) => pattern.test(lower))?.[1] ?? lower;
}
