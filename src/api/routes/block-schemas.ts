import { BadReference } from '../../entities/block/fields.ts';
import { createBlockSchema, deleteBlockSchema } from '../../entities/block/schema.ts';
import { MissingBlockType } from '../../entities/block/schema-insert.ts';
import {
  findBlockSchemas,
  readBlockCapabilities,
  readBlockSchema,
  readBlockSchemaByChecksum,
} from '../../entities/block/schema-query.ts';
import { readBlockType } from '../../entities/block/type.ts';
import { detail, errors } from '../../errors.ts';
import { list, string } from '../kinds/index.ts';
import { partOf } from '../paging.ts';
import { defineRoute, Reply } from '../route.ts';
import {
  BlockSchema,
  BlockSchemaCreate,
  BlockSchemasFilterBody,
  BlockSchemaVersionQuery,
} from '../schemas/block-schemas.ts';

const tag = 'Block schemas';

const notFound = () => errors.notFound('Block schema');

export const blockSchemaRoutes = [
  defineRoute({
    method: 'post',
    path: '/block_schemas/',
    summary: 'Create Block Schema',
    tag,
    body: BlockSchemaCreate,
    response: BlockSchema,
    status: 201,
    handler: async ({ body }, { db }) => {
      const type = await readBlockType(db, body.block_type_id);
      if (!type) throw detail(404, `Block type ${body.block_type_id} not found.`);
      try {
        const { schema, isNew } = await createBlockSchema(db, type, body);
        return new Reply(isNew ? 201 : 200, schema);
      } catch (error) {
        if (error instanceof MissingBlockType) throw errors.conflict(error.message);
        throw error instanceof BadReference ? errors.unprocessable(error.message) : error;
      }
    },
  }),
  defineRoute({
    method: 'delete',
    path: '/block_schemas/{id:uuid}',
    summary: 'Delete Block Schema',
    tag,
    status: 204,
    handler: ({ params }, { db }) =>
      db.transaction(async () => {
        const schema = await readBlockSchema(db, params.id!);
        if (!schema) throw notFound();
        if (schema.block_type.is_protected)
          throw detail(403, 'Block schemas for protected block types cannot be deleted.');
        await deleteBlockSchema(db, schema.id);
      }),
  }),
  defineRoute({
    method: 'post',
    path: '/block_schemas/filter',
    summary: 'Read Block Schemas',
    tag,
    body: BlockSchemasFilterBody,
    response: list(BlockSchema),
    handler: ({ body }, context) => findBlockSchemas(context.db, body.block_schemas, partOf(body, context)),
  }),
  defineRoute({
    method: 'get',
    path: '/block_schemas/{id:uuid}',
    summary: 'Read Block Schema By Id',
    tag,
    response: BlockSchema,
    handler: async ({ params }, { db }) => {
      const schema = await readBlockSchema(db, params.id!);
      if (!schema) throw notFound();
      return schema;
    },
  }),
  defineRoute({
    method: 'get',
    path: '/block_schemas/checksum/{checksum}',
    summary: 'Read Block Schema By Checksum',
    tag,
    query: BlockSchemaVersionQuery,
    response: BlockSchema,
    handler: async ({ params, query }, { db }) => {
      const schema = await readBlockSchemaByChecksum(db, params.checksum!, query.version);
      if (!schema) throw notFound();
      return schema;
    },
  }),
  defineRoute({
    method: 'get',
    path: '/block_capabilities/',
    summary: 'Read Available Block Capabilities',
    tag: 'Block capabilities',
    response: list(string()),
    handler: (_input, { db }) => readBlockCapabilities(db),
  }),
];
