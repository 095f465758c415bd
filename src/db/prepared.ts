import type { Database } from './database.ts';

/**
 * A query that is built once a database, for the hot paths: building costs more than running (the bench prints both).
 *
 * @example
 * const byId = prepared((db) => db.orm.select().from(db.tables.flow)
 *   .where(eq(db.tables.flow.id, sql.placeholder('id'))).prepare('flow_by_id'));
 * const rows = await byId(db).execute({ id });
 */
export function prepared<Query>(build: (db: Database) => Query): (db: Database) => Query {
  const built = new WeakMap<Database, Query>();
  return (db) => {
    let query = built.get(db);
    if (!query) {
      query = build(db);
      built.set(db, query);
    }
    return query;
  };
}
