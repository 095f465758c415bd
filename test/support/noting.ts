import { createDatabase } from '../../src/db/ambient.ts';
import type { Database } from '../../src/db/database.ts';
import type { Engine, Statement } from '../../src/db/engine.ts';
import { openPg } from '../../src/db/pg/open.ts';
import { openSqlite } from '../../src/db/sqlite/open.ts';
import type { DatabaseTarget } from '../../src/settings/settings.ts';

export interface Noting {
  db: Database;
  /** Asked directly, nothing is noted. */
  engine: Engine;
  /** What has been run outside of transactions; empty it with `length = 0`. */
  sent: Statement[];
}

/** A database that notes the statements it runs, for a look at how the engine runs them. */
export async function openNoting(target: DatabaseTarget): Promise<Noting> {
  const engine = target.backend === 'sqlite' ? openSqlite(target) : await openPg(target);
  const sent: Statement[] = [];
  const db = createDatabase({
    ...engine,
    run(statement, shape, long) {
      sent.push({ sql: statement.sql, params: [...statement.params] });
      return engine.run(statement, shape, long);
    },
  });
  return { db, engine, sent };
}
