import type { MigrationConnection } from '../connection.ts';
import { MigrationError } from '../errors.ts';
import type { MigrationReporter } from '../progress.ts';
import { BACKUPS_KEPT, type BackupPolicy } from '../run/backup.ts';

/** @throws MigrationError when someone else uses the database, as far as its engine can tell */
export async function refuseInUse(
  connection: MigrationConnection,
  { ignoreClients = false }: { ignoreClients?: boolean },
): Promise<void> {
  const { place, chain } = connection;
  if (chain === 'sqlite') {
    const { sqliteUsers } = await import('../sqlite/in-use.ts');
    const [user] = await sqliteUsers(connection);
    if (user === undefined) return;
    throw new MigrationError(
      'locked',
      `${place} is in use by ${user}, and was left as it is: stop the server that uses it, then run it again.`,
    );
  }
  if (ignoreClients) return;
  const { pgUsers } = await import('../pg/in-use.ts');
  const users = await pgUsers(connection);
  if (users.length === 0) return;
  const names = users.slice(0, 3).join(', ') + (users.length > 3 ? ', ...' : '');
  throw new MigrationError(
    'locked',
    `${place} is in use by ${names}, and was left as it is: stop the servers that use it, then run it again, ` +
      'or run prefect-server database adopt --ignore-clients if none of them is a server.',
  );
}

/**
 * Copies an SQLite file under a name that the copies of migrations never have, so that it stays when those go. A
 * dump of PostgreSQL is its operator's.
 */
export async function backUpAs(
  { file }: MigrationConnection,
  reason: string,
  {
    backup = { keep: BACKUPS_KEPT },
    reporter,
  }: { backup?: BackupPolicy | false; reporter: MigrationReporter },
): Promise<string | undefined> {
  if (file === null || backup === false) return undefined;
  const { backUp } = await import('../sqlite/backup.ts');
  const time = new Date().toISOString().replace(/[-:.]/g, '');
  const made = await backUp(file, { file: `${file}.${reason}-${time}`, reporter, check: 'quick' });
  reporter.line(`backed up to ${made.file} (${(made.bytes / 1e6).toFixed(1)} MB, ${made.milliseconds} ms)`);
  return made.file;
}
