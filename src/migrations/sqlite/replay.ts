import SqliteDriver from 'better-sqlite3';
import type { Catalog } from '../catalog/catalog.ts';
import type { Revision } from '../chain/revisions.ts';
import { readSqliteCatalog } from './catalog.ts';
import { restoreIndexes } from './kept-indexes.ts';
import { runStatement, type SqliteSession } from './session.ts';

/** What the revisions build, by running them in a database in memory. */
export async function replaySqlite(revisions: readonly Revision[]): Promise<Catalog> {
  const driver = new SqliteDriver(':memory:');
  try {
    driver.pragma('foreign_keys = off');
    const read = async (text: string) => driver.prepare(text).all();
    const session: SqliteSession = {
      async run(text) {
        driver.exec(text);
      },
      all: read,
      transaction: (work) => work(),
    };
    for (const { statements } of revisions) {
      for (const statement of statements) await runStatement(session, statement);
      await restoreIndexes(session);
    }
    return await readSqliteCatalog(read);
  } finally {
    driver.close();
  }
}
