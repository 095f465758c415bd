import { asc, eq } from 'drizzle-orm';
import type { Database, Tables } from '../db/database.ts';
import { now } from '../time/timestamp.ts';
import type { Part } from './list.ts';

export type SavedSearch = Tables['saved_search']['$inferSelect'];
export type SavedSearchCreate = Pick<SavedSearch, 'name' | 'filters'>;

/** Makes the search of this name, or gives it other filters; Prefect leaves `updated` as it was then. */
export async function saveSearch(db: Database, { name, filters }: SavedSearchCreate): Promise<SavedSearch> {
  const { saved_search: searches } = db.tables;
  const moment = now();
  const [saved] = await db.orm
    .insert(searches)
    .values({ name, filters, created: moment, updated: moment })
    .onConflictDoUpdate({ target: searches.name, set: { filters, updated: searches.updated } })
    .returning();
  return saved!;
}

export async function readSavedSearch(db: Database, id: string): Promise<SavedSearch | undefined> {
  const { saved_search } = db.tables;
  const [row] = await db.orm.select().from(saved_search).where(eq(saved_search.id, id));
  return row;
}

export function findSavedSearches(db: Database, { limit, offset }: Part): Promise<SavedSearch[]> {
  const { saved_search } = db.tables;
  return db.longRead(async () =>
    db.orm.select().from(saved_search).orderBy(asc(saved_search.name)).limit(limit).offset(offset),
  );
}

/** False when there is no such search. */
export async function deleteSavedSearch(db: Database, id: string): Promise<boolean> {
  const { saved_search } = db.tables;
  const rows = await db.orm
    .delete(saved_search)
    .where(eq(saved_search.id, id))
    .returning({ id: saved_search.id });
  return rows.length > 0;
}
