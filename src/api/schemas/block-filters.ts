import { annotated, nullable, optional, withDefault } from '../kinds/index.ts';
import { filter, flag, operator, text, texts, uuids } from './filter-fields.ts';

const BlockTypeFilterName = filter('BlockTypeFilterName', { like_: text });
const BlockTypeFilterSlug = filter('BlockTypeFilterSlug', { any_: texts });

export const BlockTypeFilter = filter('BlockTypeFilter', {
  name: optional(nullable(BlockTypeFilterName)),
  slug: optional(nullable(BlockTypeFilterSlug)),
});

const BlockSchemaFilterBlockTypeId = filter('BlockSchemaFilterBlockTypeId', { any_: uuids });
const BlockSchemaFilterCapabilities = filter('BlockSchemaFilterCapabilities', { all_: texts });
const BlockSchemaFilterId = filter('BlockSchemaFilterId', { any_: uuids });
const BlockSchemaFilterVersion = filter('BlockSchemaFilterVersion', { any_: texts });

export const BlockSchemaFilter = filter('BlockSchemaFilter', {
  operator,
  block_type_id: optional(nullable(BlockSchemaFilterBlockTypeId)),
  block_capabilities: optional(nullable(BlockSchemaFilterCapabilities)),
  id: optional(nullable(BlockSchemaFilterId)),
  version: optional(nullable(BlockSchemaFilterVersion)),
});

const BlockDocumentFilterId = filter('BlockDocumentFilterId', { any_: uuids });
const BlockDocumentFilterIsAnonymous = filter('BlockDocumentFilterIsAnonymous', { eq_: flag });
const BlockDocumentFilterBlockTypeId = filter('BlockDocumentFilterBlockTypeId', { any_: uuids });
const BlockDocumentFilterName = filter('BlockDocumentFilterName', { any_: texts, like_: text });

const NOT_ANONYMOUS = { eq_: false };

export const BlockDocumentFilter = filter('BlockDocumentFilter', {
  operator,
  id: optional(nullable(BlockDocumentFilterId)),
  // A filter that doesn't say leaves out anonymous blocks; one that says null takes them in.
  is_anonymous: annotated(
    withDefault(nullable(BlockDocumentFilterIsAnonymous), () => NOT_ANONYMOUS),
    { default: NOT_ANONYMOUS },
  ),
  block_type_id: optional(nullable(BlockDocumentFilterBlockTypeId)),
  name: optional(nullable(BlockDocumentFilterName)),
});
