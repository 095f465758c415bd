import { del, each, type Group, get, post, type Step, send, sequence } from '../sequence.ts';
import { document, typeAndSchema } from './block-seeds.ts';

const aType = post('/block_types/', { name: 'type t <tag>', slug: 't-<tag>' }, { save: 't' });
const create = (fields: unknown, rest: Record<string, unknown> = {}, save?: string): Step =>
  post('/block_schemas/', { block_type_id: '<t.id>', fields, ...rest }, { save });

/** A block of the type `slug`, as a definition of another's schema. */
const definition = (slug: string, title: string, rest: Record<string, unknown> = {}) => ({
  title,
  type: 'object',
  block_type_slug: `${slug}-<tag>`,
  block_schema_references: {},
  properties: { value: { type: 'string' } },
  ...rest,
});
const reference = (slug: string, checksum = `sha256:${slug}-<tag>`) => ({
  block_type_slug: `${slug}-<tag>`,
  block_schema_checksum: checksum,
});
const types = ['inner', 'other', 'deep'].map((slug) =>
  post('/block_types/', { name: `${slug} <tag>`, slug: `${slug}-<tag>` }, { save: slug }),
);

const nested = {
  title: 'Outer <tag>',
  type: 'object',
  properties: {
    one: { $ref: '#/definitions/Inner' },
    either: { anyOf: [{ $ref: '#/definitions/Inner' }, { $ref: '#/definitions/Other' }] },
    plain: { $ref: '#/definitions/Plain' },
  },
  block_schema_references: { one: reference('inner'), either: [reference('inner'), reference('other')] },
  definitions: {
    Inner: definition('inner', 'Inner', {
      properties: {
        deep: { allOf: [{ $ref: '#/definitions/Deep' }] },
        plain: { $ref: '#/definitions/Plainer' },
      },
      block_schema_references: { deep: reference('deep') },
      secret_fields: ['value'],
    }),
    Other: definition('other', 'Other'),
    Deep: definition('deep', 'Deep'),
    Plain: { title: 'Plain', type: 'object', properties: { p: { $ref: '#/definitions/Plainer' } } },
    Plainer: { title: 'Plainer', type: 'object' },
    Unused: { title: 'Unused' },
  },
};

export const blockSchemas: Group = {
  name: 'block_schemas',
  sequences: [
    sequence(
      'create, create again, read',
      aType,
      create({ title: 'T <tag>', type: 'object', properties: {} }, { capabilities: ['b', 'a'] }, 's'),
      create(
        { type: 'object', properties: {}, title: 'T <tag>', secret_fields: ['x'] },
        { capabilities: [] },
      ),
      get('/block_schemas/<s.id>'),
      get('/block_schemas/checksum/<s.checksum>'),
      get('/block_schemas/checksum/<s.checksum>?version=non-versioned'),
      get('/block_schemas/checksum/<s.checksum>?version=1'),
      create({ title: 'T <tag>', type: 'object', properties: {} }, { version: '1' }, 's1'),
      get('/block_schemas/checksum/<s.checksum>'),
      get('/block_schemas/checksum/nothing'),
      get('/block_schemas/<uuid:nobody>'),
      get('/block_schemas/nothing'),
    ),
    sequence('a checksum is of what was sent, number for number', aType, [
      ...[
        '{"of":"<tag>","n":[1,1.0,1e2,1E-7,0.00001,0.0001,123456789012345678901234567890,-0.0,1e16,1e15,1.5e300,0.1]}',
        String.raw`{"of":"<tag>","t":["ä","日本","\ud83d\ude00","\u007f","\b\f\n\r\t\"\\/","<>&"],"\ud83d\ude00":1,"\uffff":2,"ä":3,"Z":4,"a":5}`,
        '{"of":"<tag>","10":1,"9":2,"b":[{"z":1,"y":[]},null,true],"secret_fields":[1],"x":[{"secret_fields":[2]}],"y":{"secret_fields":[3],"k":1}}',
        '{"of":"<tag>","definitions":{}}',
        '{"of":"<tag>","definitions":{"A":{"title":"A"}}}',
        '{"of":"<tag>","p":{"$ref":"#/definitions/A"},"definitions":{"A":{"title":"A"}}}',
        '{"of":"<tag>","block_schema_references":{}}',
        '{}',
      ].map((fields, i) =>
        send('POST', '/block_schemas/', `{"block_type_id":"<t.id>","version":"<tag>","fields":${fields}}`, {
          save: `n${i}`,
        }),
      ),
      ...[0, 1, 2, 4, 5].map((i) => get(`/block_schemas/<n${i}.id>`)),
    ]),
    ...each(
      'bad create',
      {
        'no type': { fields: {} },
        'a type that is not there': { block_type_id: '<uuid:nobody>' },
        'fields a list': { block_type_id: '<t.id>', fields: [] },
        'fields null': { block_type_id: '<t.id>', fields: null },
        'capabilities a text': { block_type_id: '<t.id>', capabilities: 'x' },
        'version null': { block_type_id: '<t.id>', version: null },
        'unknown member': { block_type_id: '<t.id>', checksum: 'x' },
        'a reference to a type that is not there': {
          block_type_id: '<t.id>',
          fields: { of: '<tag>', block_schema_references: { a: reference('nobody') } },
        },
        'a list': [],
      },
      (body) => [aType, post('/block_schemas/', body)],
    ),
    sequence(
      'nested schemas, and those of a union',
      aType,
      types,
      create(nested, { capabilities: ['c'] }, 'outer'),
      get('/block_schemas/<outer.id>'),
      get('/block_schemas/checksum/<outer.checksum>'),
      create(nested),
      post('/block_schemas/filter', {
        block_schemas: { block_type_id: { any_: ['<t.id>', '<inner.id>', '<deep.id>'] } },
      }),
      // The second one finds what the first has made.
      create({ ...nested, title: 'Another <tag>' }, {}, 'another'),
      get('/block_schemas/<another.id>'),
      post('/block_schemas/filter', {
        block_schemas: { block_type_id: { any_: ['<inner.id>', '<deep.id>'] } },
      }),
    ),
    sequence(
      'nested schemas of types that are not there',
      aType,
      create(nested),
      post('/block_schemas/filter', { block_schemas: { block_type_id: { any_: ['<t.id>'] } } }),
    ),
    sequence(
      'nested schemas without definitions',
      aType,
      types,
      create({ title: 'O <tag>', properties: {}, block_schema_references: { one: reference('inner') } }),
      post('/block_schemas/filter', { block_schemas: { block_type_id: { any_: ['<t.id>'] } } }),
    ),
    sequence(
      'a nested schema that is there',
      typeAndSchema('known', { title: 'Known <tag>', secret_fields: ['a'] }),
      aType,
      create(
        {
          title: 'Knows <tag>',
          block_schema_references: {
            it: { block_type_slug: 'known-<tag>', block_schema_checksum: '<knownSchema.checksum>' },
          },
        },
        {},
        'knows',
      ),
      get('/block_schemas/<knows.id>'),
      del('/block_schemas/<knownSchema.id>'),
      get('/block_schemas/<knows.id>'),
    ),
    sequence(
      'delete',
      typeAndSchema('gone', { title: 'Gone <tag>' }),
      document('gone', { name: 'd' }, 'd'),
      del('/block_schemas/<goneSchema.id>'),
      get('/block_schemas/<goneSchema.id>'),
      get('/block_documents/<d.id>'),
      get('/block_types/<gone.id>'),
      del('/block_schemas/<goneSchema.id>'),
    ),
    ...each(
      'filter',
      {
        'id any': { id: { any_: ['<aSchema.id>', '<uuid:nobody>'] } },
        'type any': { block_type_id: { any_: ['<a.id>', '<b.id>'] } },
        'version any': { version: { any_: ['2-<tag>'] } },
        'version any of none': { version: { any_: [] } },
        capabilities: { block_capabilities: { all_: ['k-<tag>'] } },
        'capabilities of two': { block_capabilities: { all_: ['k-<tag>', 'l'] } },
        or: { operator: 'or_', version: { any_: ['2-<tag>'] }, id: { any_: ['<aSchema.id>'] } },
        and: { version: { any_: ['2-<tag>'] }, id: { any_: ['<aSchema.id>'] } },
        'unknown member': { colour: 'red' },
        'id no uuid': { id: { any_: ['x'] } },
      },
      (block_schemas) => [
        ...typeAndSchema('a', { title: 'A <tag>' }, { capabilities: ['k-<tag>'] }),
        ...typeAndSchema('b', { title: 'B <tag>' }, { capabilities: ['k-<tag>', 'l'], version: '2-<tag>' }),
        post('/block_schemas/filter', { block_schemas }),
      ],
    ),
    sequence(
      'capabilities',
      aType,
      create({ of: '<tag>' }, { capabilities: ['one-<tag>', 'read-path'] }),
      get('/block_capabilities/', { unordered: true }),
    ),
    sequence(
      'limit and offset',
      aType,
      [1, 2, 3].map((n) => create({ n, of: '<tag>' })),
      ...[
        { limit: 0 },
        { limit: 2 },
        { offset: 1 },
        { limit: 1, offset: 2 },
        { limit: -1 },
        { limit: 201 },
        { offset: -1 },
      ].map((slice) =>
        post('/block_schemas/filter', { block_schemas: { block_type_id: { any_: ['<t.id>'] } }, ...slice }),
      ),
    ),
  ],
};
