/** What the generator itself, which is of no dialect, sees in a snapshot beyond tables and columns. */

import { isDeepStrictEqual } from 'node:util';
import type { ChainName } from '../chain/revisions.ts';
import type { Snapshot, SnapshotColumn, SnapshotTable } from './dialect.ts';

/** One schema on both engines. */
export type SnapshotPair = Readonly<Record<ChainName, Snapshot>>;

export const CHAINS = ['sqlite', 'pg'] as const satisfies readonly ChainName[];

/** A table as drizzle-kit's snapshots of both dialects have it. */
export interface DetailedTable extends SnapshotTable {
  readonly columns: Record<string, DetailedColumn>;
  readonly indexes: Record<string, SnapshotIndex>;
  readonly foreignKeys: Record<string, SnapshotForeignKey>;
  readonly compositePrimaryKeys: Record<string, SnapshotKey>;
  readonly uniqueConstraints: Record<string, SnapshotKey>;
  readonly checkConstraints: Record<string, { readonly name: string }>;
}

export interface DetailedColumn extends SnapshotColumn {
  readonly primaryKey?: boolean;
  readonly generated?: unknown;
  readonly identity?: unknown;
}

export interface SnapshotKey {
  readonly name: string;
  readonly columns: readonly string[];
}

export interface SnapshotIndex {
  readonly name: string;
  /** A name or an expression; PostgreSQL's say which. */
  readonly columns: readonly (string | { readonly expression: string; readonly isExpression: boolean })[];
  readonly isUnique: boolean;
  readonly where?: string;
}

export interface SnapshotForeignKey {
  readonly name: string;
  readonly tableTo: string;
  readonly columnsFrom: readonly string[];
  readonly columnsTo: readonly string[];
}

export interface SnapshotEnum {
  readonly name: string;
  readonly values: readonly string[];
}

export const isSame = isDeepStrictEqual;

/** Under their own names: PostgreSQL's snapshots have the schema in the keys. */
export function tablesOf({ tables }: Snapshot): Map<string, DetailedTable> {
  return new Map(Object.values(tables).map((table) => [table.name, table as DetailedTable]));
}

export function enumsOf({ enums }: Snapshot): Map<string, SnapshotEnum> {
  return new Map(Object.values(enums).map((one) => [(one as SnapshotEnum).name, one as SnapshotEnum]));
}

/** Whether two schemas are the same, whatever their ids and however they came to be. */
export function isSameSchema(one: Snapshot, other: Snapshot): boolean {
  return isSame(one.tables, other.tables) && isSame(one.enums, other.enums);
}

/** Whether a column is of the enumeration, or an array of it. */
export const isOfEnum = (column: SnapshotColumn, name: string): boolean =>
  column.type.replace(/(\[\d*\])+$/, '') === name;

export const usesEnum = (table: SnapshotTable, name: string): boolean =>
  Object.values(table.columns).some((column) => isOfEnum(column, name));
