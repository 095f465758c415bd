import { index, pgTable, primaryKey } from 'drizzle-orm/pg-core';
import { id, integer, json, timestamp, uuid, varchar } from './columns.ts';

/**
 * Slots of concurrency limits that someone holds for a time. Prefect keeps them in memory, and forgets them with every
 * restart while the slots stay taken.
 */
export const _concurrency_lease = pgTable(
  '_concurrency_lease',
  {
    id: id(),
    created: timestamp().notNull(),
    expiration: timestamp().notNull(),
    /** The limits of which it holds `slots` each. */
    limit_ids: json<string[]>().notNull(),
    slots: integer().notNull(),
    /** Who said it would hold them: a flow run, a task run or a deployment. It may be gone by now. */
    holder_type: varchar(),
    holder_id: uuid(),
  },
  (t) => [
    primaryKey({ name: 'pk__concurrency_lease', columns: [t.id] }),
    index('ix__concurrency_lease__expiration').on(t.expiration),
    index('ix__concurrency_lease__holder_id').on(t.holder_id),
  ],
);
