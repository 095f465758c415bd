import Driver from 'better-sqlite3';
import pg from 'pg';
import { connectionConfig } from '../../src/db/pg/connect.ts';
import type { DatabaseTarget } from '../../src/settings/settings.ts';

/** Keeps the next revision from being applied until the returned function is called. */
export async function holdMigration(target: DatabaseTarget): Promise<() => Promise<void>> {
  if (target.backend === 'sqlite') {
    const lock = new Driver(`${target.file}.migrate-lock`);
    lock.exec('begin exclusive');
    return async () => void lock.close();
  }
  const client = new pg.Client(await connectionConfig({ ...target, statementTimeout: 0 }));
  await client.connect();
  // A revision is recorded in this table, in its own transaction.
  await client.query('begin; lock table _migrations in share mode');
  let held = true;
  return async () => {
    if (held) await client.end();
    held = false;
  };
}
