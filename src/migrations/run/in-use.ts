import { existsSync } from 'node:fs';
import type { MigrationConnection } from '../connection.ts';
import { MigrationError, some } from '../errors.ts';
import type { MigrationReporter } from '../progress.ts';

/**
 * What takes something away from whoever goes on with the database: `upgrade`, `doctor --fix`, `backup` and `copy --from`
 * don't, and `restore` looks for itself, since what it replaces may be no database any more.
 */
export type TakingCommand = 'adopt' | 'adopt --give-back' | 'downgrade' | 'reset' | 'stamp';

/**
 * SQLite is one server's, which can be stopped, so that nobody may be there for any of them. PostgreSQL's may be many:
 * those of the older version go on while what the newer one has added is undone, as they do while it is added, and the
 * newer ones say at /api/ready that the database isn't theirs any more.
 */
const BESIDE_CLIENTS_OF_POSTGRES: ReadonlySet<TakingCommand> = new Set(['downgrade', 'stamp']);

export interface InUseOptions {
  /** Goes on though other clients are connected to PostgreSQL, of which nobody can tell what they are. */
  ignoreClients?: boolean;
  reporter: MigrationReporter;
}

/** @throws MigrationError when someone else uses a database that the command needs for itself, as far as its engine can tell */
export async function refuseInUse(
  connection: MigrationConnection,
  command: TakingCommand,
  options: InUseOptions,
): Promise<void> {
  const { place, chain, file } = connection;
  if (chain === 'pg') return refuseClients(connection, command, options);
  if (file === null || !existsSync(file)) return;
  const { sqliteUsers } = await import('../sqlite/in-use.ts');
  const [user] = await sqliteUsers(connection);
  if (user === undefined) return;
  throw new MigrationError(
    'locked',
    `${place} is in use by ${user}, and was left as it is: stop the server that uses it, then run it again.`,
  );
}

async function refuseClients(
  connection: MigrationConnection,
  command: TakingCommand,
  { ignoreClients = false, reporter }: InUseOptions,
): Promise<void> {
  if (ignoreClients) return;
  const { pgUsers } = await import('../pg/in-use.ts');
  const goesOn = BESIDE_CLIENTS_OF_POSTGRES.has(command);
  const users = await pgUsers(connection, { patient: !goesOn });
  if (users.length === 0) return;
  if (goesOn)
    return reporter.line(
      `in use by ${some(users)}; a server that needs more than stays says so at /api/ready`,
    );
  throw new MigrationError(
    'locked',
    `${connection.place} is in use by ${some(users)}, and was left as it is: stop the servers that use it, then run it again, ` +
      `or run prefect-server database ${command} --ignore-clients if none of them is a server.`,
  );
}
