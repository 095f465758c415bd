import { index, pgTable, primaryKey, unique, uniqueIndex } from 'drizzle-orm/pg-core';
import { boolean, created, float, id, integer, json, updated, varchar } from './columns.ts';

export const concurrency_limit = pgTable(
  'concurrency_limit',
  {
    id: id(),
    created: created(),
    updated: updated(),
    tag: varchar().notNull(),
    concurrency_limit: integer().notNull(),
    active_slots: json<string[]>().notNull().default([]),
  },
  (t) => [
    primaryKey({ name: 'pk_concurrency_limit', columns: [t.id] }),
    index('ix_concurrency_limit__updated').on(t.updated),
    uniqueIndex('uq_concurrency_limit__tag').on(t.tag),
  ],
);

export const concurrency_limit_v2 = pgTable(
  'concurrency_limit_v2',
  {
    id: id(),
    created: created(),
    updated: updated(),
    active: boolean().notNull(),
    name: varchar().notNull(),
    limit: integer().notNull(),
    active_slots: integer().notNull(),
    denied_slots: integer().notNull(),
    slot_decay_per_second: float().notNull(),
    avg_slot_occupancy_seconds: float().notNull(),
  },
  (t) => [
    primaryKey({ name: 'pk_concurrency_limit_v2', columns: [t.id] }),
    unique('uq_concurrency_limit_v2__name').on(t.name),
    index('ix_concurrency_limit_v2__updated').on(t.updated),
  ],
);
