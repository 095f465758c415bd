import { sql } from 'drizzle-orm';
import { index, primaryKey, sqliteTable, unique } from 'drizzle-orm/sqlite-core';
import type { JsonObject } from '../types.ts';
import { created, id, plainJson, plainJsonText, updated, uuid, varchar } from './columns.ts';

export const artifact = sqliteTable(
  'artifact',
  {
    id: id(),
    created: created(),
    updated: updated(),
    key: varchar(),
    type: varchar(),
    data: plainJsonText(),
    metadata_: plainJson<JsonObject>(),
    task_run_id: uuid(),
    flow_run_id: uuid(),
    description: varchar(),
  },
  (t) => [
    primaryKey({ name: 'pk_artifact', columns: [t.id] }),
    index('ix_artifact__updated').on(t.updated),
    index('ix_artifact__created').on(t.created),
    index('ix_artifact__flow_run_id').on(t.flow_run_id),
    index('ix_artifact__key').on(t.key),
    index('ix_artifact__key_created_desc').on(t.key, sql`${t.created} DESC`),
    index('ix_artifact__task_run_id').on(t.task_run_id),
  ],
);

export const artifact_collection = sqliteTable(
  'artifact_collection',
  {
    id: id(),
    created: created(),
    updated: updated(),
    key: varchar().notNull(),
    latest_id: uuid().notNull(),
    task_run_id: uuid(),
    flow_run_id: uuid(),
    type: varchar(),
    data: plainJsonText(),
    description: varchar(),
    metadata_: plainJson<JsonObject>(),
  },
  (t) => [
    primaryKey({ name: 'pk_artifact_collection', columns: [t.id] }),
    unique('uq_artifact_collection__key').on(t.key),
    index('ix_artifact_collection__updated').on(t.updated),
    index('ix_artifact_collection__key_latest_id').on(t.key, t.latest_id),
  ],
);
