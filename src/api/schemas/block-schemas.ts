import {
  jsonObject,
  list,
  maybe,
  model,
  nullable,
  optional,
  parameters,
  string,
  uuid,
  withDefault,
} from '../kinds/index.ts';
import { BlockSchemaFilter } from './block-filters.ts';
import { BlockType } from './block-types.ts';
import { emptyObject } from './json-fields.ts';
import { limit, offset } from './paging.ts';
import { row } from './row.ts';

const version = withDefault(string(), 'non-versioned');

export const BlockSchema = model('BlockSchema', {
  ...row,
  checksum: string(),
  fields: optional(jsonObject()),
  block_type_id: nullable(uuid()),
  block_type: maybe(BlockType),
  capabilities: optional(list(string())),
  version,
});

export const BlockSchemaCreate = model(
  'BlockSchemaCreate',
  {
    fields: withDefault(jsonObject(), emptyObject),
    block_type_id: uuid(),
    capabilities: withDefault(list(string()), () => []),
    version,
  },
  { extra: 'forbid' },
);

export const BlockSchemasFilterBody = parameters(
  { block_schemas: optional(nullable(BlockSchemaFilter)), limit, offset },
  'Body_read_block_schemas_block_schemas_filter_post',
);

export const BlockSchemaVersionQuery = parameters({ version: maybe(string()) });
