import {
  createBlockDocument,
  deleteBlockDocument,
  updateBlockDocument,
} from '../../entities/block/document.ts';
import {
  countBlockDocuments,
  findBlockDocuments,
  readBlockDocument,
} from '../../entities/block/document-query.ts';
import { errors } from '../../errors.ts';
import { int, list } from '../kinds/index.ts';
import { limitOf } from '../paging.ts';
import { defineRoute } from '../route.ts';
import {
  BlockDocument,
  BlockDocumentCreate,
  BlockDocumentsCountBody,
  BlockDocumentsFilterBody,
  BlockDocumentUpdate,
  SecretsQuery,
} from '../schemas/block-documents.ts';

const tag = 'Block documents';

const notFound = () => errors.notFound('Block document');

export const blockDocumentRoutes = [
  defineRoute({
    method: 'post',
    path: '/block_documents/',
    summary: 'Create Block Document',
    tag,
    body: BlockDocumentCreate,
    response: BlockDocument,
    status: 201,
    handler: ({ body }, { db }) => createBlockDocument(db, body),
  }),
  defineRoute({
    method: 'post',
    path: '/block_documents/filter',
    summary: 'Read Block Documents',
    tag,
    body: BlockDocumentsFilterBody,
    response: list(BlockDocument),
    handler: ({ body }, context) =>
      findBlockDocuments(context.db, body, {
        include_secrets: body.include_secrets,
        sort: body.sort ?? 'NAME_ASC',
        limit: limitOf(body, context),
        offset: body.offset,
      }),
  }),
  defineRoute({
    method: 'post',
    path: '/block_documents/count',
    summary: 'Count Block Documents',
    tag,
    body: BlockDocumentsCountBody,
    response: int(),
    handler: ({ body }, { db }) => countBlockDocuments(db, body),
  }),
  defineRoute({
    method: 'get',
    path: '/block_documents/{id:uuid}',
    summary: 'Read Block Document By Id',
    tag,
    query: SecretsQuery,
    response: BlockDocument,
    handler: async ({ params, query }, { db }) => {
      const document = await readBlockDocument(db, params.id!, query);
      if (!document) throw notFound();
      return document;
    },
  }),
  defineRoute({
    method: 'delete',
    path: '/block_documents/{id:uuid}',
    summary: 'Delete Block Document',
    tag,
    status: 204,
    handler: async ({ params }, { db }) => {
      if (!(await deleteBlockDocument(db, params.id!))) throw notFound();
    },
  }),
  defineRoute({
    method: 'patch',
    path: '/block_documents/{id:uuid}',
    summary: 'Update Block Document Data',
    tag,
    body: BlockDocumentUpdate,
    status: 204,
    handler: async ({ params, body }, { db }) => {
      if (!(await updateBlockDocument(db, params.id!, body))) throw notFound();
    },
  }),
];
