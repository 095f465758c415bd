import { sql } from 'drizzle-orm';
import {
  foreignKey,
  index,
  primaryKey,
  type SQLiteTableExtraConfigValue,
  sqliteTable,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core';
import type { JsonObject, Labels } from '../types.ts';
import { artifact } from './artifact.ts';
import {
  created,
  currentTime,
  id,
  integer,
  interval,
  json,
  jsonText,
  state_type,
  timestamp,
  updated,
  uuid,
  varchar,
} from './columns.ts';
import { flow_run } from './flow-run.ts';

export const task_run = sqliteTable(
  'task_run',
  {
    id: id(),
    created: created(),
    updated: updated(),
    name: varchar().notNull(),
    state_type: state_type(),
    run_count: integer().notNull().default(0),
    expected_start_time: timestamp(),
    next_scheduled_start_time: timestamp(),
    start_time: timestamp(),
    end_time: timestamp(),
    total_run_time: interval().notNull().default(0),
    task_key: varchar().notNull(),
    dynamic_key: varchar().notNull(),
    cache_key: varchar(),
    cache_expiration: timestamp(),
    task_version: varchar(),
    empirical_policy: json<JsonObject>().notNull().default({}),
    task_inputs: json<JsonObject>().notNull().default({}),
    tags: json<string[]>().notNull().default([]),
    flow_run_id: uuid(),
    state_id: uuid(),
    state_name: varchar(),
    state_timestamp: timestamp(),
    flow_run_run_count: integer().notNull().default(0),
    labels: json<Labels>(),
  },
  (t): SQLiteTableExtraConfigValue[] => [
    primaryKey({ name: 'pk_task_run', columns: [t.id] }),
    foreignKey({
      name: 'fk_task_run__flow_run_id__flow_run',
      columns: [t.flow_run_id],
      foreignColumns: [flow_run.id],
    }).onDelete('cascade'),
    index('ix_task_run__updated').on(t.updated),
    index('ix_task_run__end_time_desc').on(sql`${t.end_time} DESC`),
    index('ix_task_run__expected_start_time_desc').on(sql`${t.expected_start_time} DESC`),
    index('ix_task_run__flow_run_id').on(t.flow_run_id),
    index('ix_task_run__name').on(t.name),
    index('ix_task_run__next_scheduled_start_time_asc').on(t.next_scheduled_start_time),
    index('ix_task_run__start_time').on(t.start_time),
    index('ix_task_run__state_id').on(t.state_id),
    index('ix_task_run__state_name').on(t.state_name),
    index('ix_task_run__state_timestamp').on(t.state_timestamp),
    index('ix_task_run__state_type').on(t.state_type),
    index('ix_task_run__state_type_start_time').on(t.state_type, t.start_time),
    index('ix_task_run_name_case_insensitive').on(sql`${t.name} COLLATE NOCASE`),
    uniqueIndex('uq_task_run__flow_run_id_task_key_dynamic_key').on(t.flow_run_id, t.task_key, t.dynamic_key),
  ],
);

export const task_run_state = sqliteTable(
  'task_run_state',
  {
    id: id(),
    created: created(),
    updated: updated(),
    type: state_type().notNull(),
    timestamp: timestamp().notNull().default(currentTime),
    name: varchar().notNull(),
    message: varchar(),
    state_details: json<JsonObject>().notNull().default({}),
    data: jsonText(),
    task_run_id: uuid().notNull(),
    result_artifact_id: uuid(),
  },
  (t): SQLiteTableExtraConfigValue[] => [
    primaryKey({ name: 'pk_task_run_state', columns: [t.id] }),
    foreignKey({
      name: 'fk_task_run_state__result_artifact_id__artifact',
      columns: [t.result_artifact_id],
      foreignColumns: [artifact.id],
    }).onDelete('set null'),
    foreignKey({
      name: 'fk_task_run_state__task_run_id__task_run',
      columns: [t.task_run_id],
      foreignColumns: [task_run.id],
    }).onDelete('cascade'),
    index('ix_task_run_state__updated').on(t.updated),
    index('ix_task_run_state__name').on(t.name),
    index('ix_task_run_state__result_artifact_id').on(t.result_artifact_id),
    index('ix_task_run_state__type').on(t.type),
    uniqueIndex('uq_task_run_state__task_run_id_timestamp_desc').on(t.task_run_id, sql`${t.timestamp} DESC`),
  ],
);

export const task_run_state_cache = sqliteTable(
  'task_run_state_cache',
  {
    id: id(),
    created: created(),
    updated: updated(),
    cache_key: varchar().notNull(),
    cache_expiration: timestamp(),
    task_run_state_id: uuid().notNull(),
  },
  (t) => [
    primaryKey({ name: 'pk_task_run_state_cache', columns: [t.id] }),
    index('ix_task_run_state_cache__updated').on(t.updated),
    index('ix_task_run_state_cache__cache_key_created_desc').on(t.cache_key, sql`${t.created} DESC`),
  ],
);
