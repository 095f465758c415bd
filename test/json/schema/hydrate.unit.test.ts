import { describe, expect, test } from 'vitest';
import { JsonText, parseJson } from '../../../src/json/json.ts';
import { errorTree } from '../../../src/json/schema/error-tree.ts';
import { isOfFormat } from '../../../src/json/schema/formats.ts';
import { HydrationError, hydrate, hydrateLeniently } from '../../../src/json/schema/hydrate.ts';
import { schemaErrors } from '../../../src/json/schema/problem.ts';
import { Placeholder } from '../../../src/json/schema/types.ts';

const variables = new Map<string, unknown>([['v', parseJson('{"x":1.0}')]]);
const render = (template: string): string => {
  if (template === '{{') throw new HydrationError('Invalid jinja: unfinished');
  return `<${template}>`;
};
const unrendered = (template: string): Placeholder => {
  render(template);
  return new Placeholder();
};
const makings = { variables, render };
const text = (json: string): string => JsonText.of(hydrate(parseJson(json), makings)).text;
const kind = (name: string, rest: string): string => `{"__prefect_kind":"${name}"${rest && `,${rest}`}}`;

describe('values in the place of how to make them', () => {
  test.each([
    ['{"a":1.0}', '{"a":1.0}'],
    [`{"a":${kind('json', '"value":"[1.0, 2]"')}}`, '{"a":[1.0, 2]}'],
    [`{"a":${kind('none', '"value":{"b":2.0}')}}`, '{"a":{"b":2.0}}'],
    [`{"a":${kind('workspace_variable', '"variable_name":"v"')}}`, '{"a":{"x":1.0}}'],
    [`{"a":${kind('json', '')},"b":[${kind('workspace_variable', '')},1]}`, '{"b":[1]}'],
    [kind('json', ''), '{}'],
    [`{"a":${kind('unheard of', '"value":5')},"b":${kind('unheard of', '')}}`, '{"a":5,"b":null}'],
    [`{"a":${kind('json', `"value":${kind('none', '"value":"1e5"')}`)}}`, '{"a":1e5}'],
    [`{"a":${kind('jinja', '"template":"{{ 1 }}"')}}`, '{"a":"<{{ 1 }}>"}'],
    [`{"a":${kind('jinja', `"template":${kind('json', '')}`)}}`, '{}'],
  ])('%s', (json, made) => expect(text(json)).toBe(made));

  test.each([
    [kind('json', '"value":"[1,"'), 'Invalid JSON: Expecting value: line 1 column 4 (char 3)'],
    [kind('json', '"value":"\\n \\"😀\\\\x\\""'), 'Invalid JSON: Invalid \\escape: line 2 column 4 (char 4)'],
    [
      kind('json', '"value":"\\"\\\\u12\\""'),
      'Invalid JSON: Invalid \\uXXXX escape: line 1 column 3 (char 2)',
    ],
    [kind('none', ''), "Missing 'value' key in __prefect object"],
    [kind('jinja', ''), "Missing 'template' key in __prefect object"],
    [kind('jinja', '"template":"{{"'), 'Invalid jinja: unfinished'],
    [kind('jinja', '"template":5'), 'Invalid jinja: the template must be a text.'],
    [kind('workspace_variable', '"variable_name":"w"'), "Variable 'w' not found in workspace."],
  ])('%s can’t be made', (json, problem) => {
    expect(() => text(`{"a":${json}}`)).toThrow(new HydrationError(problem));
  });
});

describe('what a form shows', () => {
  const schema = {
    properties: {
      n: { type: 'integer', minimum: 1 },
      list: { type: 'array', items: { type: 'object', required: ['a', 'b'] } },
    },
  };
  const shown = (json: string) =>
    errorTree(schemaErrors(hydrateLeniently(parseJson(json), { variables, render: unrendered }), schema));

  test('what is wrong stands where it is wrong', () => {
    expect(shown('{"n":0,"list":[{"a":1},{}]}')).toEqual([
      { property: 'n', errors: ['0 is less than the minimum of 1'] },
      {
        property: 'list',
        errors: [
          { index: 0, errors: [{ property: 'b', errors: ["'b' is a required property"] }] },
          {
            index: 1,
            errors: [
              { property: 'a', errors: ["'a' is a required property"] },
              { property: 'b', errors: ["'b' is a required property"] },
            ],
          },
        ],
      },
    ]);
  });

  test('a value that can’t be made is wrong for that alone, a template isn’t', () => {
    expect(shown(`{"n":${kind('json', '"value":"{"')}}`)).toEqual([
      { property: 'n', errors: [expect.stringContaining('Invalid JSON')] },
    ]);
    expect(shown(`{"n":${kind('jinja', '"template":"{{ 1 }}"')}}`)).toEqual([]);
    expect(shown(`{"n":${kind('jinja', '"template":"{{"')}}`)).toEqual([
      { property: 'n', errors: ['Invalid jinja: unfinished'] },
    ]);
  });

  test.each([
    ['date', '2026-02-28', '2026-02-29'],
    ['date-time', '2026-02-28T23:59:59.5+01:00', '2026-02-28T23:59:59'],
    ['time', '10:00:00Z', '25:00:00Z'],
    ['email', 'a@b', 'ab'],
    ['ipv4', '127.0.0.1', '127.0.0'],
    ['ipv6', '::1', '127.0.0.1'],
    ['regex', '(a|b)', '(a'],
    ['uuid', '5f0c6b3e-4a53-4f0e-9a3b-2f1d1a2b3c4d', '5f0c6b3e4a534f0e9a3b2f1d1a2b3c4d'],
    ['json-pointer', '/a/~0b', 'a'],
    ['relative-json-pointer', '1/a', '/a'],
  ])('%s: %s and not %s', (format, good, bad) => {
    expect([isOfFormat(good, format), isOfFormat(bad, format)]).toEqual([true, false]);
  });
});
