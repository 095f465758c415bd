import { index, pgTable, primaryKey, unique } from 'drizzle-orm/pg-core';
import { created, id, json, jsonText, updated, varchar } from './columns.ts';

export const variable = pgTable(
  'variable',
  {
    id: id(),
    created: created(),
    updated: updated(),
    name: varchar().notNull(),
    tags: json<string[]>().notNull().default([]),
    value: jsonText(),
  },
  (t) => [
    primaryKey({ name: 'pk_variable', columns: [t.id] }),
    unique('uq_variable__name').on(t.name),
    index('ix_variable__updated').on(t.updated),
  ],
);
