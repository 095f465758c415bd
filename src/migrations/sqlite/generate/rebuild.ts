import { literal, quote, quoteList } from '../../quotes.ts';
import { converted } from './convert.ts';
import { createIndex, createTable, defaultValue, type SqliteColumn, type SqliteTable } from './ddl.ts';

/**
 * A new table takes over the rows and the name; indexes went with the old one. The runner has foreign keys off, so
 * that dropping the old table deletes nothing elsewhere, and keeps what no schema knows: triggers, and each index that
 * is neither made again here nor dropped by its name.
 */
export function rebuild(old: SqliteTable, table: SqliteTable): string[] {
  const name = `__new_${table.name}`;
  const gone = Object.keys(old.indexes).filter((index) => !table.indexes[index]);
  return [
    ...gone.map((index) => `DROP INDEX ${quote(index)};`),
    createTable(table, name),
    ...keepSequence(old, table, name),
    copyRows(old, table, name),
    `DROP TABLE ${quote(table.name)};`,
    `ALTER TABLE ${quote(name)} RENAME TO ${quote(table.name)};`,
    ...Object.values(table.indexes).map((index) => createIndex(table, index)),
  ];
}

function copyRows(old: SqliteTable, table: SqliteTable, name: string): string {
  const columns = Object.values(table.columns).filter((column) => !column.generated);
  const copied = columns
    .filter((column) => old.columns[column.name])
    .map((column) => [column.name, copiedValue(table, old.columns[column.name]!, column)] as const);
  // Where nothing is left of the old columns there still are as many rows as before.
  const values =
    copied.length > 0 ? copied : [[columns[0]!.name, defaultValue(columns[0]!) ?? 'NULL'] as const];
  return (
    `INSERT INTO ${quote(name)} (${quoteList(values.map(([column]) => column))})\n` +
    `SELECT ${values.map(([, value]) => value).join(', ')} FROM ${quote(table.name)};`
  );
}

/** A row that is empty where it may not be any more gets the default. */
function copiedValue(table: SqliteTable, old: SqliteColumn, column: SqliteColumn): string {
  const value = converted(table.name, old, column);
  const filling = defaultValue(column);
  const mayBeEmpty = !old.notNull || old.generated !== undefined;
  return mayBeEmpty && column.notNull && filling !== null ? `coalesce(${value}, ${filling})` : value;
}

/** AUTOINCREMENT never gives a number again, even that of a row which is gone. */
function keepSequence(old: SqliteTable, table: SqliteTable, name: string): string[] {
  const counts = (one: SqliteTable) => Object.values(one.columns).some(({ autoincrement }) => autoincrement);
  if (!counts(old) || !counts(table)) return [];
  const [from, to] = [table.name, name].map(literal);
  return [
    `INSERT INTO sqlite_sequence (name, seq) SELECT ${to}, seq FROM sqlite_sequence WHERE name = ${from};`,
  ];
}
