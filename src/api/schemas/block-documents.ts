import type { output } from 'zod';
import {
  annotated,
  bool,
  checked,
  dict,
  enumeration,
  isObject,
  jsonObject,
  kind,
  maybe,
  model,
  nullable,
  optional,
  parameters,
  refuseValue,
  string,
  uuid,
  withDefault,
} from '../kinds/index.ts';
import { BlockDocumentFilter, BlockSchemaFilter, BlockTypeFilter } from './block-filters.ts';
import { BlockSchema } from './block-schemas.ts';
import { BlockType } from './block-types.ts';
import { emptyObject } from './json-fields.ts';
import { isEmpty, NAME } from './names.ts';
import { limit, offset } from './paging.ts';
import { row } from './row.ts';

export const BlockDocumentSort = enumeration('BlockDocumentSort', [
  'NAME_DESC',
  'NAME_ASC',
  'BLOCK_TYPE_AND_NAME_ASC',
]);

export const BlockDocument = model('BlockDocument', {
  ...row,
  name: maybe(string({ pattern: NAME })),
  data: optional(jsonObject()),
  block_schema_id: uuid(),
  block_schema: maybe(BlockSchema),
  block_type_id: uuid(),
  block_type_name: maybe(string()),
  block_type: maybe(BlockType),
  block_document_references: optional(dict(jsonObject())),
  is_anonymous: withDefault(bool(), false),
});

const documentName = checked(string({ pattern: NAME }), (name) =>
  /^[a-z0-9-]*$/.test(name)
    ? undefined
    : 'Block document name must only contain lowercase letters, numbers, and dashes.',
);

const documentCreate = model(
  'BlockDocumentCreate',
  {
    name: maybe(documentName),
    data: withDefault(jsonObject(), emptyObject),
    block_schema_id: uuid(),
    block_type_id: uuid(),
    is_anonymous: withDefault(bool(), false),
  },
  { extra: 'forbid' },
);

/** Looks at what was sent before all else, as Prefect does: nothing else is said when a name is missing. */
export const BlockDocumentCreate = kind<output<typeof documentCreate>>((value, issues) => {
  if (isObject(value) && isEmpty(value['is_anonymous'] ?? null) && isEmpty(value['name'] ?? null))
    return refuseValue(issues, 'Names must be provided for block documents.', value);
  return documentCreate.read(value, issues);
}, documentCreate.schema);

export const BlockDocumentUpdate = model(
  'BlockDocumentUpdate',
  {
    block_schema_id: optional(nullable(uuid())),
    data: optional(jsonObject()),
    merge_existing_data: withDefault(bool(), true),
  },
  { extra: 'forbid' },
);

const filters = {
  block_documents: optional(nullable(BlockDocumentFilter)),
  block_types: optional(nullable(BlockTypeFilter)),
  block_schemas: optional(nullable(BlockSchemaFilter)),
};

const include_secrets = withDefault(bool(), false);

export const BlockDocumentsFilterBody = parameters(
  {
    limit,
    ...filters,
    include_secrets,
    sort: annotated(withDefault(nullable(BlockDocumentSort), 'NAME_ASC'), { default: 'NAME_ASC' }),
    offset,
  },
  'Body_read_block_documents_block_documents_filter_post',
);

export const BlockDocumentsCountBody = parameters(
  filters,
  'Body_count_block_documents_block_documents_count_post',
);

export const SecretsQuery = parameters({ include_secrets });
