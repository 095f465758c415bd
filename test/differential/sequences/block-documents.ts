import { del, each, type Group, get, patch, post, type Step, send, sequence } from '../sequence.ts';
import { document, refTo, secretive, typeAndSchema } from './block-seeds.ts';

const seed = typeAndSchema('s', secretive);
const read = (name: string): Step[] => [
  get(`/block_documents/<${name}.id>`),
  get(`/block_documents/<${name}.id>?include_secrets=true`),
];
const full = {
  plain: 'p',
  token: 't0p',
  more: { a: 1, b: { c: [1, 2], d: {} }, e: null },
  inner: { key: 'k', open: 'o' },
  deep: { er: { est: 'x' }, other: 1.0 },
};

export const blockDocuments: Group = {
  name: 'block_documents',
  sequences: [
    sequence('create and read', seed, [
      document('s', { name: 'one', data: full }, 'one'),
      ...read('one'),
      get('/block_types/slug/s-<tag>/block_documents'),
      get('/block_types/slug/s-<tag>/block_documents?include_secrets=1'),
      get('/block_types/slug/s-<tag>/block_documents/name/one'),
      get('/block_types/slug/s-<tag>/block_documents/name/one?include_secrets=yes'),
      get('/block_types/slug/s-<tag>/block_documents/name/ONE'),
      get('/block_types/slug/nobody-<tag>/block_documents/name/one'),
      get('/block_types/slug/nobody-<tag>/block_documents'),
      get('/block_documents/<one.id>?include_secrets=perhaps'),
      get('/block_documents/<uuid:nobody>'),
      get('/block_documents/nothing'),
      document('s', { name: 'one' }),
    ]),
    ...each(
      'secrets',
      {
        'a text': { token: 'x', more: 'y', inner: 'z', deep: [] },
        'an empty text': { token: '', inner: { key: '' } },
        'a number': { token: 0, more: 1, inner: { key: 2.5 } },
        'a truth': { token: false, more: { a: true } },
        'a null': { token: null, more: null, inner: { key: null }, deep: { er: null } },
        'a list': { token: ['a'], more: { a: [{ b: 1 }] }, inner: { key: [] } },
        'an empty object': { token: {}, more: {}, inner: { key: {} }, deep: { er: {} } },
        none: { inner: { open: 1 }, deep: {} },
      },
      (data) => [...seed, document('s', { name: 'one', data }, 'one'), ...read('one')],
    ),
    sequence('a secret that is an object', seed, [
      document('s', { name: 'one', data: { token: { a: 1 } } }, 'one'),
      ...read('one'),
      patch('/block_documents/<one.id>', { data: { token: '********' } }),
      ...read('one'),
    ]),
    sequence('data comes back as it was sent', seed, [
      send(
        'POST',
        '/block_documents/',
        '{"name":"n","block_type_id":"<s.id>","block_schema_id":"<sSchema.id>","data":{"f":1.0,"big":12345678901234567890,"e":1e3,"z":-0.0,"9":1,"1":2,"u":"ä日本\\ud83d\\ude00","deep":{"a":[1.50]}}}',
        { save: 'n' },
      ),
      get('/block_documents/<n.id>'),
      patch('/block_documents/<n.id>', { data: { more: { x: 1 } } }),
      ...read('n'),
    ]),
    ...each(
      'bad create',
      {
        'no name': {},
        'name empty': { name: '' },
        'name with capitals': { name: 'One' },
        'name with a slash': { name: 'a/b' },
        'name underscored': { name: 'a_b' },
        'name a number': { name: 5 },
        'data a list': { name: 'a', data: [] },
        'data null': { name: 'a', data: null },
        'a type that is not there': { name: 'a', block_type_id: '<uuid:nobody>' },
        'a schema that is not there': { name: 'a', block_schema_id: '<uuid:nobody>' },
        'schema no uuid': { name: 'a', block_schema_id: 'x' },
        'unknown member': { name: 'a', colour: 'red' },
        'a reference to nothing': { name: 'a', data: { r: { $ref: {} } } },
        'a reference to a text': { name: 'a', data: { r: { $ref: 'x' } } },
        'a reference to null': { name: 'a', data: { r: { $ref: { block_document_id: null } } } },
        'a reference to a block that is not there': {
          name: 'a',
          data: { r: { $ref: { block_document_id: '<uuid:nobody>' } } },
        },
      },
      (body) => [
        ...seed,
        document('s', body as Record<string, unknown>),
        get('/block_types/slug/s-<tag>/block_documents'),
      ],
    ),
    sequence('without a body that is an object', post('/block_documents/', []), post('/block_documents/')),
    sequence('anonymous blocks', seed, [
      document('s', { is_anonymous: true, name: 'given-name' }, 'named'),
      document('s', { is_anonymous: true, name: 'given-name' }),
      document('s', { name: 'plain' }, 'plain'),
      ...[
        undefined,
        {},
        { is_anonymous: null },
        { is_anonymous: { eq_: true } },
        { is_anonymous: {} },
      ].flatMap((filter) => {
        const block_documents = filter && { ...filter, block_type_id: { any_: ['<s.id>'] } };
        const body = { block_documents, block_types: { slug: { any_: ['s-<tag>'] } } };
        return [post('/block_documents/filter', body), post('/block_documents/count', body)];
      }),
      get('/block_types/slug/s-<tag>/block_documents'),
      get('/block_types/slug/s-<tag>/block_documents/name/given-name'),
    ]),
    sequence('blocks in blocks', seed, [
      document('s', { name: 'leaf', data: full }, 'leaf'),
      document('s', { name: 'middle', data: { child: refTo('leaf'), own: 1 } }, 'middle'),
      document(
        's',
        { name: 'top', data: { a: refTo('middle'), b: refTo('leaf'), c: [refTo('leaf')] } },
        'top',
      ),
      ...read('top'),
      post('/block_documents/filter', { block_types: { slug: { any_: ['s-<tag>'] } } }),
      // Blocks must not refer to themselves, however far around.
      patch('/block_documents/<leaf.id>', { data: { up: refTo('top') } }),
      patch('/block_documents/<leaf.id>', { data: { me: refTo('leaf') } }),
      ...read('leaf'),
      // What a change doesn't name of references goes.
      patch('/block_documents/<top.id>', { data: { a: refTo('leaf') } }),
      ...read('top'),
      patch('/block_documents/<top.id>', { data: { x: 1 } }),
      ...read('top'),
      del('/block_documents/<leaf.id>'),
      ...read('middle'),
    ]),
    ...each(
      'update',
      {
        nothing: {},
        'a new member': { data: { another: 1 } },
        'a member anew': { data: { plain: 'q', more: { z: 1 } } },
        'secrets sent back': { data: { token: '********', inner: { key: '********', open: 'n' } } },
        'all sent back': {
          data: { more: { a: '********', b: { c: '********', d: '********' }, e: '********' } },
        },
        'new secrets': { data: { token: 'new', more: { a: 'n', b: '*' } } },
        'without merging': { data: { token: '********', z: 1 }, merge_existing_data: false },
        'without merging nor data': { merge_existing_data: false },
        'a schema that is not there': { block_schema_id: '<uuid:nobody>', data: {} },
        'a schema that is not there, and no data': { block_schema_id: '<uuid:nobody>' },
        'its own schema': { block_schema_id: '<sSchema.id>', data: { plain: 'x' } },
        'a schema of another type': { block_schema_id: '<oSchema.id>', data: {} },
        'a newer schema': { block_schema_id: '<s2.id>', data: { plain: 'x' } },
        'a newer schema, and no data': { block_schema_id: '<s2.id>' },
        'data null': { data: null },
        'a name': { name: 'x' },
        'merging null': { merge_existing_data: null },
      },
      (body) => [
        ...seed,
        ...typeAndSchema('o', { title: 'Other <tag>' }),
        post(
          '/block_schemas/',
          { block_type_id: '<s.id>', fields: { title: 'Newer <tag>' } },
          { save: 's2' },
        ),
        document('s', { name: 'one', data: full }, 'one'),
        patch('/block_documents/<one.id>', body),
        ...read('one'),
      ],
    ),
    sequence('delete', seed, [
      document('s', { name: 'one' }, 'one'),
      patch('/block_documents/<uuid:nobody>', { data: {} }),
      del('/block_documents/<one.id>'),
      get('/block_documents/<one.id>'),
      del('/block_documents/<one.id>'),
      document('s', { name: 'one' }),
    ]),
    ...each(
      'filter',
      {
        'id any': { id: { any_: ['<a.id>', '<uuid:nobody>'] } },
        'id any of none': { id: { any_: [] } },
        'name any': { name: { any_: ['a-<tag>', 'b-<tag>'] } },
        'name like': { name: { like_: 'A-<tag>' } },
        'type any': { block_type_id: { any_: ['<o.id>'] } },
        or: { operator: 'or_', name: { any_: ['a-<tag>'] }, id: { any_: ['<b.id>'] }, is_anonymous: null },
        'unknown member': { colour: 'red' },
      },
      (block_documents) => [
        ...seed,
        ...typeAndSchema('o', { title: 'Other <tag>' }, { capabilities: ['cap-<tag>'] }),
        document('s', { name: 'b-<tag>', data: { token: 'x' } }, 'b'),
        document('o', { name: 'a-<tag>' }, 'a'),
        post('/block_documents/filter', { block_documents }),
        post('/block_documents/count', { block_documents }),
      ],
    ),
    sequence(
      'sorts, filters of others, limit and offset',
      seed,
      typeAndSchema('o', { of: '<tag>' }, { capabilities: ['cap-<tag>'] }),
      [
        document('s', { name: 'b-<tag>', data: { token: 'x' } }),
        document('o', { name: 'c-<tag>' }),
        document('s', { name: 'a-<tag>' }),
        ...['NAME_ASC', 'NAME_DESC', 'BLOCK_TYPE_AND_NAME_ASC', 'OTHER'].map((sort) =>
          post('/block_documents/filter', { block_documents: { name: { like_: '<tag>' } }, sort }),
        ),
        ...[
          { limit: 0 },
          { limit: 2 },
          { offset: 1 },
          { limit: -1 },
          { limit: 201 },
          { offset: -1 },
          { include_secrets: true },
        ].map((rest) =>
          post('/block_documents/filter', { block_documents: { name: { like_: '<tag>' } }, ...rest }),
        ),
        post('/block_documents/filter', { block_schemas: { block_capabilities: { all_: ['cap-<tag>'] } } }),
        post('/block_documents/count', { block_schemas: { block_capabilities: { all_: ['cap-<tag>'] } } }),
        post('/block_documents/filter', { block_types: { name: { like_: 'type o <tag>' } } }),
      ],
    ),
    sequence('events', seed, [
      document('s', { name: 'told', data: { ...full, more: {}, text: 'seen', n: 1 } }, 'told'),
      patch('/block_documents/<told.id>', { data: { text: 'changed' } }),
      del('/block_documents/<told.id>'),
      document('s', { is_anonymous: true }, 'untold'),
      del('/block_documents/<untold.id>'),
      post(
        '/events/filter',
        { filter: { resource: { id: ['prefect.block-document.<told.id>'] }, order: 'ASC' } },
        { until: { at: 'total', is: 3 } },
      ),
      post('/events/filter', { filter: { resource: { id: ['prefect.block-document.<untold.id>'] } } }),
    ]),
    sequence(
      'the default storage goes with its block',
      typeAndSchema('f', { of: '<tag>' }, { capabilities: ['write-path'] }),
      [
        document('f', { name: 'files' }, 'files'),
        document('f', { name: 'other' }, 'other'),
        { ...post('/admin/storage', { default_result_storage_block_id: '<files.id>' }), method: 'PUT' },
        del('/block_documents/<other.id>'),
        get('/admin/storage'),
        del('/block_documents/<files.id>'),
        get('/admin/storage'),
      ],
    ),
  ],
};
