import { generateDrizzleJson } from 'drizzle-kit/api';
import type {
  DialectGenerator,
  Rename,
  SchemaModules,
  Snapshot,
  StatementOptions,
} from '../generate/dialect.ts';
import { planStatements } from './generate-plan.ts';
import { refuseUnplanned } from './generate-refuse.ts';
import { planRenames } from './generate-rename.ts';
import type { PgSnapshot } from './generate-snapshot.ts';

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
    refuseUnplanned(snapshot);
    return snapshot;
  },

  async statements(from: Snapshot, to: Snapshot, options?: StatementOptions): Promise<string[]> {
    return planStatements(from as PgSnapshot, to as PgSnapshot, options);
  },

  rename: (from: Snapshot, renames: readonly Rename[]) => planRenames(from as PgSnapshot, renames),
};
