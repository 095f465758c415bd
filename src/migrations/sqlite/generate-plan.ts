/** From one snapshot to another on SQLite: in place where ALTER TABLE can do it, else by rebuilding the table. */

import { isDeepStrictEqual } from 'node:util';
import {
  columnDefinition,
  createIndex,
  createTable,
  defaultValue,
  isConstant,
  quote,
  quoteList,
  type SqliteColumn,
  type SqliteForeignKey,
  type SqliteSnapshot,
  type SqliteTable,
} from './generate-ddl.ts';

export function planStatements(from: SqliteSnapshot, to: SqliteSnapshot): string[] {
  const dropped = Object.values(from.tables).filter((table) => !to.tables[table.name]);
  const created = Object.values(to.tables).filter((table) => !from.tables[table.name]);
  const kept = Object.values(to.tables).filter((table) => from.tables[table.name]);
  return [
    ...dropped.map((table) => `DROP TABLE ${quote(table.name)};`),
    ...created.map((table) => createTable(table)),
    ...created.flatMap(createIndexes),
    ...kept.flatMap((table) => changeTable(from.tables[table.name]!, table)),
  ];
}

function createIndexes(table: SqliteTable): string[] {
  return Object.values(table.indexes).map((index) => createIndex(table, index));
}

function changeTable(old: SqliteTable, table: SqliteTable): string[] {
  const change = differences(old, table);
  if (!canAlter(old, table, change)) return rebuild(old, table);
  const staleIndexes = Object.values(old.indexes).filter((i) => !isDeepStrictEqual(i, table.indexes[i.name]));
  const newIndexes = Object.values(table.indexes).filter((i) => !isDeepStrictEqual(i, old.indexes[i.name]));
  const alter = `ALTER TABLE ${quote(table.name)}`;
  return [
    ...staleIndexes.map((index) => `DROP INDEX ${quote(index.name)};`),
    ...change.removed.map((column) => `${alter} DROP COLUMN ${quote(column.name)};`),
    ...change.added.map((column) => {
      const key = change.newKeys.find(({ columnsFrom }) => columnsFrom[0] === column.name);
      return `${alter} ADD COLUMN ${columnDefinition(column, key)};`;
    }),
    ...newIndexes.map((index) => createIndex(table, index)),
  ];
}

interface Change {
  added: SqliteColumn[];
  removed: SqliteColumn[];
  newKeys: SqliteForeignKey[];
}

function differences(old: SqliteTable, table: SqliteTable): Change {
  return {
    added: Object.values(table.columns).filter((column) => !old.columns[column.name]),
    removed: Object.values(old.columns).filter((column) => !table.columns[column.name]),
    newKeys: Object.values(table.foreignKeys).filter((key) => !old.foreignKeys[key.name]),
  };
}

/** Whether ALTER TABLE can do it: SQLite's can neither change a column nor touch a constraint of the table. */
function canAlter(old: SqliteTable, table: SqliteTable, { added, newKeys }: Change): boolean {
  const same = (['compositePrimaryKeys', 'uniqueConstraints', 'checkConstraints'] as const).every((kind) =>
    isDeepStrictEqual(old[kind], table[kind]),
  );
  const sameColumns = Object.values(old.columns).every(
    (column) => !table.columns[column.name] || isDeepStrictEqual(column, table.columns[column.name]),
  );
  const keysStay = Object.values(old.foreignKeys).every((key) =>
    isDeepStrictEqual(key, table.foreignKeys[key.name]),
  );
  const keysOfAdded = newKeys.every(
    ({ columnsFrom: [name, ...rest] }) =>
      rest.length === 0 && added.some((column) => column.name === name && column.default === undefined),
  );
  return same && sameColumns && keysStay && keysOfAdded && added.every(canBeAdded);
}

function canBeAdded(column: SqliteColumn): boolean {
  if (column.primaryKey) return false;
  if (column.generated) return column.generated.type === 'virtual';
  const value = defaultValue(column);
  return value === null ? !column.notNull : isConstant(value);
}

/**
 * A new table takes over the rows and the name; indexes went with the old one. The runner has foreign keys off, so
 * that dropping the old table deletes nothing elsewhere.
 */
function rebuild(old: SqliteTable, table: SqliteTable): string[] {
  const name = `__new_${table.name}`;
  const copied = Object.values(table.columns).filter(
    (column) => !column.generated && old.columns[column.name] && !old.columns[column.name]!.generated,
  );
  const values = copied.map((column) => copiedValue(old.columns[column.name]!, column));
  return [
    createTable(table, name),
    `INSERT INTO ${quote(name)} (${quoteList(copied.map((column) => column.name))})\n` +
      `SELECT ${values.join(', ')} FROM ${quote(table.name)};`,
    `DROP TABLE ${quote(table.name)};`,
    `ALTER TABLE ${quote(name)} RENAME TO ${quote(table.name)};`,
    ...createIndexes(table),
  ];
}

/** A row that is empty where it may not be any more gets the default. */
function copiedValue(old: SqliteColumn, column: SqliteColumn): string {
  const value = defaultValue(column);
  if (old.notNull || !column.notNull || value === null) return quote(column.name);
  return `coalesce(${quote(column.name)}, ${value})`;
}
