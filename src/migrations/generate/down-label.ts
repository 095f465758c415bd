import { isDeepStrictEqual } from 'node:util';
import type { DownLabel } from '../revisions.ts';
import type { Snapshot, SnapshotColumn } from './dialect.ts';

/**
 * What going up and down again costs, for the header of down.sql: what has come since the revision (its tables and
 * columns) goes with them, and what the revision itself had dropped isn't there to come back.
 */
export function downLabel(before: Snapshot, after: Snapshot): string {
  const lost = [...only(after, before), ...only(before, after), ...retyped(before, after)];
  const impossible = missing(before, after).filter(
    ([, column]) => column.notNull && column.default === undefined,
  );
  if (impossible.length > 0) {
    const columns = impossible.map(([table, column]) => `${table}.${column.name}`).join(', ');
    return label('irreversible', `no values for ${columns}`);
  }
  return lost.length === 0 ? label('lossless') : label('lossy', lost.join(', '));
}

function label(word: DownLabel, what?: string): string {
  return what ? `${word} (${what})` : word;
}

/** Tables and columns that the one has and the other doesn't; a whole schema is named as such. */
function only(one: Snapshot, other: Snapshot): string[] {
  const tables = Object.keys(one.tables).filter((key) => !other.tables[key]);
  if (tables.length > 0 && Object.keys(other.tables).length === 0) return ['all tables'];
  const columns = missing(one, other).map(([table, column]) => `${table}.${column.name}`);
  return [...tables.map((key) => one.tables[key]!.name), ...columns];
}

/** Columns that the one has and the other doesn't, of tables that both have. */
function missing(one: Snapshot, other: Snapshot): [table: string, column: SnapshotColumn][] {
  return Object.entries(one.tables).flatMap(([key, table]) => {
    const columns = other.tables[key]?.columns;
    if (!columns) return [];
    return Object.values(table.columns)
      .filter((column) => !columns[column.name])
      .map((column): [string, SnapshotColumn] => [table.name, column]);
  });
}

function retyped(before: Snapshot, after: Snapshot): string[] {
  const columns = Object.entries(after.tables).flatMap(([key, table]) =>
    Object.values(table.columns)
      .filter((column) => {
        const type = before.tables[key]?.columns[column.name]?.type;
        return type !== undefined && type !== column.type;
      })
      .map((column) => `type of ${table.name}.${column.name}`),
  );
  const enums = Object.keys(after.enums).filter(
    (key) => before.enums[key] && !isDeepStrictEqual(before.enums[key], after.enums[key]),
  );
  return [...columns, ...enums.map((key) => `labels of ${key.replace(/^public\./, '')}`)];
}
