import { installSystemBlocks } from '../../entities/block/catalogue.ts';
import { findBlockDocuments, readBlockDocumentByName } from '../../entities/block/document-query.ts';
import {
  createBlockType,
  deleteBlockType,
  findBlockTypes,
  readBlockType,
  readBlockTypeBySlug,
  updateBlockType,
} from '../../entities/block/type.ts';
import { detail, errors } from '../../errors.ts';
import { json, list } from '../kinds/index.ts';
import { partOf } from '../paging.ts';
import { defineRoute } from '../route.ts';
import { BlockDocument, SecretsQuery } from '../schemas/block-documents.ts';
import { BlockType, BlockTypeCreate, BlockTypesFilterBody, BlockTypeUpdate } from '../schemas/block-types.ts';

const tag = 'Block types';

const notFound = () => errors.notFound('Block type');

export const blockTypeRoutes = [
  defineRoute({
    method: 'post',
    path: '/block_types/',
    summary: 'Create Block Type',
    tag,
    body: BlockTypeCreate,
    response: BlockType,
    status: 201,
    handler: async ({ body }, { db }) => {
      if (body.name.toLowerCase().startsWith('prefect'))
        throw detail(403, "Block type names beginning with 'Prefect' are reserved.");
      const type = await createBlockType(db, body);
      if (!type) throw errors.conflict(`Block type with name "${body.name}" already exists`);
      return type;
    },
  }),
  defineRoute({
    method: 'get',
    path: '/block_types/{id:uuid}',
    summary: 'Read Block Type By Id',
    tag,
    response: BlockType,
    handler: async ({ params }, { db }) => {
      const type = await readBlockType(db, params.id!);
      if (!type) throw notFound();
      return type;
    },
  }),
  defineRoute({
    method: 'get',
    path: '/block_types/slug/{slug}',
    summary: 'Read Block Type By Slug',
    tag,
    response: BlockType,
    handler: async ({ params }, { db }) => {
      const type = await readBlockTypeBySlug(db, params.slug!);
      if (!type) throw notFound();
      return type;
    },
  }),
  defineRoute({
    method: 'post',
    path: '/block_types/filter',
    summary: 'Read Block Types',
    tag,
    body: BlockTypesFilterBody,
    response: list(BlockType),
    handler: ({ body }, context) => findBlockTypes(context.db, body, partOf(body, context)),
  }),
  defineRoute({
    method: 'patch',
    path: '/block_types/{id:uuid}',
    summary: 'Update Block Type',
    tag,
    body: BlockTypeUpdate,
    status: 204,
    handler: async ({ params, body }, { db }) => {
      if (!(await updateBlockType(db, params.id!, body))) throw notFound();
    },
  }),
  defineRoute({
    method: 'delete',
    path: '/block_types/{id:uuid}',
    summary: 'Delete Block Type',
    tag,
    status: 204,
    handler: ({ params }, { db }) =>
      db.transaction(async () => {
        const type = await readBlockType(db, params.id!);
        if (!type) throw notFound();
        if (type.is_protected) throw detail(403, 'protected block types cannot be deleted.');
        await deleteBlockType(db, type.id);
      }),
  }),
  defineRoute({
    method: 'get',
    path: '/block_types/slug/{slug}/block_documents',
    summary: 'Read Block Documents For Block Type',
    tag,
    query: SecretsQuery,
    response: list(BlockDocument),
    handler: async ({ params, query }, { db }) => {
      const type = await readBlockTypeBySlug(db, params.slug!);
      if (!type) throw notFound();
      const block_documents = { block_type_id: { any_: [type.id] }, is_anonymous: { eq_: false } };
      return findBlockDocuments(db, { block_documents }, query);
    },
  }),
  defineRoute({
    method: 'get',
    path: '/block_types/slug/{slug}/block_documents/name/{block_document_name}',
    summary: 'Read Block Document By Name For Block Type',
    tag,
    query: SecretsQuery,
    response: BlockDocument,
    handler: async ({ params, query }, { db }) => {
      const wanted = { slug: params.slug!, name: params.block_document_name! };
      const document = await readBlockDocumentByName(db, wanted, query);
      if (!document) throw errors.notFound('Block document');
      return document;
    },
  }),
  defineRoute({
    method: 'post',
    path: '/block_types/install_system_block_types',
    summary: 'Install System Block Types',
    tag,
    response: json(),
    handler: async (_input, { db }) => {
      await installSystemBlocks(db);
      return null;
    },
  }),
];
