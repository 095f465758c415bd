import type { CanonicalRow, ColumnInfo, ValueKind } from './values.ts';

/** Reads and writes rows of any table in canonical values, for data steps. */
export interface RowAccess {
  /** In the order of the table; empty when there is no such table. */
  columns(table: string): Promise<ColumnInfo[]>;
  count(table: string, where: string): Promise<number>;
  /** The next rows by key, in ascending order. */
  page(page: Page): Promise<CanonicalRow[]>;
  /** Each row has the key and the columns to set. */
  update(table: string, key: string, rows: readonly CanonicalRow[]): Promise<void>;
  insert(table: string, rows: readonly CanonicalRow[]): Promise<void>;
  /** The quickest way in for many rows, all with these columns. */
  load(table: string, columns: readonly string[], rows: readonly CanonicalRow[]): Promise<void>;
  delete(table: string, key: string, keys: readonly CanonicalRow[string][]): Promise<void>;
  /** `?` stands for a parameter on both engines. */
  query(text: string, params: readonly unknown[]): Promise<CanonicalRow[]>;
}

export interface Page {
  readonly table: string;
  readonly key: string;
  readonly columns: readonly string[];
  /** SQL that both engines take for true or false. */
  readonly where: string;
  /** The last key of the page before, as text; null at the beginning. */
  readonly after: string | null;
  readonly limit: number;
}

/** What is known of a column beyond its type: on SQLite an interval looks like a timestamp. */
export type KindHint = (table: string, column: string) => ValueKind | undefined;

/** Rows apart by the columns that they have, since a statement is about the same ones. */
export function byColumns(rows: readonly CanonicalRow[]): Map<string, CanonicalRow[]> {
  const groups = new Map<string, CanonicalRow[]>();
  for (const row of rows) {
    const signature = Object.keys(row).join('\0');
    const group = groups.get(signature);
    if (group) group.push(row);
    else groups.set(signature, [row]);
  }
  return groups;
}

/** The columns of a table by name; asks once. */
export function columnsOnce(
  read: (table: string) => Promise<ColumnInfo[]>,
): (table: string) => Promise<Map<string, ColumnInfo>> {
  const known = new Map<string, Promise<Map<string, ColumnInfo>>>();
  return (table) => {
    let columns = known.get(table);
    if (!columns) {
      columns = read(table).then((list) => new Map(list.map((column) => [column.name, column])));
      known.set(table, columns);
    }
    return columns;
  };
}

/** @throws Error that names the column */
export function columnOf(columns: Map<string, ColumnInfo>, table: string, name: string): ColumnInfo {
  const column = columns.get(name);
  if (column) return column;
  throw new Error(columns.size === 0 ? `there is no table ${table}` : `${table} has no column ${name}`);
}
