import { index, primaryKey, sqliteTable } from 'drizzle-orm/sqlite-core';
import { boolean, json, timestamp, uuid, varchar } from './columns.ts';

/** Background task runs that wait for a worker of their task, until one has said that it got them. */
export const _task_queue = sqliteTable(
  '_task_queue',
  {
    task_run_id: uuid().notNull(),
    task_key: varchar().notNull(),
    /** Those that are tried again go first. */
    is_retry: boolean().notNull(),
    enqueued: timestamp().notNull(),
    /** The server that hands it out now, and until when it's believed to: it may die meanwhile. */
    claim: uuid(),
    claimed_until: timestamp(),
  },
  (t) => [
    primaryKey({ name: 'pk__task_queue', columns: [t.task_run_id] }),
    index('ix__task_queue__task_key').on(t.task_key, t.is_retry, t.enqueued),
  ],
);

/** Who listens for background task runs, by whichever server. */
export const _task_worker = sqliteTable(
  '_task_worker',
  {
    identifier: varchar().notNull(),
    task_keys: json<string[]>().notNull(),
    /** When its server last saw it connected. */
    seen: timestamp().notNull(),
  },
  (t) => [primaryKey({ name: 'pk__task_worker', columns: [t.identifier] })],
);
