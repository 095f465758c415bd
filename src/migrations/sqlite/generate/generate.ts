import { isDeepStrictEqual } from 'node:util';
import { generateSQLiteDrizzleJson } from 'drizzle-kit/api';
import { getTableName, is, Table } from 'drizzle-orm';
import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core';
import { MigrationError } from '../../errors.ts';
import type { DialectGenerator, Rename, Renamed, SchemaModules, Snapshot } from '../../generate/dialect.ts';
import type { SqliteSnapshot } from './ddl.ts';
import { planStatements } from './plan.ts';
import { renameAll } from './rename.ts';

/**
 * drizzle-kit reads the schema into a snapshot; the statements are ours, because its own lose the names of
 * constraints, turn unique constraints into indexes and break indexes on expressions with a comma.
 */
export const sqliteGenerator: DialectGenerator = {
  chain: 'sqlite',
  engine: 'SQLite',

  async snapshot(schema: SchemaModules, previous?: Snapshot): Promise<Snapshot> {
    const snapshot = (await generateSQLiteDrizzleJson(schema, previous?.id)) as unknown as SqliteSnapshot;
    for (const table of Object.values(schema)) {
      if (is(table, Table)) keepConstraints(snapshot, table as SQLiteTable);
    }
    // As it will be read from the file, where a member that is undefined is none.
    return JSON.parse(JSON.stringify(snapshot));
  },

  async statements(from: Snapshot, to: Snapshot): Promise<string[]> {
    refuseViews(from as SqliteSnapshot, to as SqliteSnapshot);
    return planStatements(from as SqliteSnapshot, to as SqliteSnapshot);
  },

  rename(from: Snapshot, renames: readonly Rename[]): Renamed {
    return renameAll(from as SqliteSnapshot, renames);
  },
};

/** Puts back into drizzle-kit's snapshot what it has places for but leaves out: names of keys, unique constraints as such. */
function keepConstraints(snapshot: SqliteSnapshot, table: SQLiteTable): void {
  const entry = snapshot.tables[getTableName(table)]!;
  const { columns, primaryKeys, uniqueConstraints } = getTableConfig(table);
  for (const key of primaryKeys) {
    const name = key.getName();
    entry.compositePrimaryKeys[name] = { name, columns: key.columns.map(nameOf) };
  }
  const uniques = [
    ...uniqueConstraints.map((one) => ({ name: one.getName()!, columns: one.columns.map(nameOf) })),
    ...columns
      .filter((column) => column.isUnique)
      .map((column) => ({ name: column.uniqueName!, columns: [column.name] })),
  ];
  for (const unique of uniques) {
    entry.uniqueConstraints[unique.name] = unique;
    delete entry.indexes[unique.name];
  }
}

const nameOf = (column: { name: string }): string => column.name;

/** What drizzle-kit reads but nothing here turns into statements. */
function refuseViews(from: SqliteSnapshot, to: SqliteSnapshot): void {
  const [before = {}, after = {}] = [from.views, to.views];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = names.filter((name) => !isDeepStrictEqual(before[name], after[name]));
  if (changed.length === 0) return;
  throw new MigrationError(
    'chain',
    `Views (${changed.join(', ')}) aren't generated on SQLite: write their statements into a revision made with --custom.`,
  );
}
