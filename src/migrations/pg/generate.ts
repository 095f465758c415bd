import { type DrizzleSnapshotJSON, generateDrizzleJson, generateMigration } from 'drizzle-kit/api';
import type { DialectGenerator, Rename, SchemaModules, Snapshot } from '../generate/dialect.ts';
import { planRenames } from './generate-rename.ts';
import type { PgSnapshot } from './generate-snapshot.ts';

/** PostgreSQL's statements are drizzle-kit's; here stands what it can't model. */
export const pgGenerator: DialectGenerator = {
  chain: 'pg',
  engine: 'PostgreSQL',

  async snapshot(schema: SchemaModules, previous?: Snapshot): Promise<Snapshot> {
    return JSON.parse(JSON.stringify(generateDrizzleJson(schema, previous?.id)));
  },

  async statements(from: Snapshot, to: Snapshot): Promise<string[]> {
    const statements = await generateMigration(asDrizzle(from), asDrizzle(to));
    return [
      ...extensions(from, to),
      ...statements.flatMap((one) => [...filling(to, one), one].map(inCurrentSchema)),
    ];
  },

  rename: (from: Snapshot, renames: readonly Rename[]) => planRenames(from as PgSnapshot, renames),
};

/** drizzle-kit names the schema `public`, but a server may be told to use another one (the search path). */
function inCurrentSchema(statement: string): string {
  return statement.replaceAll('"public".', '').trim();
}

const SET_NOT_NULL = /^ALTER TABLE "(\w+)" ALTER COLUMN "(\w+)" SET NOT NULL;$/;

/** Rows that are empty where they may not be any more get the default, as SQLite's rebuilt table gives it to them. */
function filling(to: Snapshot, statement: string): string[] {
  const [, table, column] = SET_NOT_NULL.exec(statement) ?? [];
  if (!table || !column) return [];
  const value = to.tables[`public.${table}`]?.columns[column]?.default;
  return value === undefined
    ? []
    : [`UPDATE "${table}" SET "${column}" = ${value} WHERE "${column}" IS NULL;`];
}

/** An extension stays when nothing needs it any more: other programs in the same database may. */
function extensions(from: Snapshot, to: Snapshot): string[] {
  const needsTrigrams = (snapshot: Snapshot) => JSON.stringify(snapshot.tables).includes('"gin_trgm_ops"');
  return needsTrigrams(to) && !needsTrigrams(from) ? ['CREATE EXTENSION IF NOT EXISTS pg_trgm;'] : [];
}

const asDrizzle = (snapshot: Snapshot): DrizzleSnapshotJSON => snapshot as unknown as DrizzleSnapshotJSON;
