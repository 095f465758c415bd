/** SQLite's DDL, written so that SQLAlchemy, with which Prefect drops constraints by name, finds the names in it. */

import type { Snapshot, SnapshotColumn, SnapshotTable } from '../../generate/dialect.ts';
import { quote, quoteList } from '../../quotes.ts';
import { unqualified } from './text.ts';

export interface SqliteSnapshot extends Snapshot {
  readonly tables: Record<string, SqliteTable>;
  readonly views?: Record<string, unknown>;
}

export interface SqliteTable extends SnapshotTable {
  readonly columns: Record<string, SqliteColumn>;
  readonly indexes: Record<string, SqliteIndex>;
  readonly foreignKeys: Record<string, SqliteForeignKey>;
  readonly compositePrimaryKeys: Record<string, SqliteKey>;
  readonly uniqueConstraints: Record<string, SqliteKey>;
  readonly checkConstraints: Record<string, SqliteCheck>;
}

export interface SqliteColumn extends SnapshotColumn {
  readonly primaryKey: boolean;
  readonly autoincrement?: boolean;
  readonly generated?: { as: string; type: 'virtual' | 'stored' };
}

export interface SqliteKey {
  readonly name: string;
  readonly columns: string[];
}

export interface SqliteIndex extends SqliteKey {
  readonly isUnique: boolean;
  readonly where?: string;
}

export interface SqliteCheck {
  readonly name: string;
  readonly value: string;
}

export interface SqliteForeignKey {
  readonly name: string;
  readonly tableFrom: string;
  readonly tableTo: string;
  readonly columnsFrom: string[];
  readonly columnsTo: string[];
  readonly onDelete: string;
  readonly onUpdate: string;
}

/** `name` may differ from the table's own: a table that is being rebuilt has another one for a while. */
export function createTable(table: SqliteTable, name = table.name): string {
  const parts = [
    ...Object.values(table.columns).map((column) => columnDefinition(table, column)),
    ...ownPrimaryKey(table),
    ...Object.values(table.compositePrimaryKeys).map(
      (key) => `${named(key)} PRIMARY KEY (${quoteList(key.columns)})`,
    ),
    ...Object.values(table.uniqueConstraints).map(
      (key) => `${named(key)} UNIQUE (${quoteList(key.columns)})`,
    ),
    ...Object.values(table.checkConstraints).map((check) => checkDefinition(table, check)),
    ...Object.values(table.foreignKeys).map(
      (key) => `${named(key)} FOREIGN KEY (${quoteList(key.columnsFrom)}) ${references(key)}`,
    ),
  ];
  return `CREATE TABLE ${quote(name)} (\n  ${parts.join(',\n  ')}\n);`;
}

/** A key of a column's own has no name in a snapshot; AUTOINCREMENT can only stand behind the column. */
function ownPrimaryKey(table: SqliteTable): string[] {
  const column = Object.values(table.columns).find(({ primaryKey }) => primaryKey);
  const hasNamed = Object.keys(table.compositePrimaryKeys).length > 0;
  return column && !column.autoincrement && !hasNamed ? [`PRIMARY KEY (${quote(column.name)})`] : [];
}

function checkDefinition(table: SqliteTable, check: SqliteCheck): string {
  return `${named(check)} CHECK (${unqualified(check.value, table.name)})`;
}

/** With `foreignKey` for a column that is added to a table: there the constraint stands behind the column. */
export function columnDefinition(
  table: SqliteTable,
  column: SqliteColumn,
  foreignKey?: SqliteForeignKey,
): string {
  const words = [quote(column.name), column.type];
  if (column.autoincrement) words.push('PRIMARY KEY AUTOINCREMENT');
  if (column.generated) {
    const as = unqualified(column.generated.as, table.name);
    words.push(`GENERATED ALWAYS AS ${as} ${column.generated.type.toUpperCase()}`);
  }
  const value = defaultValue(column);
  if (value !== null) words.push(`DEFAULT ${value}`);
  if (column.notNull) words.push('NOT NULL');
  if (foreignKey) words.push(`${named(foreignKey)} ${references(foreignKey)}`);
  return words.join(' ');
}

/** The SQL of a column's default, or null when it has none. Prefect's databases have numbers and booleans in quotes. */
export function defaultValue(column: SqliteColumn): string | null {
  const value = column.default;
  if (value === undefined) return null;
  if (typeof value !== 'string') return `'${Number(value)}'`;
  return isConstant(value) || value.startsWith('(') || /^CURRENT_\w+$/i.test(value) ? value : `(${value})`;
}

/** Whether the SQL of a default is a literal, the only kind that a column added to a table with rows may have. */
export function isConstant(value: string): boolean {
  const bare = /^\(([^()]*)\)$/.exec(value)?.[1] ?? value;
  return /^x?'(?:[^']|'')*'$|^[-+]?\d+(?:\.\d+)?$|^(?:null|true|false)$/i.test(bare.trim());
}

export function createIndex(table: SqliteTable, index: SqliteIndex): string {
  const keys = index.columns.map((key) => (key in table.columns ? quote(key) : key)).join(', ');
  const where = index.where ? ` WHERE ${index.where}` : '';
  const unique = index.isUnique ? 'UNIQUE ' : '';
  return `CREATE ${unique}INDEX ${quote(index.name)} ON ${quote(table.name)} (${keys})${where};`;
}

/** A name is left bare where it can be: tools that look for it in the text of a table expect it so. */
function named({ name }: { name: string }): string {
  return `CONSTRAINT ${/^[a-z_]\w*$/i.test(name) ? name : quote(name)}`;
}

function references(key: SqliteForeignKey): string {
  const actions = [
    ['ON DELETE', key.onDelete],
    ['ON UPDATE', key.onUpdate],
  ].filter(([, action]) => action !== 'no action');
  const target = `REFERENCES ${quote(key.tableTo)} (${quoteList(key.columnsTo)})`;
  return [target, ...actions.map(([event, action]) => `${event} ${action!.toUpperCase()}`)].join(' ');
}
