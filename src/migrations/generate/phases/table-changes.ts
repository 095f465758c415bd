import { type DetailedColumn, type DetailedTable, isSame, type SnapshotIndex } from '../snapshots.ts';
import type { TablePlace } from './places.ts';

type Named = Readonly<Record<string, { readonly name: string }>>;

/** What it is, whatever its name: names can be changed in passing. */
const definition = ({ name: _, ...rest }: { readonly name: string }): string =>
  JSON.stringify(rest, (_key, value) =>
    value && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );

export function sameDefinitions(old: Named, now: Named): boolean {
  const all = (named: Named) => Object.values(named).map(definition).sort();
  return isSame(all(old), all(now));
}

/** Whether a column stands in an index: as a key, in an expression or in its predicate. */
export function mentions(index: SnapshotIndex, column: string): boolean {
  const keys = index.columns.map((key) => (typeof key === 'string' ? key : key.expression));
  const word = new RegExp(`(?<![\\w$])${column.replaceAll(/[^\w]/g, '\\$&')}(?![\\w$])`, 'i');
  return [...keys, index.where ?? ''].some((text) => word.test(text));
}

/** A table between the phases `main` and `online`; undefined when it isn't there then. */
export function tableInMain(
  place: TablePlace,
  old: DetailedTable | undefined,
  table: DetailedTable | undefined,
): DetailedTable | undefined {
  if (place === 'main') return table;
  if (place === 'online' || !old || !table) return place === 'online' ? old : table;
  return place === 'split' ? withOldIndexes(old, table) : withAdditions(old, table);
}

/** All but the indexes is new; an index that only got another name has it already. */
function withOldIndexes(old: DetailedTable, table: DetailedTable): DetailedTable {
  const indexes = Object.values(old.indexes).flatMap((index) => {
    const now = Object.values(table.indexes).find((one) => definition(one) === definition(index));
    if (now) return [now];
    const gone = Object.keys(old.columns).filter((name) => !table.columns[name]);
    return gone.some((name) => mentions(index, name)) ? [] : [index];
  });
  return { ...table, indexes: Object.fromEntries(indexes.map((index) => [index.name, index])) };
}

/** Only what is added is new, and may be empty until it is filled. */
function withAdditions(old: DetailedTable, table: DetailedTable): DetailedTable {
  const added = Object.values(table.columns).filter(
    (column) => !old.columns[column.name] && !column.generated && !column.identity && !column.primaryKey,
  );
  const columns = added.map((column): [string, DetailedColumn] => [
    column.name,
    column.default === undefined ? { ...column, notNull: false } : column,
  ]);
  return { ...old, columns: { ...old.columns, ...Object.fromEntries(columns) } };
}

/** Whether a foreign key can refer to the columns already: they have their types, and a key of their own. */
export function isAvailable(table: DetailedTable, later: DetailedTable, columns: readonly string[]): boolean {
  if (columns.some((name) => table.columns[name]?.type !== later.columns[name]?.type)) return false;
  const wanted = columns.toSorted();
  const keys = [
    ...Object.values(table.columns).flatMap(({ name, primaryKey }) => (primaryKey ? [[name]] : [])),
    ...Object.values(table.compositePrimaryKeys).map((key) => key.columns),
    ...Object.values(table.uniqueConstraints).map((key) => key.columns),
    ...Object.values(table.indexes)
      .filter((index) => index.isUnique && index.where === undefined)
      .map((index) => index.columns.map((key) => (typeof key === 'string' ? key : key.expression))),
  ];
  return keys.some((key) => isSame(key.toSorted(), wanted));
}
