import { type DatabaseTarget, fileOf, isInMemory } from '../../settings/settings.ts';
import { kindHints } from '../chain/kind-hints.ts';
import { type ChainName, chainFolder, readChain } from '../chain/revisions.ts';
import { chainOf, connected } from '../connect.ts';
import type { MigrationConnection } from '../connection.ts';
import { MigrationError } from '../errors.ts';
import { type LockWait, withLock } from '../run/lock.ts';
import { upgrade } from '../run/upgrade.ts';
import { type CopyEngine, copyEngine } from './engine.ts';
import type { CopyReport } from './report.ts';
import { runCopy } from './run.ts';
import { isSameDatabase, isSameFile, readSource, sameDatabase } from './source.ts';
import type { Side } from './tables.ts';
import { readTarget, refuseNarrow, refuseUsed, type Wanted } from './target.ts';

export interface CopyOptions extends LockWait {
  /** Characters that PostgreSQL can't hold become U+FFFD instead of keeping the copy from being made. */
  replaceCharacters?: boolean;
  /** It is all right that others write to the source meanwhile: the copy is of the moment at which it began. */
  live?: boolean;
  /** The chains to go by instead of the package's own ones. */
  folders?: Record<ChainName, string>;
}

/** What the parts of a copy work with. */
export interface Copying {
  readonly options: CopyOptions;
  readonly from: CopyEngine;
  readonly to: CopyEngine;
  readonly wanted: Wanted;
}

/**
 * Copies a database at the head of its chain into an empty one of either engine, or goes on where it was interrupted.
 * What the source is at one moment is what the target is in the end, or it isn't called finished.
 * @throws MigrationError
 */
export async function copyDatabase(
  from: DatabaseTarget,
  to: DatabaseTarget,
  options: CopyOptions,
): Promise<CopyReport> {
  for (const target of [from, to]) if (isInMemory(target)) throw inMemory();
  if (isSameFile(fileOf(from), fileOf(to))) throw sameDatabase(`The SQLite database ${fileOf(from)}`);
  const folders = options.folders ?? { sqlite: chainFolder('sqlite'), pg: chainFolder('pg') };
  return connected(from, async (source) => {
    await readSource(source, from, folders[source.chain]);
    const copying = await prepare(source, to, options, folders);
    const { wanted } = copying;
    const { resumed } = await connected(to, async (target) => {
      if (await isSameDatabase(source, target)) throw sameDatabase(source.place);
      const state = await readTarget(target, wanted);
      await refuseNarrow(target, copying.to);
      if (!state.isEmpty) await refuseUsed(target, copying.to);
      return state;
    });
    const folder = folders[chainOf(to)];
    if (!resumed) await upgrade(to, { ...options, folder, backup: false });
    return connected(to, (target) =>
      withLock(target, options, () =>
        runCopy(copying, {
          source: { connection: source, rows: rowsOf(source, folders) },
          target: { connection: target, rows: rowsOf(target, folders) },
        }),
      ),
    );
  });
}

async function prepare(
  source: MigrationConnection,
  to: DatabaseTarget,
  options: CopyOptions,
  folders: Record<ChainName, string>,
): Promise<Copying> {
  const chain = readChain(folders[chainOf(to)]);
  return {
    options,
    from: await copyEngine(source.chain),
    to: await copyEngine(chainOf(to)),
    wanted: { source: source.place, chain, replace: options.replaceCharacters === true },
  };
}

/** An interval is known as one by the twin on PostgreSQL. */
function rowsOf(connection: MigrationConnection, folders: Record<ChainName, string>): Side['rows'] {
  const folder = folders[connection.chain];
  const head = readChain(folder).at(-1)?.folder ?? '';
  return connection.rows(kindHints(connection.chain, folder, head));
}

const inMemory = (): MigrationError =>
  new MigrationError(
    'not_ours',
    'A database in memory is gone when the command ends: name a file or a server.',
  );
