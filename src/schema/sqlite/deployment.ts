import { sql } from 'drizzle-orm';
import { foreignKey, index, primaryKey, sqliteTable, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { JsonText } from '../../json/json.ts';
import type { JsonObject, Labels } from '../types.ts';
import { block_document } from './block-document.ts';
import {
  boolean,
  created,
  deployment_status,
  id,
  integer,
  json,
  jsonText,
  text,
  timestamp,
  updated,
  uuid,
  varchar,
} from './columns.ts';
import { concurrency_limit_v2 } from './concurrency-limit.ts';
import { flow } from './flow.ts';
import { work_queue } from './work-pool.ts';

export const deployment = sqliteTable(
  'deployment',
  {
    id: id(),
    created: created(),
    updated: updated(),
    name: varchar().notNull(),
    tags: json<string[]>().notNull().default([]),
    parameters: jsonText().notNull().default(new JsonText('{}')),
    flow_id: uuid().notNull(),
    description: text(),
    infrastructure_document_id: uuid(),
    parameter_openapi_schema: jsonText(),
    storage_document_id: uuid(),
    version: varchar(),
    infra_overrides: jsonText().notNull().default(new JsonText('{}')),
    path: varchar(),
    entrypoint: varchar(),
    work_queue_name: varchar(),
    created_by: json<JsonObject>(),
    updated_by: json<JsonObject>(),
    work_queue_id: uuid(),
    pull_steps: jsonText(),
    enforce_parameter_schema: boolean().notNull().default(false),
    last_polled: timestamp(),
    paused: boolean().notNull().default(false),
    status: deployment_status().notNull().default('NOT_READY'),
    concurrency_limit: integer(),
    concurrency_options: json<JsonObject>(),
    concurrency_limit_id: uuid(),
    labels: json<Labels>(),
    version_id: uuid(),
  },
  (t) => [
    primaryKey({ name: 'pk_deployment', columns: [t.id] }),
    foreignKey({
      name: 'fk_deployment__concurrency_limit_id__concurrency_limit_v2',
      columns: [t.concurrency_limit_id],
      foreignColumns: [concurrency_limit_v2.id],
    }).onDelete('set null'),
    foreignKey({
      name: 'fk_deployment__flow_id__flow',
      columns: [t.flow_id],
      foreignColumns: [flow.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'fk_deployment__infrastructure_document_id__block_document',
      columns: [t.infrastructure_document_id],
      foreignColumns: [block_document.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'fk_deployment__storage_document_id__block_document',
      columns: [t.storage_document_id],
      foreignColumns: [block_document.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'fk_deployment__work_queue_id__work_queue',
      columns: [t.work_queue_id],
      foreignColumns: [work_queue.id],
    }).onDelete('set null'),
    index('ix_deployment__updated').on(t.updated),
    index('ix_deployment__created').on(t.created),
    index('ix_deployment__flow_id').on(t.flow_id),
    index('ix_deployment__paused').on(t.paused),
    index('ix_deployment__version_id').on(t.version_id),
    index('ix_deployment__work_queue_id').on(t.work_queue_id),
    index('ix_deployment__work_queue_name').on(t.work_queue_name),
    index('ix_deployment_name_case_insensitive').on(sql`${t.name} COLLATE NOCASE`),
    uniqueIndex('uq_deployment__flow_id_name').on(t.flow_id, t.name),
  ],
);

export const deployment_schedule = sqliteTable(
  'deployment_schedule',
  {
    id: id(),
    created: created(),
    updated: updated(),
    schedule: json<JsonObject>().notNull(),
    active: boolean().notNull(),
    deployment_id: uuid().notNull(),
    max_scheduled_runs: integer(),
    parameters: jsonText().notNull().default(new JsonText('{}')),
    slug: varchar(),
  },
  (t) => [
    primaryKey({ name: 'pk_deployment_schedule', columns: [t.id] }),
    foreignKey({
      name: 'fk_deployment_schedule__deployment_id__deployment',
      columns: [t.deployment_id],
      foreignColumns: [deployment.id],
    }).onDelete('cascade'),
    index('ix_deployment_schedule__updated').on(t.updated),
    index('ix_deployment_schedule__deployment_id').on(t.deployment_id),
    uniqueIndex('ix_deployment_schedule__deployment_id__slug')
      .on(t.deployment_id, t.slug)
      .where(sql`slug IS NOT NULL`),
    index('ix_deployment_schedule__slug').on(t.slug),
  ],
);

/** Part of Prefect's database, though nothing of Prefect reads or writes it; here so that a database can be given back. */
export const deployment_version = sqliteTable(
  'deployment_version',
  {
    id: id(),
    created: created(),
    updated: updated(),
    deployment_id: uuid().notNull(),
    branch: varchar(),
    version_info: jsonText().notNull().default(new JsonText('{}')),
    description: text(),
    tags: json<string[]>().notNull().default([]),
    labels: json<Labels>(),
    entrypoint: varchar(),
    pull_steps: jsonText(),
    parameters: jsonText().notNull().default(new JsonText('{}')),
    parameter_openapi_schema: jsonText(),
    enforce_parameter_schema: boolean().notNull().default(false),
    work_queue_id: uuid(),
    work_queue_name: varchar(),
    infra_overrides: jsonText().notNull().default(new JsonText('{}')),
  },
  (t) => [
    primaryKey({ name: 'pk_deployment_version', columns: [t.id] }),
    foreignKey({
      name: 'fk_deployment_version__deployment_id__deployment',
      columns: [t.deployment_id],
      foreignColumns: [deployment.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'fk_deployment_version__work_queue_id__work_queue',
      columns: [t.work_queue_id],
      foreignColumns: [work_queue.id],
    }).onDelete('set null'),
    index('ix_deployment_version__updated').on(t.updated),
    index('ix_deployment_version__deployment_id').on(t.deployment_id),
    index('ix_deployment_version__work_queue_id').on(t.work_queue_id),
    index('ix_deployment_version__work_queue_name').on(t.work_queue_name),
    uniqueIndex('uq_deployment_version__deployment__branch').on(t.deployment_id, t.branch),
  ],
);
