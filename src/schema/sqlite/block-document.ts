import { sql } from 'drizzle-orm';
import { check, foreignKey, index, primaryKey, sqliteTable, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { JsonText } from '../../json/json.ts';
import { block_schema } from './block-schema.ts';
import { block_type } from './block-type.ts';
import { boolean, created, id, jsonText, updated, uuid, varchar } from './columns.ts';

export const block_document = sqliteTable(
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
    index('ix_block_document_name_case_insensitive').on(sql`${t.name} COLLATE NOCASE`),
    uniqueIndex('uq_block__type_id_name').on(t.block_type_id, t.name),
  ],
);

export const block_document_reference = sqliteTable(
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
      'ck_block_document_reference__ck_block_document_reference__no_self_reference',
      sql`parent_block_document_id != reference_block_document_id`,
    ),
    foreignKey({
      name: 'fk_block_document_reference__parent_block_document_id__block_document',
      columns: [t.parent_block_document_id],
      foreignColumns: [block_document.id],
    }).onDelete('cascade'),
    foreignKey({
      name: 'fk_block_document_reference__reference_block_document_id__block_document',
      columns: [t.reference_block_document_id],
      foreignColumns: [block_document.id],
    }).onDelete('cascade'),
    index('ix_block_document_reference__updated').on(t.updated),
    index('ix_block_document_reference__parent_block_document_id').on(t.parent_block_document_id),
    index('ix_block_document_reference__reference_block_document_id').on(t.reference_block_document_id),
  ],
);
