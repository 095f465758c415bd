import { index, primaryKey, sqliteTable } from 'drizzle-orm/sqlite-core';
import type { ResourceLabels } from '../types.ts';
import { created, id, json, jsonText, plainJson, text, timestamp, updated, uuid } from './columns.ts';

export const events = sqliteTable(
  'events',
  {
    id: id(),
    created: created(),
    updated: updated(),
    occurred: timestamp().notNull(),
    event: text().notNull(),
    resource_id: text().notNull(),
    resource: json<ResourceLabels>().notNull(),
    related_resource_ids: json<string[]>().notNull().default([]),
    related: json<ResourceLabels[]>().notNull().default([]),
    payload: jsonText().notNull(),
    received: timestamp().notNull(),
    recorded: timestamp().notNull(),
    follows: uuid(),
  },
  (t) => [
    primaryKey({ name: 'pk_events', columns: [t.id] }),
    index('ix_events__updated').on(t.updated),
    index('ix_events__event__id').on(t.event, t.id),
    index('ix_events__event_occurred').on(t.event, t.occurred),
    index('ix_events__event_occurred_id').on(t.event, t.occurred, t.id),
    index('ix_events__event_resource_id_occurred').on(t.event, t.resource_id, t.occurred),
    index('ix_events__occurred').on(t.occurred),
    index('ix_events__occurred_id').on(t.occurred, t.id),
  ],
);

export const event_resources = sqliteTable(
  'event_resources',
  {
    id: id(),
    created: created(),
    updated: updated(),
    occurred: timestamp().notNull(),
    resource_id: text().notNull(),
    resource_role: text().notNull(),
    resource: plainJson<ResourceLabels>().notNull(),
    event_id: uuid().notNull(),
  },
  (t) => [
    primaryKey({ name: 'pk_event_resources', columns: [t.id] }),
    index('ix_event_resources__updated').on(t.updated),
    index('ix_event_resources__event_id').on(t.event_id),
    index('ix_event_resources__occurred').on(t.occurred),
    index('ix_event_resources__resource_id__occurred').on(t.resource_id, t.occurred),
  ],
);
