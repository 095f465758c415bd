import { sql } from 'drizzle-orm';
import { index, primaryKey, sqliteTable, unique } from 'drizzle-orm/sqlite-core';
import type { Labels } from '../types.ts';
import { created, id, json, updated, varchar } from './columns.ts';

export const flow = sqliteTable(
  'flow',
  {
    id: id(),
    created: created(),
    updated: updated(),
    name: varchar().notNull(),
    tags: json<string[]>().notNull().default([]),
    labels: json<Labels>(),
  },
  (t) => [
    primaryKey({ name: 'pk_flow', columns: [t.id] }),
    unique('uq_flow__name').on(t.name),
    index('ix_flow__updated').on(t.updated),
    index('ix_flow__created').on(t.created),
    index('ix_flow_name_case_insensitive').on(sql`${t.name} COLLATE NOCASE`),
  ],
);
