import { index, pgTable, primaryKey, unique } from 'drizzle-orm/pg-core';
import { created, id, timestamp, updated, varchar } from './columns.ts';

export const csrf_token = pgTable(
  'csrf_token',
  {
    id: id(),
    created: created(),
    updated: updated(),
    token: varchar().notNull(),
    client: varchar().notNull(),
    expiration: timestamp().notNull(),
  },
  (t) => [
    primaryKey({ name: 'pk_csrf_token', columns: [t.id] }),
    unique('uq_csrf_token__client').on(t.client),
    index('ix_csrf_token__updated').on(t.updated),
  ],
);
