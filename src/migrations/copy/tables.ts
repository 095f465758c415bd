import { isBookKeeping } from '../catalog/book-keeping.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { MigrationConnection } from '../connection.ts';
import { MigrationError } from '../errors.ts';
import type { RowAccess } from '../rows.ts';
import type { ColumnInfo } from '../values.ts';

/** A table to copy, as both sides have it. */
export interface CopyTable {
  readonly name: string;
  readonly key: string;
  readonly columns: readonly string[];
  /** Columns that are jsonb on either side, where only what jsonb keeps can be the same. */
  readonly jsonb: ReadonlySet<string>;
  readonly source: ReadonlyMap<string, ColumnInfo>;
  readonly target: ReadonlyMap<string, ColumnInfo>;
}

/** One side of a copy. */
export interface Side {
  readonly connection: MigrationConnection;
  readonly rows: RowAccess;
  readonly catalog: Catalog;
}

export interface TablesToCopy {
  readonly tables: CopyTable[];
  /** What the target has no place for: tables that someone else has made. */
  readonly left: string[];
}

/** Everything that the revisions have made, in whatever table it is. */
export async function tablesToCopy(source: Side, target: Side): Promise<TablesToCopy> {
  const names = Object.keys(target.catalog.tables).filter((name) => !isBookKeeping(name));
  const left = Object.keys(source.catalog.tables).filter(
    (name) => !isBookKeeping(name) && !names.includes(name),
  );
  const tables: CopyTable[] = [];
  for (const name of names.sort()) tables.push(await copyTable(name, source, target));
  return { tables, left };
}

async function copyTable(name: string, source: Side, target: Side): Promise<CopyTable> {
  const { columns, primaryKey } = target.catalog.tables[name]!;
  const [key, second] = primaryKey?.columns ?? [];
  if (!key || second) throw new Error(`${name} has no key of one column to copy it by`);
  // In an order of their own: the two chains have some columns in different places, and a checksum is of both.
  const stored = columns
    .filter(({ generated }) => generated === null)
    .map((column) => column.name)
    .sort();
  const infos = {
    source: byName(await source.rows.columns(name)),
    target: byName(await target.rows.columns(name)),
  };
  const missing = stored.find((column) => !infos.source.has(column));
  if (missing)
    throw new MigrationError(
      'changed',
      `${source.connection.place} has no column ${missing} in ${name}: run prefect-server database doctor on it, then copy it.`,
    );
  const isJsonb = (column: string) =>
    [infos.source, infos.target].some((side) => side.get(column)!.type === 'jsonb');
  return { name, key, columns: stored, jsonb: new Set(stored.filter(isJsonb)), ...infos };
}

const byName = (columns: ColumnInfo[]): Map<string, ColumnInfo> =>
  new Map(columns.map((column) => [column.name, column]));
