import type { ChainName } from '../chain/revisions.ts';
import { MigrationError, reasonOf } from '../errors.ts';
import type { ChainSource } from '../repository/files.ts';
import type { DialectGenerator, Snapshot } from './dialect.ts';
import { withRenames } from './renames.ts';
import type { SnapshotPair } from './snapshots.ts';
import type { Sources, Twin } from './twins.ts';

export const generatorsOf = ({ sqlite, pg }: Sources): Record<ChainName, DialectGenerator> => ({
  sqlite: sqlite.generator,
  pg: pg.generator,
});

/** The schema after a pair of revisions; an empty one before the first. What it renamed is over and done. */
export async function schemaAt(twin: Twin | undefined, { sqlite, pg }: Sources): Promise<SnapshotPair> {
  const { snapshots } = twin ?? {
    snapshots: { sqlite: await sqlite.generator.snapshot({}), pg: await pg.generator.snapshot({}) },
  };
  return { sqlite: withRenames(snapshots.sqlite, []), pg: withRenames(snapshots.pg, []) };
}

/** The schema as the modules have it. */
export async function schemaNow({ sqlite, pg }: Sources, base: Twin | undefined): Promise<SnapshotPair> {
  const pair = {
    sqlite: await readSchema(sqlite, base?.snapshots.sqlite),
    pg: await readSchema(pg, base?.snapshots.pg),
  };
  refuseViews(pair.sqlite);
  return pair;
}

/**
 * Keys and indexes are functions that only run now: one that names what isn't there breaks here.
 * @throws MigrationError
 */
export async function readSchema({ generator, schema }: ChainSource, previous?: Snapshot): Promise<Snapshot> {
  try {
    return await generator.snapshot(schema, previous);
  } catch (error) {
    if (error instanceof MigrationError) throw error;
    throw new MigrationError(
      'chain',
      `The schema of ${generator.engine} can't be read (${reasonOf(error)}): put right the key, index or check that ` +
        'names what is not there, which npm run check:types may find, and run again.',
      { cause: error },
    );
  }
}

/** What drizzle-kit puts into a snapshot of SQLite and no statement is planned for. */
function refuseViews(snapshot: Snapshot): void {
  const { views } = snapshot as Snapshot & { views?: object };
  const names = Object.keys(views ?? {});
  if (names.length === 0) return;
  throw new MigrationError(
    'chain',
    `No revision can be planned for views (${names.join(', ')}): take what it is out of the SQLite schema and write it ` +
      'by hand, with npm run generate -- --custom "what it does".',
  );
}
