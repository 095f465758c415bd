import { index, primaryKey, sqliteTable, unique } from 'drizzle-orm/sqlite-core';
import { created, id, jsonText, updated, varchar } from './columns.ts';

export const configuration = sqliteTable(
  'configuration',
  {
    id: id(),
    created: created(),
    updated: updated(),
    key: varchar().notNull(),
    value: jsonText().notNull(),
  },
  (t) => [
    primaryKey({ name: 'pk_configuration', columns: [t.id] }),
    unique('uq_configuration__key').on(t.key),
    index('ix_configuration__updated').on(t.updated),
    index('ix_configuration__key').on(t.key),
  ],
);
