/** drizzle-kit's snapshot of a PostgreSQL schema, as far as revisions are planned from it. */

import type { Snapshot, SnapshotColumn, SnapshotTable } from '../../generate/dialect.ts';

export interface PgSnapshot extends Snapshot {
  readonly tables: Record<string, PgTable>;
  readonly enums: Record<string, PgEnum>;
}

export interface PgEnum {
  readonly name: string;
  readonly schema: string;
  readonly values: string[];
}

export interface PgTable extends SnapshotTable {
  readonly schema: string;
  readonly columns: Record<string, PgColumn>;
  readonly indexes: Record<string, PgIndex>;
  readonly foreignKeys: Record<string, PgForeignKey>;
  readonly compositePrimaryKeys: Record<string, PgKey>;
  readonly uniqueConstraints: Record<string, PgUnique>;
  readonly checkConstraints: Record<string, PgCheck>;
}

export interface PgColumn extends SnapshotColumn {
  /** Where the type is an enumeration or an array of one. */
  readonly typeSchema?: string;
  readonly primaryKey: boolean;
  readonly generated?: { readonly as: string };
  readonly identity?: PgIdentity;
}

export interface PgIdentity {
  readonly type: 'always' | 'byDefault';
  readonly name: string;
  readonly increment: string;
  readonly startWith: string;
  readonly minValue: string;
  readonly maxValue: string;
  readonly cache: string;
  readonly cycle: boolean;
}

export interface PgKey {
  readonly name: string;
  readonly columns: string[];
}

export interface PgUnique extends PgKey {
  readonly nullsNotDistinct: boolean;
}

export interface PgCheck {
  readonly name: string;
  readonly value: string;
}

export interface PgIndex {
  readonly name: string;
  readonly columns: PgIndexKey[];
  readonly isUnique: boolean;
  readonly where?: string;
  /** What the schema says; whether an index is built so is decided by the file that builds it. */
  readonly concurrently: boolean;
  readonly method: string;
  readonly with: Record<string, unknown>;
}

export interface PgIndexKey {
  /** The name of a column, or SQL as it stands between the commas. */
  readonly expression: string;
  readonly isExpression: boolean;
  readonly asc: boolean;
  readonly nulls: 'first' | 'last';
  readonly opclass?: string;
}

export interface PgForeignKey {
  readonly name: string;
  readonly tableFrom: string;
  readonly tableTo: string;
  readonly schemaTo?: string;
  readonly columnsFrom: string[];
  readonly columnsTo: string[];
  readonly onDelete?: string;
  readonly onUpdate?: string;
}

export const keyOf = (table: string): string => `public.${table}`;

/** The primary key, also of a single column that has it without a name: PostgreSQL gives it this one. */
export function primaryKeyOf(table: PgTable): PgKey | undefined {
  const named = Object.values(table.compositePrimaryKeys)[0];
  if (named) return named;
  const columns = Object.values(table.columns)
    .filter((column) => column.primaryKey)
    .map((column) => column.name);
  return columns.length > 0 ? { name: `${table.name}_pkey`, columns } : undefined;
}

/** A key's columns and an identity are never null, whether or not the schema says so. */
export function isNotNull(table: PgTable, column: PgColumn): boolean {
  return (
    column.notNull ||
    column.identity !== undefined ||
    isSerial(column) ||
    (primaryKeyOf(table)?.columns.includes(column.name) ?? false)
  );
}

const SERIAL: Record<string, string> = { smallserial: 'smallint', serial: 'integer', bigserial: 'bigint' };

export const isSerial = (column: PgColumn): boolean => column.type in SERIAL;

/** The type that a column has once it is there: a serial is an integer with a sequence. */
export const typeOf = (column: PgColumn): string => SERIAL[column.type] ?? column.type;

/** The sequence of a serial, under the name that PostgreSQL gives it. */
export const serialSequence = (table: string, column: string): string => `${table}_${column}_seq`;
