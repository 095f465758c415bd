import { type DatabaseTarget, isInMemory } from '../settings/settings.ts';
import { type ChainName, chainFolder } from './chain/revisions.ts';
import type { MigrationConnection } from './connection.ts';
import { adviceOn, MigrationError, reasonOf } from './errors.ts';
import type { MigrationReporter } from './progress.ts';

/** What every command on a database's revisions can be told. */
export interface ChainOptions {
  /** The chain to go by instead of the package's own one for the engine; its data steps lie in `data` beside it. */
  folder?: string;
}

export interface RunOptions extends ChainOptions {
  reporter: MigrationReporter;
  /** How long to wait for another process that is migrating the same database. */
  lockTimeoutSeconds?: number;
  /** How long to try again for a lock that someone who isn't migrating keeps on a table. */
  tableLockSeconds?: number;
  /** Ends the statement in hand, and with it the run: what isn't committed is rolled back. */
  signal?: AbortSignal;
}

export const folderOf = (connection: MigrationConnection, { folder }: ChainOptions): string =>
  folder ?? chainFolder(connection.chain);

export const chainOf = ({ backend }: DatabaseTarget): ChainName => (backend === 'sqlite' ? 'sqlite' : 'pg');

/** Runs `work` on a connection of its own, or on the one that is given; ends either. */
export async function connected<T>(
  on: DatabaseTarget | MigrationConnection,
  work: (connection: MigrationConnection) => Promise<T>,
): Promise<T> {
  const connection = 'backend' in on ? await connect(on) : on;
  try {
    return await work(connection);
  } catch (error) {
    if (error instanceof MigrationError) throw error;
    throw new MigrationError(
      'failed',
      `${connection.place} can't be worked on (${reasonOf(error)}): ${adviceOn(connection, error)}, then run it again.`,
      {
        cause: error,
      },
    );
  } finally {
    await connection.close();
  }
}

/** A statement that waits or takes long isn't waited for. */
export function interruptOn(signal: AbortSignal | undefined, connection: MigrationConnection): void {
  signal?.addEventListener('abort', () => void connection.interrupt?.().catch(() => {}), { once: true });
}

async function connect(target: DatabaseTarget): Promise<MigrationConnection> {
  if (isInMemory(target))
    throw new Error('A database in memory is migrated by openMigrated, on its own connection.');
  return target.backend === 'sqlite'
    ? (await import('./sqlite/connection.ts')).connectSqlite(target)
    : (await import('./pg/connection.ts')).connectPg(target);
}
