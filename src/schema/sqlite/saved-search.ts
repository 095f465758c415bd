import { index, primaryKey, sqliteTable, unique } from 'drizzle-orm/sqlite-core';
import type { JsonObject } from '../types.ts';
import { created, id, json, updated, varchar } from './columns.ts';

export const saved_search = sqliteTable(
  'saved_search',
  {
    id: id(),
    created: created(),
    updated: updated(),
    name: varchar().notNull(),
    filters: json<JsonObject[]>().notNull().default([]),
  },
  (t) => [
    primaryKey({ name: 'pk_saved_search', columns: [t.id] }),
    unique('uq_saved_search__name').on(t.name),
    index('ix_saved_search__updated').on(t.updated),
  ],
);
