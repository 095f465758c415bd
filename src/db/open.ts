import type { DatabaseTarget } from '../settings/settings.ts';
import { type AmbientOptions, createDatabase } from './ambient.ts';
import type { Database } from './database.ts';

/**
 * Opens the database that the settings name: the one runtime switch between the engines. Each is loaded only when used.
 * @throws DatabaseUnavailable when it can't be opened
 */
export async function openDatabase(target: DatabaseTarget, options: AmbientOptions = {}): Promise<Database> {
  const engine =
    target.backend === 'sqlite'
      ? (await import('./sqlite/open.ts')).openSqlite(target)
      : await (await import('./pg/open.ts')).openPg(target);
  return createDatabase(engine, options);
}
