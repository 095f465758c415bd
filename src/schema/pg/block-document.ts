import { sql } from 'drizzle-orm';
import { check, foreignKey, index, pgTable, primaryKey, uniqueIndex } from 'drizzle-orm/pg-core';
import { JsonText } from '../../json/json.ts';
import { block_schema } from './block-schema.ts';
import { block_type } from './block-type.ts';
import { boolean, created, id, jsonText, updated, uuid, varchar } from './columns.ts';

export const block_document = pgTable(
  'block_document',
  {
    id: id(),
    created: created(),
    updated: updated(),
    name: varchar().notNull(),
    data: jsonText().notNull().default(new JsonText('{}')),
    block_schema_id: uuid().notNull(),
    block_type_id: uuid().notNull(),
    is_anonymous: boolean().notNull().default(false),
    block_type_name: varchar(),
  },
  (t) => [
    primaryKey({ name: 'pk_block_document', columns: [t.id] }),
    foreignKey({
      name: 'fk_block__block_schema_id__block_schema',
      columns: [t.block_schema_id],
      foreignColumns: [block_schema.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'fk_block_document__block_type_id__block_type',
      columns: [t.block_type_id],
      foreignColumns: [block_type.id],
    }).onDelete('cascade'),
    index('ix_block_document__updated').on(t.updated),
    index('ix_block_document__block_type_name__name').on(t.block_type_name, t.name),
    index('ix_block_document__block_schema_id').on(t.block_schema_id),
    index('ix_block_document__is_anonymous').on(t.is_anonymous),
    index('ix_block_document__name').on(t.name),
    index('trgm_ix_block_document_name').using('gin', t.name.op('gin_trgm_ops')),
    uniqueIndex('uq_block__type_id_name').on(t.block_type_id, t.name),
  ],
);

export const block_document_reference = pgTable(
  'block_document_reference',
  {
    id: id(),
    created: created(),
    updated: updated(),
    name: varchar().notNull(),
    parent_block_document_id: uuid().notNull(),
    reference_block_document_id: uuid().notNull(),
  },
  (t) => [
    primaryKey({ name: 'pk_block_document_reference', columns: [t.id] }),
    check(
      'ck_block_document_reference__ck_block_document_referenc_824f',
      sql`parent_block_document_id != reference_block_document_id`,
    ),
    foreignKey({
      name: 'fk_block_document_reference__parent_block_document_id___328f',
      columns: [t.parent_block_document_id],
      foreignColumns: [block_document.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'fk_block_document_reference__reference_block_document_i_5759',
      columns: [t.reference_block_document_id],
      foreignColumns: [block_document.id],
    }).onDelete('cascade'),
    index('ix_block_document_reference__updated').on(t.updated),
    index('ix_block_document_reference__parent_block_document_id').on(t.parent_block_document_id),
    index('ix_block_document_reference__reference_block_document_id').on(t.reference_block_document_id),
  ],
);
