/** The change of one table: in place as far as SQLite's ALTER TABLE goes, else one rebuild for all of it. */

import { isDeepStrictEqual } from 'node:util';
import { quote } from '../../quotes.ts';
import {
  columnDefinition,
  createIndex,
  defaultValue,
  isConstant,
  type SqliteCheck,
  type SqliteColumn,
  type SqliteForeignKey,
  type SqliteIndex,
  type SqliteTable,
} from './ddl.ts';
import { rebuild } from './rebuild.ts';
import { mentions } from './text.ts';

interface Change {
  readonly old: SqliteTable;
  readonly table: SqliteTable;
  /** With those that are made anew, being generated from something else now. */
  readonly added: SqliteColumn[];
  readonly removed: SqliteColumn[];
  /** Columns that differ in nothing but whether they may be empty. */
  readonly nullability: SqliteColumn[];
  /** Columns that differ in anything else. */
  readonly changed: SqliteColumn[];
  readonly newKeys: SqliteForeignKey[];
  readonly goneChecks: SqliteCheck[];
  readonly newChecks: SqliteCheck[];
}

export function changeTable(old: SqliteTable, table: SqliteTable): string[] {
  const change = differences(old, table);
  return canAlter(change) ? alter(change) : rebuild(old, table);
}

function differences(old: SqliteTable, table: SqliteTable): Change {
  const columns = Object.values(table.columns);
  const differing = columns.filter(
    (column) => old.columns[column.name] && !isDeepStrictEqual(column, old.columns[column.name]),
  );
  const remade = differing.filter((column) => isVirtual(column) && isVirtual(old.columns[column.name]!));
  const plain = differing.filter((column) => !remade.includes(column));
  const nullability = plain.filter((column) => {
    const before = old.columns[column.name]!;
    return !column.primaryKey && isDeepStrictEqual({ ...before, notNull: column.notNull }, column);
  });
  return {
    old,
    table,
    added: [...columns.filter((column) => !old.columns[column.name]), ...remade],
    removed: [
      ...Object.values(old.columns).filter((column) => !table.columns[column.name]),
      ...remade.map((column) => old.columns[column.name]!),
    ],
    nullability,
    changed: plain.filter((column) => !nullability.includes(column)),
    newKeys: Object.values(table.foreignKeys).filter((key) => !old.foreignKeys[key.name]),
    goneChecks: unlike(old.checkConstraints, table.checkConstraints),
    newChecks: unlike(table.checkConstraints, old.checkConstraints),
  };
}

const isVirtual = (column: SqliteColumn): boolean => column.generated?.type === 'virtual';

/** Those of `one` that `other` doesn't have, or has otherwise. */
function unlike<Thing>(one: Record<string, Thing>, other: Record<string, Thing>): Thing[] {
  return Object.entries(one)
    .filter(([name, thing]) => !isDeepStrictEqual(thing, other[name]))
    .map(([, thing]) => thing);
}

/**
 * SQLite can add a check in place, too, but takes rows for which it is neither true nor false to break it (3.53): what
 * CREATE TABLE lets pass.
 */
function canAlter(change: Change): boolean {
  const { old, table, added, removed, newKeys, newChecks } = change;
  const keysStay =
    isDeepStrictEqual(old.compositePrimaryKeys, table.compositePrimaryKeys) &&
    isDeepStrictEqual(old.uniqueConstraints, table.uniqueConstraints) &&
    Object.values(old.foreignKeys).every((key) => isDeepStrictEqual(key, table.foreignKeys[key.name]));
  const keysOfAdded = newKeys.every(
    ({ columnsFrom: [name, ...rest] }) =>
      rest.length === 0 && added.some((column) => column.name === name && column.default === undefined),
  );
  return (
    keysStay &&
    keysOfAdded &&
    change.changed.length === 0 &&
    newChecks.length === 0 &&
    added.every(canBeAdded) &&
    removed.every((column) => canBeRemoved(change, column)) &&
    Object.values(old.columns).some((column) => !column.generated && !removed.includes(column))
  );
}

function canBeAdded(column: SqliteColumn): boolean {
  if (column.primaryKey) return false;
  if (column.generated) return isVirtual(column);
  const value = defaultValue(column);
  return value === null ? !column.notNull : isConstant(value);
}

/** Not when something needs it that stays where it is; indexes can be made anew. */
function canBeRemoved({ old, table, removed, goneChecks }: Change, column: SqliteColumn): boolean {
  const staying = Object.values(old.columns).filter((other) => !removed.includes(other));
  const checks = Object.values(old.checkConstraints).filter((check) => !goneChecks.includes(check));
  const keys = [...Object.values(table.uniqueConstraints), ...Object.values(table.compositePrimaryKeys)];
  return (
    !column.primaryKey &&
    !staying.some(({ generated }) => generated && mentions(generated.as, column.name)) &&
    !checks.some((check) => mentions(check.value, column.name)) &&
    !keys.some(({ columns }) => columns.includes(column.name)) &&
    !Object.values(old.foreignKeys).some(({ columnsFrom }) => columnsFrom.includes(column.name))
  );
}

function alter(change: Change): string[] {
  const { old, table, removed, added, goneChecks } = change;
  const start = `ALTER TABLE ${quote(table.name)}`;
  const needsRemoved = (index: SqliteIndex) =>
    removed.some(({ name }) =>
      [...index.columns, index.where ?? ''].some((text) => text === name || mentions(text, name)),
    );
  const kept = (index: SqliteIndex) =>
    isDeepStrictEqual(index, table.indexes[index.name]) && !needsRemoved(index);
  return [
    ...Object.values(old.indexes)
      .filter((index) => !kept(index))
      .map((index) => `DROP INDEX ${quote(index.name)};`),
    ...goneChecks.map((check) => `${start} DROP CONSTRAINT ${quote(check.name)};`),
    ...readersFirst(removed).map((column) => `${start} DROP COLUMN ${quote(column.name)};`),
    ...readersFirst(added)
      .reverse()
      .map((column) => `${start} ADD COLUMN ${addition(change, column)};`),
    ...change.nullability.flatMap((column) => setNullability(table, column)),
    ...Object.values(table.indexes)
      .filter((index) => !old.indexes[index.name] || !kept(old.indexes[index.name]!))
      .map((index) => createIndex(table, index)),
  ];
}

function addition({ table, newKeys }: Change, column: SqliteColumn): string {
  const key = newKeys.find(({ columnsFrom }) => columnsFrom[0] === column.name);
  return columnDefinition(table, column, key);
}

function setNullability(table: SqliteTable, column: SqliteColumn): string[] {
  const [place, name] = [quote(table.name), quote(column.name)];
  const value = defaultValue(column);
  if (!column.notNull) return [`ALTER TABLE ${place} ALTER COLUMN ${name} DROP NOT NULL;`];
  return [
    ...(value === null || column.generated
      ? []
      : [`UPDATE ${place} SET ${name} = ${value} WHERE ${name} IS NULL;`]),
    `ALTER TABLE ${place} ALTER COLUMN ${name} SET NOT NULL;`,
  ];
}

/** A generated column stands before the columns that it is made of; otherwise the last one comes first. */
function readersFirst(columns: readonly SqliteColumn[]): SqliteColumn[] {
  const ordered: SqliteColumn[] = [];
  const visit = (column: SqliteColumn): void => {
    if (ordered.includes(column)) return;
    for (const other of columns) {
      if (other !== column && other.generated && mentions(other.generated.as, column.name)) visit(other);
    }
    ordered.push(column);
  };
  [...columns].reverse().forEach(visit);
  return ordered;
}
