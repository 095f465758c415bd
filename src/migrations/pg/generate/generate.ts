import { generateDrizzleJson } from 'drizzle-kit/api';
import { getTableName, is, SQL, Table } from 'drizzle-orm';
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core';
import type {
  DialectGenerator,
  Rename,
  SchemaModules,
  Snapshot,
  StatementOptions,
} from '../../generate/dialect.ts';
import { literal } from '../../quotes.ts';
import { planStatements } from './plan.ts';
import { refuseUnplanned } from './refuse.ts';
import { planRenames } from './rename.ts';
import { keyOf, type PgColumn, type PgSnapshot } from './snapshot.ts';

/**
 * drizzle-kit reads the schema into a snapshot; the statements are ours, because its own lack casts, fail over what
 * depends on a changed column, name a schema and can do nothing beside a table's users.
 */
export const pgGenerator: DialectGenerator = {
  chain: 'pg',
  engine: 'PostgreSQL',

  async snapshot(schema: SchemaModules, previous?: Snapshot): Promise<Snapshot> {
    // As it will be read from the file, where a member that is undefined is none; JSON has no bigint.
    const text = JSON.stringify(generateDrizzleJson(schema, previous?.id), (_key, value) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    const snapshot = JSON.parse(text) as PgSnapshot;
    for (const table of Object.values(schema)) {
      if (is(table, Table)) keepQuotes(snapshot, table as PgTable);
    }
    refuseUnplanned(snapshot);
    return snapshot;
  },

  async statements(from: Snapshot, to: Snapshot, options?: StatementOptions): Promise<string[]> {
    return planStatements(from as PgSnapshot, to as PgSnapshot, options);
  },

  rename: (from: Snapshot, renames: readonly Rename[]) => planRenames(from as PgSnapshot, renames),
};

/** A default that is JSON or an array comes without its quotes doubled. */
function keepQuotes(snapshot: PgSnapshot, table: PgTable): void {
  const entries = snapshot.tables[keyOf(getTableName(table))]?.columns as
    | Record<string, PgColumn>
    | undefined;
  if (!entries) return;
  for (const { name, default: value } of getTableConfig(table).columns) {
    if (typeof value !== 'object' || value === null || is(value, SQL) || value instanceof Date) continue;
    const entry = entries[name]!;
    const [, inner, cast = ''] = /^'([\s\S]*)'(::jsonb?)?$/.exec(String(entry.default)) ?? [];
    if (inner !== undefined) entries[name] = { ...entry, default: `${literal(inner)}${cast}` };
  }
}
