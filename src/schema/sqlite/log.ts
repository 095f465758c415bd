import { index, primaryKey, sqliteTable } from 'drizzle-orm/sqlite-core';
import { created, id, smallint, text, timestamp, updated, uuid, varchar } from './columns.ts';

export const log = sqliteTable(
  'log',
  {
    id: id(),
    created: created(),
    updated: updated(),
    name: varchar().notNull(),
    level: smallint().notNull(),
    flow_run_id: uuid(),
    task_run_id: uuid(),
    message: text().notNull(),
    timestamp: timestamp().notNull(),
  },
  (t) => [
    primaryKey({ name: 'pk_log', columns: [t.id] }),
    index('ix_log__updated').on(t.updated),
    index('ix_log__flow_run_id').on(t.flow_run_id),
    index('ix_log__flow_run_id_timestamp').on(t.flow_run_id, t.timestamp),
    index('ix_log__level').on(t.level),
    index('ix_log__task_run_id').on(t.task_run_id),
    index('ix_log__timestamp').on(t.timestamp),
  ],
);
