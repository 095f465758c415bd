import {
  foreignKey,
  index,
  primaryKey,
  type SQLiteTableExtraConfigValue,
  sqliteTable,
  unique,
} from 'drizzle-orm/sqlite-core';
import { JsonText } from '../../json/json.ts';
import type { JsonObject } from '../types.ts';
import {
  boolean,
  created,
  currentTime,
  id,
  integer,
  json,
  jsonText,
  timestamp,
  updated,
  uuid,
  varchar,
  work_pool_status,
  work_queue_status,
  worker_status,
} from './columns.ts';

export const work_pool = sqliteTable(
  'work_pool',
  {
    id: id(),
    created: created(),
    updated: updated(),
    name: varchar().notNull(),
    description: varchar(),
    type: varchar().notNull(),
    base_job_template: jsonText().notNull().default(new JsonText('{}')),
    is_paused: boolean().notNull().default(false),
    concurrency_limit: integer(),
    default_queue_id: uuid(),
    status: work_pool_status().notNull().default('NOT_READY'),
    last_transitioned_status_at: timestamp(),
    last_status_event_id: uuid(),
    storage_configuration: json<JsonObject>().notNull().default({}),
  },
  (t): SQLiteTableExtraConfigValue[] => [
    primaryKey({ name: 'pk_work_pool', columns: [t.id] }),
    unique('uq_work_pool__name').on(t.name),
    foreignKey({
      name: 'fk_work_pool__default_queue_id__work_queue',
      columns: [t.default_queue_id],
      foreignColumns: [work_queue.id],
    }).onDelete('restrict'),
    index('ix_work_pool__updated').on(t.updated),
    index('ix_work_pool__type').on(t.type),
  ],
);

export const work_queue = sqliteTable(
  'work_queue',
  {
    id: id(),
    created: created(),
    updated: updated(),
    name: varchar().notNull(),
    filter: json<JsonObject>(),
    description: varchar().notNull().default(''),
    is_paused: boolean().notNull().default(false),
    concurrency_limit: integer(),
    last_polled: timestamp(),
    priority: integer().notNull().default(1),
    work_pool_id: uuid().notNull(),
    status: work_queue_status().notNull().default('NOT_READY'),
  },
  (t): SQLiteTableExtraConfigValue[] => [
    primaryKey({ name: 'pk_work_queue', columns: [t.id] }),
    unique('uq_work_queue__work_pool_id_name').on(t.work_pool_id, t.name),
    foreignKey({
      name: 'fk_work_queue__work_pool_id__work_pool',
      columns: [t.work_pool_id],
      foreignColumns: [work_pool.id],
    }).onDelete('cascade'),
    index('ix_work_queue__updated').on(t.updated),
    index('ix_work_queue__work_pool_id').on(t.work_pool_id),
    index('ix_work_queue__work_pool_id_priority').on(t.work_pool_id, t.priority),
  ],
);

export const worker = sqliteTable(
  'worker',
  {
    id: id(),
    created: created(),
    updated: updated(),
    name: varchar().notNull(),
    last_heartbeat_time: timestamp().notNull().default(currentTime),
    work_pool_id: uuid().notNull(),
    heartbeat_interval_seconds: integer(),
    status: worker_status().notNull().default('OFFLINE'),
  },
  (t) => [
    primaryKey({ name: 'pk_worker', columns: [t.id] }),
    unique('uq_worker__work_pool_id_name').on(t.work_pool_id, t.name),
    foreignKey({
      name: 'fk_worker__work_pool_id__work_pool',
      columns: [t.work_pool_id],
      foreignColumns: [work_pool.id],
    }).onDelete('cascade'),
    index('ix_worker__updated').on(t.updated),
    index('ix_worker__work_pool_id').on(t.work_pool_id),
    index('ix_worker__work_pool_id_last_heartbeat_time').on(t.work_pool_id, t.last_heartbeat_time),
  ],
);

export const agent = sqliteTable(
  'agent',
  {
    id: id(),
    created: created(),
    updated: updated(),
    name: varchar().notNull(),
    last_activity_time: timestamp().notNull().default(currentTime),
    work_queue_id: uuid().notNull(),
  },
  (t) => [
    primaryKey({ name: 'pk_agent', columns: [t.id] }),
    unique('uq_agent__name').on(t.name),
    foreignKey({
      name: 'fk_agent__work_queue_id__work_queue',
      columns: [t.work_queue_id],
      foreignColumns: [work_queue.id],
    }),
    index('ix_agent__updated').on(t.updated),
    index('ix_agent__work_queue_id').on(t.work_queue_id),
  ],
);
