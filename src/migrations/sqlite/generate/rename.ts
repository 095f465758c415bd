import { MigrationError } from '../../errors.ts';
import type { Rename, Renamed, Snapshot } from '../../generate/dialect.ts';
import { quote } from '../../quotes.ts';
import type { SqliteForeignKey, SqliteSnapshot, SqliteTable } from './ddl.ts';
import { renameColumnIn, renameTableIn } from './text.ts';

/** ALTER TABLE takes all that mentions the old name along; here the snapshot is told the same. */
export function renameAll(from: SqliteSnapshot, renames: readonly Rename[]): Renamed {
  let snapshot = from;
  const statements: string[] = [];
  for (const rename of renames) {
    refuseImpossible(snapshot, rename);
    if (rename.kind === 'table') {
      statements.push(`ALTER TABLE ${quote(rename.from)} RENAME TO ${quote(rename.to)};`);
      snapshot = renameTable(snapshot, rename.from, rename.to);
    } else {
      const [table, column] = [quote(rename.table), quote(rename.from)];
      statements.push(`ALTER TABLE ${table} RENAME COLUMN ${column} TO ${quote(rename.to)};`);
      snapshot = renameColumn(snapshot, rename.table, rename.from, rename.to);
    }
  }
  return { snapshot, statements };
}

function refuseImpossible({ tables }: Snapshot, rename: Rename): void {
  const [kind, names, place] =
    rename.kind === 'table'
      ? ['table', tables, 'the schema']
      : ['column', tables[rename.table]?.columns ?? {}, rename.table];
  if (rename.kind === 'column' && !tables[rename.table]) {
    throw new MigrationError(
      'chain',
      `There is no table ${rename.table} on SQLite whose column could be renamed.`,
    );
  }
  if (!names[rename.from]) {
    throw new MigrationError(
      'chain',
      `There is no ${kind} ${rename.from} in ${place} on SQLite to be renamed.`,
    );
  }
  if (names[rename.to] && rename.to.toLowerCase() !== rename.from.toLowerCase()) {
    const message = `The ${kind} ${rename.from} can't be renamed to ${rename.to} on SQLite, which is in ${place} already.`;
    throw new MigrationError('chain', message);
  }
}

function renameTable(snapshot: SqliteSnapshot, from: string, to: string): SqliteSnapshot {
  const follow = (key: SqliteForeignKey): SqliteForeignKey => ({
    ...key,
    ...(key.tableFrom === from && { tableFrom: to }),
    ...(key.tableTo === from && { tableTo: to }),
  });
  const tables = Object.values(snapshot.tables).map((table) => {
    const moved = { ...table, foreignKeys: mapValues(table.foreignKeys, follow) };
    return table.name === from
      ? { ...mapTexts(moved, (text) => renameTableIn(text, from, to)), name: to }
      : moved;
  });
  return { ...snapshot, tables: Object.fromEntries(tables.map((table) => [table.name, table])) };
}

function renameColumn(snapshot: SqliteSnapshot, tableName: string, from: string, to: string): SqliteSnapshot {
  const renamed = (name: string) => (name === from ? to : name);
  const tables = mapValues(snapshot.tables, (table): SqliteTable => {
    const foreignKeys = mapValues(table.foreignKeys, (key) => ({
      ...key,
      ...(table.name === tableName && { columnsFrom: key.columnsFrom.map(renamed) }),
      ...(key.tableTo === tableName && { columnsTo: key.columnsTo.map(renamed) }),
    }));
    return table.name === tableName
      ? renameColumnOf({ ...table, foreignKeys }, from, to)
      : { ...table, foreignKeys };
  });
  return { ...snapshot, tables };
}

function renameColumnOf(table: SqliteTable, from: string, to: string): SqliteTable {
  const renamed = (name: string) => (name === from ? to : name);
  const key = <Key extends { columns: string[] }>(one: Key): Key => ({
    ...one,
    columns: one.columns.map(renamed),
  });
  const rewritten = mapTexts(table, (text) => renameColumnIn(text, from, to));
  const columns = Object.values(rewritten.columns).map((column) => ({
    ...column,
    name: renamed(column.name),
  }));
  return {
    ...rewritten,
    columns: Object.fromEntries(columns.map((column) => [column.name, column])),
    indexes: mapValues(rewritten.indexes, key),
    compositePrimaryKeys: mapValues(table.compositePrimaryKeys, key),
    uniqueConstraints: mapValues(table.uniqueConstraints, key),
  };
}

/** Every expression of a table; a key of an index may be the bare name of a column instead. */
function mapTexts(table: SqliteTable, rewrite: (text: string) => string): SqliteTable {
  return {
    ...table,
    columns: mapValues(table.columns, (column) =>
      column.generated
        ? { ...column, generated: { ...column.generated, as: rewrite(column.generated.as) } }
        : column,
    ),
    indexes: mapValues(table.indexes, (index) => ({
      ...index,
      columns: index.columns.map((column) => (column in table.columns ? column : rewrite(column))),
      ...(index.where !== undefined && { where: rewrite(index.where) }),
    })),
    checkConstraints: mapValues(table.checkConstraints, (check) => ({
      ...check,
      value: rewrite(check.value),
    })),
  };
}

function mapValues<Value, Result>(
  values: Record<string, Value>,
  change: (value: Value) => Result,
): Record<string, Result> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}
