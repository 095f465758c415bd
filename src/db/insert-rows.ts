import { type Column, getTableColumns, getTableName } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { InsertMany } from './database.ts';

/** The columns that the rows give a value for; all rows have the same keys. */
export function insertedColumns(table: PgTable, rows: Record<string, unknown>[]): Column[] {
  const columns = getTableColumns(table) as Record<string, Column>;
  return Object.keys(rows[0]!).map((key) => columns[key]!);
}

/** A value in the form the driver binds. */
export function encode(column: Column, value: unknown): unknown {
  return value === null || value === undefined ? null : column.mapToDriverValue(value);
}

/** `(a, b)`-like lists of quoted names. */
export function nameList(columns: Column[]): string {
  return columns.map((column) => `"${column.name}"`).join(', ');
}

/** Rows as arrays, in the order of `columns`, to objects of our own types. */
export function decodeRows(columns: Column[], rows: unknown[]): Record<string, unknown>[] {
  return (rows as unknown[][]).map((row) =>
    Object.fromEntries(
      columns.map((column, i) => [column.name, row[i] === null ? null : column.mapFromDriverValue(row[i])]),
    ),
  );
}

/** What follows the values of an insert; both engines spell it alike. */
export function insertEnd(
  table: PgTable,
  { onConflictDoNothing, onConflictUpdate, returning = [] }: InsertMany,
): string {
  const parts: string[] = [];
  if (onConflictDoNothing) parts.push('on conflict do nothing');
  if (onConflictUpdate) {
    const { target, set, newer } = onConflictUpdate;
    const changes = set.map(({ name }) => `"${name}" = excluded."${name}"`).join(', ');
    const stored = `"${getTableName(table)}"."${newer.name}"`;
    parts.push(`on conflict ("${target.name}") do update set ${changes}`);
    parts.push(`where ${stored} is null or ${stored} < excluded."${newer.name}"`);
  }
  if (returning.length > 0) parts.push(`returning ${nameList(returning)}`);
  return parts.join(' ');
}
