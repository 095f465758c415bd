import { sql } from 'drizzle-orm';
import {
  foreignKey,
  index,
  type PgTableExtraConfigValue,
  pgTable,
  primaryKey,
  unique,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { JsonText } from '../../json/json.ts';
import type { JsonObject, Labels } from '../types.ts';
import { artifact } from './artifact.ts';
import { block_document } from './block-document.ts';
import {
  boolean,
  created,
  currentTime,
  id,
  integer,
  interval,
  json,
  jsonText,
  state_type,
  text,
  timestamp,
  updated,
  uuid,
  varchar,
} from './columns.ts';
import { flow } from './flow.ts';
import { task_run } from './task-run.ts';
import { work_queue } from './work-pool.ts';

export const flow_run = pgTable(
  'flow_run',
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
    total_run_time: interval().notNull().default(sql`'00:00:00'::interval`),
    flow_version: varchar(),
    parameters: jsonText().notNull().default(new JsonText('{}')),
    idempotency_key: varchar(),
    context: jsonText().notNull().default(new JsonText('{}')),
    empirical_policy: json<JsonObject>().notNull().default({}),
    tags: json<string[]>().notNull().default([]),
    auto_scheduled: boolean().notNull().default(false),
    flow_id: uuid().notNull(),
    deployment_id: uuid(),
    parent_task_run_id: uuid(),
    state_id: uuid(),
    state_name: varchar(),
    infrastructure_document_id: uuid(),
    work_queue_name: varchar(),
    state_timestamp: timestamp(),
    created_by: json<JsonObject>(),
    infrastructure_pid: varchar(),
    work_queue_id: uuid(),
    job_variables: jsonText().default(new JsonText('{}')),
    deployment_version: varchar(),
    labels: json<Labels>(),
  },
  (t): PgTableExtraConfigValue[] => [
    primaryKey({ name: 'pk_flow_run', columns: [t.id] }),
    foreignKey({
      name: 'fk_flow_run__flow_id__flow',
      columns: [t.flow_id],
      foreignColumns: [flow.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'fk_flow_run__infrastructure_document_id__block_document',
      columns: [t.infrastructure_document_id],
      foreignColumns: [block_document.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'fk_flow_run__parent_task_run_id__task_run',
      columns: [t.parent_task_run_id],
      foreignColumns: [task_run.id],
    }).onDelete('set null'),
    foreignKey({
      name: 'fk_flow_run__state_id__flow_run_state',
      columns: [t.state_id],
      foreignColumns: [flow_run_state.id],
    }).onDelete('set null'),
    foreignKey({
      name: 'fk_flow_run__work_queue_id__work_queue',
      columns: [t.work_queue_id],
      foreignColumns: [work_queue.id],
    }).onDelete('set null'),
    index('ix_flow_run__updated').on(t.updated),
    index('ix_flow_run__coalesce_start_time_expected_start_time_asc').on(
      sql`coalesce(${t.start_time}, ${t.expected_start_time})`,
    ),
    index('ix_flow_run__coalesce_start_time_expected_start_time_desc').on(
      sql`coalesce(${t.start_time}, ${t.expected_start_time}) DESC`,
    ),
    index('ix_flow_run__deployment_id').on(t.deployment_id),
    index('ix_flow_run__deployment_version').on(t.deployment_version),
    index('ix_flow_run__end_time_desc').on(t.end_time.desc().nullsFirst()),
    index('ix_flow_run__expected_start_time_desc').on(t.expected_start_time.desc().nullsFirst()),
    index('ix_flow_run__flow_id').on(t.flow_id),
    index('ix_flow_run__flow_version').on(t.flow_version),
    index('ix_flow_run__infrastructure_document_id').on(t.infrastructure_document_id),
    index('ix_flow_run__name').on(t.name),
    index('ix_flow_run__next_scheduled_start_time_asc').on(t.next_scheduled_start_time),
    index('ix_flow_run__parent_task_run_id').on(t.parent_task_run_id),
    index('ix_flow_run__schedule_id_scheduler')
      .on(t.deployment_id, sql`(${t.created_by} ->> 'id')`, t.next_scheduled_start_time)
      .where(sql`state_type = 'SCHEDULED' AND auto_scheduled = true`),
    index('ix_flow_run__scheduler_deployment_id_auto_scheduled_next_schedu')
      .on(t.deployment_id, t.auto_scheduled, t.next_scheduled_start_time)
      .where(sql`state_type = 'SCHEDULED'`),
    index('ix_flow_run__start_time').on(t.start_time),
    index('ix_flow_run__state_id').on(t.state_id),
    index('ix_flow_run__state_name').on(t.state_name),
    index('ix_flow_run__state_timestamp').on(t.state_timestamp),
    index('ix_flow_run__state_type').on(t.state_type),
    index('ix_flow_run__state_type_coalesce_start_time').on(
      t.state_type,
      sql`coalesce(${t.start_time}, ${t.expected_start_time})`,
    ),
    index('ix_flow_run__work_queue_id').on(t.work_queue_id),
    index('ix_flow_run__work_queue_id_next_scheduled_start_time')
      .on(t.work_queue_id, t.next_scheduled_start_time)
      .where(sql`state_type = 'SCHEDULED'`),
    index('ix_flow_run__work_queue_name').on(t.work_queue_name),
    index('trgm_ix_flow_run_name').using('gin', t.name.op('gin_trgm_ops')),
    uniqueIndex('uq_flow_run__flow_id_idempotency_key').on(t.flow_id, t.idempotency_key),
  ],
);

export const flow_run_state = pgTable(
  'flow_run_state',
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
    flow_run_id: uuid().notNull(),
    result_artifact_id: uuid(),
  },
  (t): PgTableExtraConfigValue[] => [
    primaryKey({ name: 'pk_flow_run_state', columns: [t.id] }),
    foreignKey({
      name: 'fk_flow_run_state__flow_run_id__flow_run',
      columns: [t.flow_run_id],
      foreignColumns: [flow_run.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'fk_flow_run_state__result_artifact_id__artifact',
      columns: [t.result_artifact_id],
      foreignColumns: [artifact.id],
    }).onDelete('set null'),
    index('ix_flow_run_state__updated').on(t.updated),
    index('ix_flow_run_state__name').on(t.name),
    index('ix_flow_run_state__result_artifact_id').on(t.result_artifact_id),
    index('ix_flow_run_state__type').on(t.type),
    uniqueIndex('uq_flow_run_state__flow_run_id_timestamp_desc').on(
      t.flow_run_id,
      t.timestamp.desc().nullsFirst(),
    ),
  ],
);

export const flow_run_input = pgTable(
  'flow_run_input',
  {
    id: id(),
    created: created(),
    updated: updated(),
    key: varchar().notNull(),
    value: text().notNull(),
    flow_run_id: uuid().notNull(),
    sender: varchar(),
  },
  (t) => [
    primaryKey({ name: 'pk_flow_run_input', columns: [t.id] }),
    unique('uq_flow_run_input__flow_run_id_key').on(t.flow_run_id, t.key),
    foreignKey({
      name: 'fk_flow_run_input__flow_run_id__flow_run',
      columns: [t.flow_run_id],
      foreignColumns: [flow_run.id],
    }).onDelete('cascade'),
    index('ix_flow_run_input__updated').on(t.updated),
  ],
);
