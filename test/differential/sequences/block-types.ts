import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { del, each, type Group, get, patch, post, sequence } from '../sequence.ts';
import { document, typeAndSchema } from './block-seeds.ts';

const catalogue = readFileSync(join(import.meta.dirname, '../../../catalogue/blocks.json'), 'utf8');
const builtIn = (JSON.parse(catalogue) as { types: { slug: string }[] }).types.map(({ slug }) => slug);

const three = [
  post('/block_types/', { name: 'B <tag>', slug: 'b-<tag>', description: 'x' }, { save: 'b' }),
  post(
    '/block_types/',
    { name: 'a <tag>', slug: 'a-<tag>', logo_url: ' https://x.test/l.png ' },
    { save: 'a' },
  ),
  post('/block_types/', { name: 'C-<tag>', slug: 'c-<tag>' }, { save: 'c' }),
  post('/block_schemas/', { block_type_id: '<a.id>', fields: { of: 'a <tag>' }, capabilities: ['x', 'y'] }),
  post('/block_schemas/', { block_type_id: '<b.id>', fields: { of: 'b <tag>' }, version: '1.<tag>' }),
];
const ours = { name: { like_: '<tag>' } };

export const blockTypes: Group = {
  name: 'block_types',
  sequences: [
    sequence(
      'types that are there from the start',
      post('/block_types/filter', { block_types: { slug: { any_: builtIn } } }, { save: 'types' }),
      post('/block_types/filter', {
        block_types: { slug: { any_: builtIn } },
        block_schemas: { block_capabilities: { all_: ['write-path'] } },
      }),
      ...['secret', 'local-file-system', 's3-bucket', 'Secret'].map((slug) =>
        get(`/block_types/slug/${slug}`),
      ),
      // With the schemas that each has.
      post('/block_schemas/filter', {
        block_schemas: { block_type_id: { any_: builtIn.map((_, i) => `<types.${i}.id>`) } },
      }),
    ),
    sequence(
      'create and read',
      post(
        '/block_types/',
        {
          name: 'Our type <tag>',
          slug: 'ours-<tag>',
          logo_url: '  https://x.test/logo.png ',
          documentation_url: 'https://x.test/?a=1&b=2',
          description: `a < b & c > d "q" 'q' &amp; ä`,
          code_example: 'if a < b:\n    pass',
        },
        { save: 'type' },
      ),
      get('/block_types/<type.id>'),
      get('/block_types/slug/ours-<tag>'),
      post('/block_types/', { name: 'another <tag>', slug: 'ours-<tag>' }),
      get('/block_types/<uuid:nobody>'),
      get('/block_types/nothing'),
      get('/block_types/slug/nobody-<tag>'),
    ),
    ...each(
      'bad create',
      {
        'no name': { slug: 's-<tag>' },
        'no slug': { name: 'n' },
        'name with a slash': { name: 'a/b', slug: 's-<tag>' },
        'name of Prefect': { name: 'pREFECT <tag>', slug: 's-<tag>' },
        'slug with capitals': { name: 'n', slug: 'S-<tag>' },
        'slug underscored': { name: 'n', slug: 's_<tag>' },
        'description a number': { name: 'n', slug: 's-<tag>', description: 5 },
        protected: { name: 'n', slug: 's-<tag>', is_protected: true },
        'a list': [],
      },
      (body) => [post('/block_types/', body)],
    ),
    sequence(
      'update',
      post(
        '/block_types/',
        { name: 'u <tag>', slug: 'u-<tag>', description: 'a & b', code_example: 'x' },
        { save: 'u' },
      ),
      patch('/block_types/<u.id>', {
        description: 'a &amp; b',
        code_example: 'x',
        logo_url: null,
        documentation_url: null,
      }),
      get('/block_types/<u.id>'),
      patch('/block_types/<u.id>', { description: 'c < d' }),
      get('/block_types/<u.id>'),
      patch('/block_types/<u.id>', { description: null, logo_url: 'l' }),
      get('/block_types/<u.id>'),
      patch('/block_types/<u.id>', {}),
      patch('/block_types/<u.id>', { name: 'x' }),
      patch('/block_types/<u.id>', { description: 5 }),
      patch('/block_types/<uuid:nobody>', { description: 'x' }),
    ),
    sequence(
      'delete, and what belongs to it',
      typeAndSchema('gone', { title: 'Gone <tag>' }),
      document('gone', { name: 'd' }, 'd'),
      del('/block_types/<gone.id>'),
      get('/block_types/<gone.id>'),
      get('/block_schemas/<goneSchema.id>'),
      get('/block_documents/<d.id>'),
      del('/block_types/<gone.id>'),
    ),
    sequence(
      'protected ones, there from the start',
      get('/block_types/slug/webhook', { save: 'webhook' }),
      del('/block_types/<webhook.id>'),
      patch('/block_types/<webhook.id>', { description: 'changed <tag>' }),
      get('/block_types/<webhook.id>'),
      post('/block_types/install_system_block_types'),
      get('/block_types/<webhook.id>'),
      post(
        '/block_schemas/filter',
        { block_schemas: { block_type_id: { any_: ['<webhook.id>'] } } },
        { save: 'of' },
      ),
      del('/block_schemas/<of.0.id>'),
    ),
    ...each(
      'filter',
      {
        'name like': ours,
        'name like one': { name: { like_: 'A <tag>' } },
        'name like nothing': { name: { like_: '' }, slug: { any_: ['a-<tag>'] } },
        'slug any': { slug: { any_: ['a-<tag>', 'c-<tag>', 'nobody'] } },
        'slug any of none': { slug: { any_: [] } },
        both: { name: { like_: 'a <tag>' }, slug: { any_: ['b-<tag>'] } },
        'an operator': { operator: 'or_', ...ours },
        'unknown member': { colour: 'red' },
      },
      (block_types) => [...three, post('/block_types/filter', { block_types })],
    ),
    sequence(
      'filter by schemas, limit and offset',
      three,
      ...[
        { block_capabilities: { all_: ['x'] } },
        { block_capabilities: { all_: ['x', 'y', 'z'] } },
        { block_capabilities: { all_: [] } },
        { version: { any_: ['1.<tag>'] } },
        { block_type_id: { any_: ['<a.id>', '<c.id>'] } },
        { operator: 'or_', version: { any_: ['1.<tag>'] }, block_capabilities: { all_: ['x'] } },
        {},
      ].map((block_schemas) => post('/block_types/filter', { block_types: ours, block_schemas })),
      ...[0, 1, 2, -1, 201].map((limit) => post('/block_types/filter', { block_types: ours, limit })),
      ...[1, 3, -1].map((offset) => post('/block_types/filter', { block_types: ours, offset })),
    ),
    sequence(
      'events',
      post('/block_types/', { name: 'e <tag>', slug: 'e-<tag>', description: 'a < b' }, { save: 'e' }),
      patch('/block_types/<e.id>', { description: 'later' }),
      del('/block_types/<e.id>'),
      post(
        '/events/filter',
        { filter: { resource: { id: ['prefect.block-type.<e.id>'] }, order: 'ASC' } },
        { until: { at: 'total', is: 3 } },
      ),
    ),
    sequence(
      'views of the collections',
      get('/collections/views/aggregate-worker-metadata'),
      get('/collections/views/nothing'),
      get('/collections/views/demo-flows', { statusOnly: true }),
    ),
  ],
};
