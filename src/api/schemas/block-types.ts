import {
  bool,
  checked,
  maybe,
  model,
  nullable,
  optional,
  parameters,
  string,
  withDefault,
} from '../kinds/index.ts';
import { BlockSchemaFilter, BlockTypeFilter } from './block-filters.ts';
import { NAME } from './names.ts';
import { limit, offset } from './paging.ts';
import { row } from './row.ts';

const text = maybe(string());

export const BlockType = model('BlockType', {
  ...row,
  name: string({ pattern: NAME }),
  slug: string(),
  logo_url: text,
  documentation_url: text,
  description: text,
  code_example: text,
  is_protected: withDefault(bool(), false),
});

export const BlockTypeCreate = model(
  'BlockTypeCreate',
  {
    name: string({ pattern: NAME }),
    slug: checked(string(), (slug) =>
      /^[a-z0-9-]*$/.test(slug)
        ? undefined
        : 'Block type slug must only contain lowercase letters, numbers, and dashes.',
    ),
    logo_url: text,
    documentation_url: text,
    description: text,
    code_example: text,
  },
  { extra: 'forbid' },
);

const change = optional(nullable(string()));

export const BlockTypeUpdate = model(
  'BlockTypeUpdate',
  { logo_url: change, documentation_url: change, description: change, code_example: change },
  { extra: 'forbid' },
);

export const BlockTypesFilterBody = parameters(
  {
    block_types: optional(nullable(BlockTypeFilter)),
    block_schemas: optional(nullable(BlockSchemaFilter)),
    limit,
    offset,
  },
  'Body_read_block_types_block_types_filter_post',
);
