import { foreignKey, index, pgTable, primaryKey, uniqueIndex } from 'drizzle-orm/pg-core';
import { JsonText } from '../../json/json.ts';
import { block_type } from './block-type.ts';
import { created, id, json, jsonText, updated, uuid, varchar } from './columns.ts';

export const block_schema = pgTable(
  'block_schema',
  {
    id: id(),
    created: created(),
    updated: updated(),
    fields: jsonText().notNull().default(new JsonText('{}')),
    block_type_id: uuid().notNull(),
    checksum: varchar().notNull(),
    capabilities: json<string[]>().notNull().default([]),
    version: varchar().notNull().default('non-versioned'),
  },
  (t) => [
    primaryKey({ name: 'pk_block_schema', columns: [t.id] }),
    foreignKey({
      name: 'fk_block_schema__block_type_id__block_type',
      columns: [t.block_type_id],
      foreignColumns: [block_type.id],
    }).onDelete('cascade'),
    index('ix_block_schema__updated').on(t.updated),
    index('ix_block_schema__block_type_id').on(t.block_type_id),
    index('ix_block_schema__capabilities').using('gin', t.capabilities),
    index('ix_block_schema__created').on(t.created),
    uniqueIndex('uq_block_schema__checksum_version').on(t.checksum, t.version),
  ],
);

export const block_schema_reference = pgTable(
  'block_schema_reference',
  {
    id: id(),
    created: created(),
    updated: updated(),
    name: varchar().notNull(),
    parent_block_schema_id: uuid().notNull(),
    reference_block_schema_id: uuid().notNull(),
  },
  (t) => [
    primaryKey({ name: 'pk_block_schema_reference', columns: [t.id] }),
    foreignKey({
      name: 'fk_block_schema_reference__parent_block_schema_id__block_schema',
      columns: [t.parent_block_schema_id],
      foreignColumns: [block_schema.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'fk_block_schema_reference__reference_block_schema_id__b_6e5d',
      columns: [t.reference_block_schema_id],
      foreignColumns: [block_schema.id],
    }).onDelete('cascade'),
    index('ix_block_schema_reference__updated').on(t.updated),
    index('ix_block_schema_reference__parent_block_schema_id').on(t.parent_block_schema_id),
    index('ix_block_schema_reference__reference_block_schema_id').on(t.reference_block_schema_id),
  ],
);
