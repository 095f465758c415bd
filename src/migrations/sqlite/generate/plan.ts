/** From one snapshot to another on SQLite: in place where ALTER TABLE can do it, else by rebuilding the table. */

import { quote } from '../../quotes.ts';
import { createIndex, createTable, type SqliteSnapshot, type SqliteTable } from './ddl.ts';
import { changeTable } from './table.ts';

/** What comes stands before what goes, since a kept table may refer to both. */
export function planStatements(from: SqliteSnapshot, to: SqliteSnapshot): string[] {
  const dropped = Object.values(from.tables).filter((table) => !to.tables[table.name]);
  const created = parentsFirst(Object.values(to.tables).filter((table) => !from.tables[table.name]));
  const kept = Object.values(to.tables).filter((table) => from.tables[table.name]);
  const moved = movedIndexes(from, to);
  return [
    ...moved.map((name) => `DROP INDEX ${quote(name)};`),
    ...created.map((table) => createTable(table)),
    ...created.flatMap((table) => Object.values(table.indexes).map((index) => createIndex(table, index))),
    ...kept.flatMap((table) => changeTable(without(from.tables[table.name]!, moved), table)),
    ...parentsFirst(dropped)
      .reverse()
      .map((table) => `DROP TABLE ${quote(table.name)};`),
  ];
}

/** Names of indexes are unique among all tables: one that goes over to another table must be free before that. */
function movedIndexes(from: SqliteSnapshot, to: SqliteSnapshot): string[] {
  const places = new Map(
    Object.values(from.tables).flatMap((table) =>
      Object.keys(table.indexes).map((name) => [name, table.name]),
    ),
  );
  return Object.values(to.tables).flatMap((table) =>
    Object.keys(table.indexes).filter((name) => places.has(name) && places.get(name) !== table.name),
  );
}

function without(table: SqliteTable, indexes: readonly string[]): SqliteTable {
  const left = Object.entries(table.indexes).filter(([name]) => !indexes.includes(name));
  return { ...table, indexes: Object.fromEntries(left) };
}

/** Tables that refer to each other in a circle stand in the order given. */
function parentsFirst(tables: readonly SqliteTable[]): SqliteTable[] {
  const ordered = new Set<SqliteTable>();
  const visited = new Set<string>();
  const visit = (table: SqliteTable): void => {
    if (visited.has(table.name)) return;
    visited.add(table.name);
    for (const { tableTo } of Object.values(table.foreignKeys)) {
      const parent = tables.find(({ name }) => name === tableTo);
      if (parent) visit(parent);
    }
    ordered.add(table);
  };
  tables.forEach(visit);
  return [...ordered];
}
