import { MigrationError } from '../../errors.ts';
import type { Rename, Renamed } from '../../generate/dialect.ts';
import { quote } from '../../quotes.ts';
import { renameColumnIn, renameTableIn } from './expression.ts';
import {
  isSerial,
  keyOf,
  type PgIndexKey,
  type PgSnapshot,
  type PgTable,
  primaryKeyOf,
  serialSequence,
} from './snapshot.ts';

/** Renames one after the other. What PostgreSQL has named after a table or a column gets its new name, too. */
export function planRenames(from: PgSnapshot, renames: readonly Rename[]): Renamed {
  const statements: string[] = [];
  let snapshot = from;
  for (const rename of renames) {
    const key = keyOf(rename.kind === 'table' ? rename.from : rename.table);
    const table = snapshot.tables[key];
    if (!table) throw absent(`table ${key.slice('public.'.length)}`);
    if (rename.kind === 'table') {
      statements.push(...tableStatements(table, rename.to));
      snapshot = renameTable(snapshot, rename.from, rename.to);
    } else {
      if (!table.columns[rename.from]) throw absent(`column ${rename.table}.${rename.from}`);
      statements.push(...columnStatements(table, rename.from, rename.to));
      snapshot = renameColumn(snapshot, rename.table, rename.from, rename.to);
    }
  }
  return { snapshot, statements };
}

function absent(what: string): MigrationError {
  return new MigrationError('chain', `PostgreSQL's newest snapshot has no ${what} to rename.`);
}

function tableStatements(table: PgTable, to: string): string[] {
  const derivedKey =
    Object.keys(table.compositePrimaryKeys).length === 0 ? primaryKeyOf(table)?.name : undefined;
  const serials = Object.values(table.columns).filter(isSerial);
  return [
    `ALTER TABLE ${quote(table.name)} RENAME TO ${quote(to)};`,
    ...(derivedKey
      ? [`ALTER TABLE ${quote(to)} RENAME CONSTRAINT ${quote(derivedKey)} TO ${quote(`${to}_pkey`)};`]
      : []),
    ...serials.map(({ name }) => renameSequence(serialSequence(table.name, name), serialSequence(to, name))),
  ];
}

function columnStatements(table: PgTable, from: string, to: string): string[] {
  const rename = `ALTER TABLE ${quote(table.name)} RENAME COLUMN ${quote(from)} TO ${quote(to)};`;
  if (!isSerial(table.columns[from]!)) return [rename];
  return [rename, renameSequence(serialSequence(table.name, from), serialSequence(table.name, to))];
}

function renameSequence(from: string, to: string): string {
  return `ALTER SEQUENCE ${quote(from)} RENAME TO ${quote(to)};`;
}

function renameTable(snapshot: PgSnapshot, from: string, to: string): PgSnapshot {
  const tables = mapKeys(snapshot.tables, (key) => (key === keyOf(from) ? keyOf(to) : key));
  return {
    ...snapshot,
    tables: mapValues(tables, (table) => {
      const own = table.name === from;
      const named = own
        ? { ...withExpressions(table, (text) => renameTableIn(text, from, to)), name: to }
        : table;
      return {
        ...named,
        foreignKeys: mapValues(table.foreignKeys, (key) => ({
          ...key,
          tableFrom: key.tableFrom === from ? to : key.tableFrom,
          tableTo: key.tableTo === from ? to : key.tableTo,
        })),
      };
    }),
  };
}

function renameColumn(snapshot: PgSnapshot, table: string, from: string, to: string): PgSnapshot {
  const name = (column: string) => (column === from ? to : column);
  return {
    ...snapshot,
    tables: mapValues(snapshot.tables, (one) => {
      const renamed = one.name === table ? renameOwnColumn(one, from, to) : one;
      return {
        ...renamed,
        foreignKeys: mapValues(renamed.foreignKeys, (key) => ({
          ...key,
          columnsFrom: key.tableFrom === table ? key.columnsFrom.map(name) : key.columnsFrom,
          columnsTo: key.tableTo === table ? key.columnsTo.map(name) : key.columnsTo,
        })),
      };
    }),
  };
}

function renameOwnColumn(table: PgTable, from: string, to: string): PgTable {
  const name = (column: string) => (column === from ? to : column);
  const inKey = <Key extends { columns: string[] }>(key: Key): Key => ({
    ...key,
    columns: key.columns.map(name),
  });
  const renamed = withExpressions(table, (text) => renameColumnIn(text, table.name, from, to));
  const key = (part: PgIndexKey) =>
    part.isExpression ? part : { ...part, expression: name(part.expression) };
  return {
    ...renamed,
    columns: mapValues(mapKeys(renamed.columns, name), (column) => ({ ...column, name: name(column.name) })),
    indexes: mapValues(renamed.indexes, (index) => ({ ...index, columns: index.columns.map(key) })),
    compositePrimaryKeys: mapValues(table.compositePrimaryKeys, inKey),
    uniqueConstraints: mapValues(table.uniqueConstraints, inKey),
  };
}

/** The table with every expression in it changed. */
function withExpressions(table: PgTable, change: (expression: string) => string): PgTable {
  return {
    ...table,
    columns: mapValues(table.columns, (column) =>
      column.generated
        ? { ...column, generated: { ...column.generated, as: change(column.generated.as) } }
        : column,
    ),
    indexes: mapValues(table.indexes, (index) => ({
      ...index,
      columns: index.columns.map((key) =>
        key.isExpression ? { ...key, expression: change(key.expression) } : key,
      ),
      ...(index.where === undefined ? {} : { where: change(index.where) }),
    })),
    checkConstraints: mapValues(table.checkConstraints, (check) => ({
      ...check,
      value: change(check.value),
    })),
  };
}

function mapValues<T, U>(record: Record<string, T>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

function mapKeys<T>(record: Record<string, T>, change: (key: string) => string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [change(key), value]));
}
