import { foreignKey, index, primaryKey, sqliteTable, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { JsonObject } from '../types.ts';
import { boolean, created, id, integer, json, timestamp, updated, uuid, varchar } from './columns.ts';

export const automation = sqliteTable(
  'automation',
  {
    id: id(),
    created: created(),
    updated: updated(),
    name: varchar().notNull(),
    description: varchar().notNull(),
    enabled: boolean().notNull().default(true),
    trigger: json<JsonObject>().notNull(),
    actions: json<JsonObject[]>().notNull(),
    actions_on_trigger: json<JsonObject[]>().notNull().default([]),
    actions_on_resolve: json<JsonObject[]>().notNull().default([]),
    tags: json<string[]>().notNull().default([]),
  },
  (t) => [
    primaryKey({ name: 'pk_automation', columns: [t.id] }),
    index('ix_automation__updated').on(t.updated),
  ],
);

export const automation_bucket = sqliteTable(
  'automation_bucket',
  {
    id: id(),
    created: created(),
    updated: updated(),
    automation_id: uuid().notNull(),
    trigger_id: uuid().notNull(),
    bucketing_key: json<string[]>().notNull().default([]),
    last_event: json<JsonObject>(),
    start: timestamp().notNull(),
    end: timestamp().notNull(),
    count: integer().notNull(),
    last_operation: varchar(),
    triggered_at: timestamp(),
  },
  (t) => [
    primaryKey({ name: 'pk_automation_bucket', columns: [t.id] }),
    foreignKey({
      name: 'fk_automation_bucket__automation_id__automation',
      columns: [t.automation_id],
      foreignColumns: [automation.id],
    }).onDelete('cascade'),
    index('ix_automation_bucket__updated').on(t.updated),
    index('ix_automation_bucket__automation_id__end').on(t.automation_id, t.end),
    uniqueIndex('uq_automation_bucket__automation_id__trigger_id__bucketing_key').on(
      t.automation_id,
      t.trigger_id,
      t.bucketing_key,
    ),
  ],
);

export const automation_related_resource = sqliteTable(
  'automation_related_resource',
  {
    id: id(),
    created: created(),
    updated: updated(),
    automation_id: uuid().notNull(),
    resource_id: varchar(),
    automation_owned_by_resource: boolean().notNull().default(false),
  },
  (t) => [
    primaryKey({ name: 'pk_automation_related_resource', columns: [t.id] }),
    foreignKey({
      name: 'fk_automation_related_resource__automation_id__automation',
      columns: [t.automation_id],
      foreignColumns: [automation.id],
    }).onDelete('cascade'),
    index('ix_automation_related_resource__updated').on(t.updated),
    index('ix_automation_related_resource__resource_id').on(t.resource_id),
    uniqueIndex('uq_automation_related_resource__automation_id__resource_id').on(
      t.automation_id,
      t.resource_id,
    ),
  ],
);

export const composite_trigger_child_firing = sqliteTable(
  'composite_trigger_child_firing',
  {
    id: id(),
    created: created(),
    updated: updated(),
    automation_id: uuid().notNull(),
    parent_trigger_id: uuid().notNull(),
    child_trigger_id: uuid().notNull(),
    child_firing_id: uuid().notNull(),
    child_fired_at: timestamp(),
    child_firing: json<JsonObject>().notNull(),
  },
  (t) => [
    primaryKey({ name: 'pk_composite_trigger_child_firing', columns: [t.id] }),
    foreignKey({
      name: 'fk_composite_trigger_child_firing__automation_id__automation',
      columns: [t.automation_id],
      foreignColumns: [automation.id],
    }).onDelete('cascade'),
    index('ix_composite_trigger_child_firing__updated').on(t.updated),
    uniqueIndex('uq_composite_trigger_child_firing__a_id__pt_id__ct__id').on(
      t.automation_id,
      t.parent_trigger_id,
      t.child_trigger_id,
    ),
  ],
);

export const automation_event_follower = sqliteTable(
  'automation_event_follower',
  {
    id: id(),
    created: created(),
    updated: updated(),
    leader_event_id: uuid().notNull(),
    follower_event_id: uuid().notNull(),
    received: timestamp().notNull(),
    follower: json<JsonObject>().notNull(),
    scope: varchar().notNull(),
  },
  (t) => [
    primaryKey({ name: 'pk_automation_event_follower', columns: [t.id] }),
    index('ix_automation_event_follower__updated').on(t.updated),
    index('ix_ae_follower_scope_leader').on(t.scope, t.leader_event_id),
    index('ix_automation_event_follower__leader_event_id').on(t.leader_event_id),
    index('ix_automation_event_follower__received').on(t.received),
    index('ix_automation_event_follower__scope').on(t.scope),
    uniqueIndex('uq_follower_for_scope').on(t.scope, t.follower_event_id),
  ],
);
