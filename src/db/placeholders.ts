import { type Column, getTableColumns, Param, Placeholder, type SQL, sql } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';

/**
 * A placeholder for each of these columns, by the column's name and in its encoding, for `.values()` and `.set()` of a
 * prepared statement. Drizzle's own would hand a null to the encoder, which makes the JSON text `null` of it.
 */
export function placeholders<Table extends PgTable, Name extends string & keyof Table['$inferSelect']>(
  table: Table,
  names: readonly Name[],
): Record<Name, SQL> {
  const columns = getTableColumns(table) as Record<string, Column>;
  const entries = names.map((name) => [name, placeholder(name, columns[name]!)]);
  return Object.fromEntries(entries) as Record<Name, SQL>;
}

function placeholder(name: string, column: Column): SQL {
  const encoder = {
    mapToDriverValue: (value: unknown) => (value === null ? null : column.mapToDriverValue(value)),
  };
  return sql`${new Param(new Placeholder(name), encoder)}`;
}
