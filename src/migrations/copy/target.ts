import { sql } from 'drizzle-orm';
import { packageVersion } from '../../version.ts';
import { ALEMBIC, COPY_TABLE, isWorkingState, LEDGER, PROGRESS_TABLE } from '../catalog/book-keeping.ts';
import type { Revision } from '../chain/revisions.ts';
import type { MigrationConnection } from '../connection.ts';
import { lower, MigrationError, some } from '../errors.ts';
import { readLedger } from '../run/ledger.ts';
import type { CopyEngine } from './engine.ts';
import { type CopyState, readCopyState } from './state.ts';

/** What a target may be: nothing yet, at most our tables without a row, or this copy, unfinished. */
export interface TargetState {
  readonly resumed: CopyState | null;
  /** Nothing at all is there. */
  readonly isEmpty: boolean;
}

export interface Wanted {
  /** The source in words. */
  readonly source: string;
  /** The target's own chain. */
  readonly chain: readonly Revision[];
  readonly replace: boolean;
}

/** @throws MigrationError that names what the target holds */
export async function readTarget(connection: MigrationConnection, wanted: Wanted): Promise<TargetState> {
  const tables = await connection.tableNames();
  if (tables.includes(COPY_TABLE)) return { resumed: await readOwn(connection, wanted), isEmpty: false };
  if (tables.length === 0) return { resumed: null, isEmpty: true };
  if (tables.includes(ALEMBIC)) throw occupied(connection, 'a database that Prefect made');
  if (!tables.includes(LEDGER))
    throw occupied(connection, `tables of another program (${some(ofUsers(tables))})`);
  const ledger = await readLedger(connection);
  const filled: string[] = [];
  for (const table of tables.filter((name) => name !== LEDGER && name !== PROGRESS_TABLE)) {
    const rows = await connection.query(sql`select 1 from ${sql.identifier(table)} limit 1`);
    if (rows.length > 0) filled.push(table);
  }
  filled.sort();
  if (filled.length > 0) throw occupied(connection, `rows already (in ${some(ofUsers(filled))})`);
  const known = new Set(wanted.chain.map(({ id }) => id));
  const unknown = ledger.find(({ id }) => !known.has(id));
  if (unknown) throw occupied(connection, `the tables of a newer version (revision ${unknown.id})`);
  return { resumed: null, isEmpty: false };
}

async function readOwn(
  connection: MigrationConnection,
  { source, chain, replace }: Wanted,
): Promise<CopyState> {
  const state = await readCopyState(connection);
  const { origin } = state;
  if (origin.source !== source)
    throw occupied(connection, `an unfinished copy of another database, ${lower(origin.source)}`);
  if (origin.revision !== chain.at(-1)?.id)
    throw occupied(
      connection,
      `an unfinished copy that version ${origin.app_version} began at another revision (${origin.revision})`,
    );
  if (origin.replaced !== replace)
    throw occupied(
      connection,
      `an unfinished copy that was begun ${origin.replaced ? 'with' : 'without'} --replace-characters`,
    );
  return state;
}

/** Ours say little; one by itself is named all the same. */
const ofUsers = (names: readonly string[]): readonly string[] =>
  names.length === 1 ? names : names.filter((name) => !isWorkingState(name));

export const originOf = ({ source, chain, replace }: Wanted) => ({
  source,
  revision: chain.at(-1)?.id ?? '',
  app_version: packageVersion(),
  replaced: replace,
});

function occupied({ place }: MigrationConnection, what: string): MigrationError {
  return new MigrationError(
    'not_ours',
    `Nothing was copied, since ${lower(place)} holds ${what}: name an empty database with --to.`,
  );
}

export async function refuseNarrow(connection: MigrationConnection, engine: CopyEngine): Promise<void> {
  const encoding = await engine.narrowEncoding(connection);
  if (encoding === null) return;
  throw new MigrationError(
    'not_ours',
    `Nothing was copied, since ${lower(connection.place)} keeps its text as ${encoding}, which hasn't all characters: ` +
      "make a database with ENCODING 'UTF8' TEMPLATE template0, and name it with --to.",
  );
}

/** Rows that a server writes meanwhile would be lost, or in the way. */
export async function refuseUsed(connection: MigrationConnection, engine: CopyEngine): Promise<void> {
  const [first] = await engine.users(connection);
  if (first === undefined) return;
  throw new MigrationError(
    'locked',
    `Nothing was copied, since ${lower(connection.place)} is in use by ${first}: stop it, then copy again.`,
  );
}
