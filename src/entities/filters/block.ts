import { defineFilter, type FilterInput } from './filter.ts';
import { any, hasAll, isEqual, like } from './operators.ts';

export const blockTypeFilter = defineFilter(({ block_type }) => ({
  name: { like_: like(block_type.name) },
  slug: { any_: any(block_type.slug) },
}));

export const blockSchemaFilter = defineFilter(({ block_schema }) => ({
  block_type_id: { any_: any(block_schema.block_type_id) },
  block_capabilities: { all_: hasAll(block_schema.capabilities) },
  id: { any_: any(block_schema.id) },
  version: { any_: any(block_schema.version) },
}));

export const blockDocumentFilter = defineFilter(({ block_document }) => ({
  id: { any_: any(block_document.id) },
  is_anonymous: { eq_: isEqual(block_document.is_anonymous) },
  block_type_id: { any_: any(block_document.block_type_id) },
  name: { any_: any(block_document.name), like_: like(block_document.name) },
}));

export type BlockTypeFilter = FilterInput<typeof blockTypeFilter>;
export type BlockSchemaFilter = FilterInput<typeof blockSchemaFilter>;
export type BlockDocumentFilter = FilterInput<typeof blockDocumentFilter>;
