import { index, pgTable, primaryKey } from 'drizzle-orm/pg-core';
import { integer, json, timestamp, uuid, varchar } from './columns.ts';

/**
 * What workers are asked to take down, because the run that it belonged to is over: until one has said that it's done,
 * or too many have tried. Prefect keeps these in memory.
 */
export const _cleanup_message = pgTable(
  '_cleanup_message',
  {
    id: uuid().notNull(),
    created: timestamp().notNull(),
    work_pool_id: uuid().notNull(),
    work_queue_id: uuid(),
    kind: varchar().notNull(),
    target: json<{ flow_run_id: string; infrastructure_pid: string | null }>().notNull(),
    delivery_count: integer().notNull(),
    /** What the worker that has it now must show. */
    reservation_token: varchar(),
    lease_expires_at: timestamp(),
  },
  (t) => [
    primaryKey({ name: 'pk__cleanup_message', columns: [t.id] }),
    index('ix__cleanup_message__work_pool_id').on(t.work_pool_id, t.created),
    index('ix__cleanup_message__lease_expires_at').on(t.lease_expires_at),
  ],
);
