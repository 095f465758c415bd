/** In which phase of a change each table and enumeration of PostgreSQL changes. */

import type { Snapshot } from '../dialect.ts';
import {
  type DetailedTable,
  enumsOf,
  isSame,
  type SnapshotForeignKey,
  tablesOf,
  usesEnum,
} from '../snapshots.ts';
import { type Change, type EnumPlace, isRemade, placeOfEnum, refuseRemaking } from './enums.ts';
import { isAvailable, mentions, sameDefinitions, tableInMain } from './table-changes.ts';

/**
 * `main` and `online`: all of its change. `split`: indexes online, the rest before. `staged`: what is added comes
 * before the data step, so that it can be filled, and what the rows must fulfil, or lose, comes online.
 */
export type TablePlace = 'main' | 'online' | 'split' | 'staged';

export interface Places {
  readonly tables: ReadonlyMap<string, TablePlace>;
  readonly enums: ReadonlyMap<string, EnumPlace>;
}

export function placesOf(from: Snapshot, to: Snapshot, withData: boolean): Places {
  const [before, after] = [tablesOf(from), tablesOf(to)];
  const places = new Map<string, TablePlace>();
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [old, table] = [before.get(name), after.get(name)];
    if (old && table) places.set(name, withData ? 'staged' : placeOfKept(old, table));
    else places.set(name, withData && old ? 'online' : 'main');
  }
  const change = { before, after, oldEnums: enumsOf(from), newEnums: enumsOf(to), places };
  const pinned = pinnedTables(change);
  if (withData) refuseRemaking(change);
  for (const name of pinned) places.set(name, 'main');
  while (bindTogether(change, pinned)) {
    // What goes online may take others along.
  }
  const names = new Set([...change.oldEnums.keys(), ...change.newEnums.keys()]);
  return { tables: places, enums: new Map([...names].map((name) => [name, placeOfEnum(change, name)])) };
}

/** A type that is made anew changes all its columns with it, in one transaction; what these need is there as well. */
function pinnedTables(change: Change): Set<string> {
  const { after, newEnums } = change;
  const remade = [...newEnums.keys()].filter((name) => isRemade(change, name));
  const pinned = new Set<string>();
  const add = (name: string) => {
    if (!after.has(name) || pinned.has(name)) return;
    pinned.add(name);
    for (const other of neededWith(change, name)) add(other);
  };
  for (const table of after.values()) {
    if (remade.some((name) => usesEnum(table, name))) add(table.name);
  }
  return pinned;
}

/** Tables at the other end of foreign keys that a change of this one can't go without. */
function neededWith(change: Change, name: string): string[] {
  const { before, after } = change;
  const table = after.get(name)!;
  const targets = Object.values(table.foreignKeys).filter(({ tableTo, columnsTo }) => {
    const [old, later] = [before.get(tableTo), after.get(tableTo)];
    return later && (!old || !isAvailable(old, later, columnsTo));
  });
  const users = [...before.values()].filter(({ foreignKeys }) =>
    Object.values(foreignKeys).some(
      (key) => key.tableTo === name && !isAvailable(table, table, key.columnsTo),
    ),
  );
  const retyped = keysAt(change, name).filter(({ from, key }) => retypes(change, from, key));
  return [
    ...targets.map((key) => key.tableTo),
    ...users.map((user) => user.name),
    ...retyped.map(({ from, key }) => (from === name ? key.tableTo : from)),
  ];
}

function placeOfKept(old: DetailedTable, table: DetailedTable): TablePlace {
  const constraints = [
    'foreignKeys',
    'uniqueConstraints',
    'checkConstraints',
    'compositePrimaryKeys',
  ] as const;
  if (!constraints.every((kind) => sameDefinitions(old[kind], table[kind]))) return 'online';
  const kept = Object.values(old.columns).filter(({ name }) => table.columns[name]);
  if (
    kept.some(({ name, notNull, primaryKey }) => {
      const column = table.columns[name]!;
      return column.notNull !== notNull || column.primaryKey !== primaryKey;
    })
  ) {
    return 'online';
  }
  if (sameDefinitions(old.indexes, table.indexes)) return 'main';
  // An index that goes must be gone before a column of it changes: then all of it is one file.
  const changed = Object.values(old.columns).filter(({ name, type }) => table.columns[name]?.type !== type);
  const gone = Object.values(old.indexes).filter((index) => !isSame(index, table.indexes[index.name]));
  return gone.some((index) => changed.some(({ name }) => mentions(index, name))) ? 'online' : 'split';
}

/** Moves what can't go without something that is online; returns whether anything moved. */
function bindTogether(change: Change, pinned: ReadonlySet<string>): boolean {
  const { before, after, places } = change;
  const moved = [...places]
    .filter(([name, place]) => (place === 'main' || place === 'split') && !pinned.has(name))
    .map(([name]) => name)
    .filter((name) => {
      const [old, table] = [before.get(name), after.get(name)];
      if (old && table) return retypesWithOther(change, name);
      return table ? needsWhatWaits(change, table) : isReferredToLater(change, name);
    });
  for (const name of moved) places.set(name, 'online');
  return moved.length > 0;
}

/** A new table refers to a column or a key that isn't there yet. */
function needsWhatWaits(change: Change, table: DetailedTable): boolean {
  return Object.values(table.foreignKeys).some((key) => {
    const place = change.places.get(key.tableTo);
    const target = change.after.get(key.tableTo);
    if (key.tableTo === table.name || !place || !target || place === 'main') return false;
    const inMain = tableInMain(place, change.before.get(key.tableTo), target);
    return !inMain || !isAvailable(inMain, target, key.columnsTo);
  });
}

/** A table that goes is still referred to by one that goes, or loses its key, online. */
function isReferredToLater({ before, places }: Change, name: string): boolean {
  return [...before.values()].some(
    (table) =>
      table.name !== name &&
      ['online', 'staged'].includes(places.get(table.name)!) &&
      Object.values(table.foreignKeys).some((key) => key.tableTo === name),
  );
}

/** The two ends of a foreign key change their types together. */
function retypesWithOther(change: Change, name: string): boolean {
  return keysAt(change, name)
    .filter(({ from, key }) => change.places.get(from === name ? key.tableTo : from) === 'online')
    .some(({ from, key }) => retypes(change, from, key));
}

/** The foreign keys from and to a table. */
function keysAt({ after }: Change, name: string): { from: string; key: SnapshotForeignKey }[] {
  return [...after.values()]
    .flatMap((table) => Object.values(table.foreignKeys).map((key) => ({ from: table.name, key })))
    .filter(({ from, key }) => from === name || key.tableTo === name);
}

function retypes({ before, after }: Change, from: string, key: SnapshotForeignKey): boolean {
  const retyped = (table: string, column: string) => {
    const old = before.get(table)?.columns[column];
    return old !== undefined && old.type !== after.get(table)?.columns[column]?.type;
  };
  return (
    key.columnsFrom.some((column) => retyped(from, column)) &&
    key.columnsTo.some((column) => retyped(key.tableTo, column))
  );
}
