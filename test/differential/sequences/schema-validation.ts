import { each, type Group, post } from '../sequence.ts';

const person = {
  type: 'object',
  title: 'Parameters',
  definitions: {
    Person: {
      type: 'object',
      properties: { name: { type: 'string' }, age: { type: 'integer', minimum: 0 } },
      required: ['name'],
    },
  },
  properties: {
    n: { type: 'integer' },
    day: { type: 'string', format: 'date' },
    moment: { type: 'string', format: 'date-time' },
    who: { $ref: '#/definitions/Person' },
    many: { type: 'array', items: { $ref: '#/definitions/Person' } },
    either: { anyOf: [{ type: 'integer' }, { type: 'string', format: 'email' }] },
  },
  required: ['n'],
};
const values = (value: unknown) => ({ schema: person, values: value });
const json = (value: string) => ({ __prefect_kind: 'json', value });

export const schemaValidation: Group = {
  name: 'schema_validation',
  sequences: each(
    'validate',
    {
      fits: values({ n: 1, day: '2026-01-31', moment: '2026-01-31T10:00:00Z', either: 'a@b' }),
      empty: values({}),
      'wrong kind': values({ n: 'x' }),
      formats: values({ n: 1, day: '2026-02-30', moment: 'yesterday', either: 'nobody' }),
      below: values({ n: 1, who: { age: -1 } }),
      'in a list': values({ n: 1, many: [{ name: 'a' }, {}, { name: 5, age: 'x' }] }),
      'two in one place': values({ n: 1, who: { name: 1, age: 1.5 }, many: [{}, {}] }),
      hydrated: values({ n: json('1'), who: json('{"name": "x", "age": -5}') }),
      'not to be hydrated': values({ n: json('{'), many: [json('x')] }),
      'left out': values({ n: { __prefect_kind: 'json' } }),
      'variable that there is not': values({
        n: { __prefect_kind: 'workspace_variable', variable_name: 'no' },
      }),
      template: values({ n: { __prefect_kind: 'jinja', template: '{{ 1 }}' } }),
      'nulls where nothing is required': values({ n: 1, day: null, many: null, who: null }),
      'null where something is': values({ n: null }),
      'no schema': { schema: { type: 'nonsense' }, values: {} },
      'no pattern': { schema: { properties: { a: { pattern: '(' } } }, values: { a: 'x' } },
      'nowhere to be found': {
        schema: { properties: { a: { $ref: '#/definitions/no' } } },
        values: { a: 1 },
      },
      anchors: {
        schema: {
          properties: { a: { $ref: '#n' }, b: { $dynamicRef: '#n' } },
          $defs: { N: { $anchor: 'n', type: 'integer' } },
        },
        values: { a: 'x', b: 1 },
      },
      'no such anchor': { schema: { properties: { a: { $ref: '#no' } } }, values: { a: 1 } },
      'JSON that ends badly': values({
        n: json('"\\x"'),
        day: json('"😀\\u12"'),
        who: json('{"a":\n "😀" x}'),
        either: { __prefect_kind: 'workspace_variable', variable_name: null },
      }),
      circular: { schema: { $ref: '#' }, values: {} },
      'no body': undefined,
      'no values': { schema: person },
      'wrong values': { schema: person, values: [] },
      'null values': { schema: null, values: null },
    },
    (body) => [post('/ui/schemas/validate', body)],
  ),
};
