import { post, type Step } from '../sequence.ts';

/** A type, saved under `as`, with a schema, saved as `<as>Schema`. */
export const typeAndSchema = (as: string, fields: unknown, rest: Record<string, unknown> = {}): Step[] => [
  post('/block_types/', { name: `type ${as} <tag>`, slug: `${as}-<tag>` }, { save: as }),
  post('/block_schemas/', { block_type_id: `<${as}.id>`, fields, ...rest }, { save: `${as}Schema` }),
];

export const document = (type: string, rest: Record<string, unknown>, save?: string): Step =>
  post(
    '/block_documents/',
    { block_type_id: `<${type}.id>`, block_schema_id: `<${type}Schema.id>`, ...rest },
    { save },
  );

/** With secrets at the top, below, and everywhere below. */
export const secretive = {
  title: 'Secretive <tag>',
  type: 'object',
  properties: { token: { type: 'string', format: 'password' }, more: { type: 'object' } },
  secret_fields: ['token', 'more.*', 'inner.key', 'deep.er.*'],
};

export const refTo = (document: string): unknown => ({ $ref: { block_document_id: `<${document}.id>` } });
