import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import * as kinds from '../../src/api/kinds/index.ts';
import {
  type Issue,
  type Kind,
  list,
  model,
  nullable,
  optional,
  set,
  string,
} from '../../src/api/kinds/index.ts';
import { parse, validationError } from '../../src/api/kinds/validation.ts';
import { JsonText, parseJson, stringifyJson } from '../../src/json/json.ts';

const UUID = '5f0c6b3e-4a53-4f0e-9a3b-2f1d1a2b3c4d';

/** What a kind makes of a JSON text: the value it reads as JSON, or `type@loc` of each thing that is wrong. */
function read(kind: Kind<unknown>, text: string): string {
  const issues: Issue[] = [];
  const value = kind.read(parseJson(text), issues);
  if (issues.length === 0) return stringifyJson(value);
  return issues.map(({ params, path }) => `${params.type}@${path.join('.')}`).join(' ');
}

/** The right column is what pydantic 2.14 answers, as the real Prefect runs it. */
function answers(name: string, kind: Kind<unknown>, rows: Record<string, string>): void {
  test.each(Object.entries(rows))(`${name} %s`, (text, expected) => {
    expect(read(kind, text)).toBe(expected);
  });
}

describe('single values', () => {
  answers('string', string({ min: 2, max: 3 }), {
    '"ab"': '"ab"',
    '"a"': 'string_too_short@',
    '"abcd"': 'string_too_long@',
    '"😀😀😀"': '"😀😀😀"',
    '"😀"': 'string_too_short@',
    '5': 'string_type@',
    null: 'string_type@',
    '5.0': 'string_type@',
  });
  answers('name', string({ pattern: '^[^/%&><]+$' }), { '""': 'string_pattern_mismatch@', '"a b"': '"a b"' });
  answers('int', kinds.int(), {
    '5.0': '5',
    true: '1',
    '" 1_000 "': '1000',
    '"+5"': '5',
    '"5.00"': '5',
    '5.5': 'int_from_float@',
    '"5.5"': 'int_parsing@',
    '"1e2"': 'int_parsing@',
    '1e2': '100',
    '1e400': 'finite_number@',
    '1e20': 'int_parsing_size@',
    '[]': 'int_type@',
    '2147483647': '2147483647',
    '2147483648': 'less_than_equal@',
    '-2147483649': 'greater_than_equal@',
    '123456789012345678901234567890': 'less_than_equal@',
  });
  answers('int between', kinds.int({ ge: 0, lt: 9 }), { '-1': 'greater_than_equal@', '9': 'less_than@' });
  answers('int column', kinds.int({ max: kinds.SMALLINT_MAX }), {
    '32768': 'less_than_equal@',
    '32767': '32767',
  });
  answers('float', kinds.float({ gt: 0, le: 2 }), {
    '"1.5"': '1.5',
    '1.50': '1.5',
    '".5"': '0.5',
    '"1_0e-1"': '1',
    '"x"': 'float_parsing@',
    '[]': 'float_type@',
    '0': 'greater_than@',
    '3': 'less_than_equal@',
    '"nan"': 'finite_number@',
  });
  answers('bool', kinds.bool(), {
    '"YES"': 'true',
    '"off"': 'false',
    '1.0': 'true',
    '2': 'bool_parsing@',
    '" true"': 'bool_parsing@',
    '0.5': 'bool_type@',
    null: 'bool_type@',
  });
  answers('uuid', kinds.uuid(), {
    [`"${UUID.toUpperCase()}"`]: `"${UUID}"`,
    [`"${UUID.replaceAll('-', '')}"`]: `"${UUID}"`,
    [`"{${UUID}}"`]: `"${UUID}"`,
    [`"urn:uuid:${UUID}"`]: `"${UUID}"`,
    [`"{${UUID.replaceAll('-', '')}}"`]: 'uuid_parsing@',
    [`" ${UUID}"`]: 'uuid_parsing@',
    '5': 'uuid_type@',
  });
  answers('literal', kinds.literal('a', 'b'), {
    '"a"': '"a"',
    '"c"': 'literal_error@',
    '1': 'literal_error@',
  });
});

describe('time', () => {
  answers('timestamp', kinds.timestamp(), {
    '"2024-01-01"': '"2024-01-01T00:00:00.000000Z"',
    '"2024-01-01 00:00:00.1234567"': '"2024-01-01T00:00:00.123456Z"',
    '"2024-01-01T00:00:00+05:30"': '"2023-12-31T18:30:00.000000Z"',
    '"2024-W01-1"': '"2024-01-01T00:00:00.000000Z"',
    '"2024-366"': '"2024-12-31T00:00:00.000000Z"',
    '"2023-366"': 'value_error@',
    '"1704067200.5"': '"2024-01-01T00:00:00.500000Z"',
    '1704067200000': '"2024-01-01T00:00:00.000000Z"',
    '0.1234567': '"1970-01-01T00:00:00.123457Z"',
    '"2024-02-30T00:00:00Z"': 'value_error@',
    '"2024-01-01T00:00:00+24:00"': 'value_error@',
    '"P1D"': 'value_error@',
    '1e17': 'value_error@',
    true: 'value_error@',
    null: 'value_error@',
  });
  answers('datetime', kinds.datetime(), {
    '"2024-01-01T00:00Z"': '"2024-01-01T00:00:00.000000Z"',
    '"2024-W01-1"': 'datetime_from_date_parsing@',
    '1e17': 'datetime_parsing@',
    '[]': 'datetime_type@',
  });
  answers('duration', kinds.duration(), {
    '3600.5': '3600.5',
    '0.1234567': '0.123457',
    '"PT2H"': '7200',
    '"-P1DT0.5S"': '-86400.5',
    '"1 day, 2:00:00"': '93600',
    '"00:00:01.5"': '1.5',
    '"2:00"': 'time_delta_parsing@',
    '"3600"': 'time_delta_parsing@',
    '"PT"': 'time_delta_parsing@',
    '1e20': 'time_delta_parsing@',
    null: 'time_delta_type@',
  });
});

describe('containers', () => {
  answers('list', list(kinds.int(), { min: 1, max: 2 }), {
    '[1,"2"]': '[1,2]',
    '[]': 'too_short@',
    '[1,2,3]': 'too_long@',
    '[1,"x",null]': 'int_parsing@1 int_type@2',
    '{}': 'list_type@',
  });
  answers('set', set(string()), { '["a","b","a"]': '["a","b"]', '"a"': 'set_type@' });
  answers('pair', kinds.pair(string(), kinds.int()), {
    '["a",1]': '["a",1]',
    '[1]': 'string_type@0 missing@1',
  });
  answers('sequence', kinds.sequence(string()), {
    '{}': 'is_instance_of@',
    '"a"': 'sequence_str@',
    '[1]': 'string_type@0',
  });
  answers('dict', kinds.dict(string()), {
    '{"b":"1","a":"2"}': '{"b":"1","a":"2"}',
    '{"__proto__":"x"}': '{"__proto__":"x"}',
    '{"a":1}': 'string_type@a',
    '[]': 'dict_type@',
    '1.0': 'dict_type@',
  });
  answers('labels', kinds.labels(), {
    '{"a":1.0,"b":true,"c":"x","d":12345678901234567890}':
      '{"a":1.0,"b":true,"c":"x","d":12345678901234567890}',
    '{"a":null}': 'bool_type@a.bool int_type@a.int float_type@a.float string_type@a.str',
  });
  answers('union', kinds.union({ str: string(), 'list[str]': list(string()) }), {
    '["x"]': '["x"]',
    '[1]': 'string_type@str string_type@list[str].0',
  });
  answers('nullable', nullable(kinds.int()), { null: 'null', '"1"': '1', '"x"': 'int_parsing@' });
});

describe("a user's JSON", () => {
  const text = '{"b": 1.0, "2": 123456789012345678901234567890, "1": [1e2, -0.0]}';

  test('is captured as it was sent, also as a part', () => {
    const whole = model('Whole', { parameters: kinds.jsonObject(), data: kinds.json() });
    const result = whole.parse(parseJson(`{"parameters":${text},"data":[1.0]}`));
    expect(result.parameters).toEqual(new JsonText(text));
    expect(result.data.text).toBe('[1.0]');
  });

  test('must be an object where an object is asked for', () => {
    expect(read(kinds.jsonObject(), '1.0')).toBe('dict_type@');
    expect(read(kinds.jsonObject(), '[]')).toBe('dict_type@');
  });
});

describe('what no database stores', () => {
  const nul = '"a\\u0000b"';
  const half = '"a\\ud800b"';
  const pair = '"a\\ud83d\\ude00b"';

  test.each([nul, half])('%s is refused as text, as a key and deep inside of JSON', (bad) => {
    expect(read(string(), bad)).toBe('string_type@');
    expect(read(kinds.labels(), `{"k":${bad}}`)).toBe('string_type@k');
    expect(read(kinds.json(), `{"x":[1.0,{"y":${bad}}]}`)).toBe('string_type@');
    expect(read(kinds.jsonObject(), `{${bad}:1}`)).toBe('string_type@');
    expect(read(kinds.dict(string()), `{${bad}:"v"}`)).toContain('string_type@');
  });

  test('a whole pair, and an escaped backslash before u0000, are texts like any other', () => {
    expect(read(string(), pair)).toBe('"a😀b"');
    expect(read(kinds.json(), `[1.0,${pair},"\\\\u0000"]`)).toBe(`[1.0,${pair},"\\\\u0000"]`);
  });

  test('is taken out where the field says so, and nothing else changes', () => {
    expect(read(string({ strip: true }), nul)).toBe('"ab"');
    expect(read(string({ strip: true }), half)).toBe('"a\uFFFDb"');
    const sent = `{"k\\u0000": [1.0, ${nul}, ${half}, ${pair}, "\\\\u0000"]}`;
    const kept = `{"k": [1.0, "ab", "a\\ufffdb", ${pair}, "\\\\u0000"]}`;
    expect(read(kinds.json({ strip: true }), sent)).toBe(kept);
  });
});

describe('models', () => {
  const Inner = model('Inner', { n: kinds.int() });
  const Outer = model(
    'Outer',
    {
      name: string(),
      inner: nullable(Inner),
      tags: kinds.withDefault(list(string()), () => []),
      note: optional(nullable(string())),
    },
    { extra: 'forbid' },
  );

  test('errors come as declared, extras last, each where it lies', () => {
    const sent = '{"z":1,"tags":[1],"inner":{"n":"x","ignored":1},"a":2}';
    expect(read(Outer, sent)).toBe(
      'missing@name int_parsing@inner.n string_type@tags.0 extra_forbidden@z extra_forbidden@a',
    );
  });

  test('what is absent takes its default or stays absent, and null is a value', () => {
    expect(Outer.parse({ name: 'n', inner: null })).toEqual({ name: 'n', inner: null, tags: [] });
    expect(Outer.parse({ name: 'n', inner: { n: 1, more: 2 }, note: null })).toEqual({
      name: 'n',
      inner: { n: 1 },
      tags: [],
      note: null,
    });
  });

  test('names of Object.prototype are no members of a request', () => {
    expect(read(Outer, '{"name":"n","inner":null,"__proto__":1,"constructor":2}')).toBe(
      'extra_forbidden@__proto__ extra_forbidden@constructor',
    );
  });

  test('a default is never shared by two requests', () => {
    const first = Outer.parse({ name: 'n', inner: null });
    first.tags.push('mine');
    expect(Outer.parse({ name: 'n', inner: null }).tags).toEqual([]);
  });

  test('several parameters: null counts as absent, unknown names are ignored, a list has none of them', () => {
    const Body = kinds.parameters({ limit: optional(kinds.int()), state: Inner }, 'Body_of_test');
    expect(read(Body, '{"limit":null,"state":{"n":1},"x":1}')).toBe('{"state":{"n":1}}');
    expect(read(Body, '{"limit":"x","state":null}')).toBe('int_parsing@limit missing@state');
    expect(read(Body, '[]')).toBe('missing@limit missing@state');
    expect(read(Body, 'null')).toBe('missing@state');
  });

  test('two schemas cannot share a name of the document', () => {
    expect(() => model('Inner', {})).toThrow('two schemas are called Inner');
  });

  test('the document has titles, defaults, references and what is required', () => {
    model('Documented', {
      flow_run_id: kinds.uuid(),
      any_: optional(nullable(list(string()))),
      inner: kinds.maybe(Inner),
      count: kinds.withDefault(kinds.int({ ge: 1 }), 2),
      old: kinds.annotated(optional(kinds.bool()), { deprecated: true }),
    });
    const reference = { $ref: '#/components/schemas/Inner' };
    expect(kinds.componentSchemas()['Documented']).toEqual({
      type: 'object',
      title: 'Documented',
      required: ['flow_run_id'],
      properties: {
        flow_run_id: { type: 'string', format: 'uuid', title: 'Flow Run Id' },
        any_: { anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'null' }], title: 'Any' },
        inner: { anyOf: [reference, { type: 'null' }] },
        count: { type: 'integer', minimum: 1, default: 2, title: 'Count' },
        old: { type: 'boolean', deprecated: true, title: 'Old' },
      },
    });
  });

  test('kinds work inside of zod types, which see their issues and schemas', () => {
    const Both = z.object({ inner: Inner, id: kinds.uuid() });
    const refused = parse(Both, { inner: { n: 'x' } }, 'body');
    expect(refused.ok ? [] : refused.items.map(({ type, loc }) => [type, loc])).toEqual([
      ['int_parsing', ['body', 'inner', 'n']],
      ['missing', ['body', 'id']],
    ]);
    expect(z.toJSONSchema(kinds.uuid())).toMatchObject({ type: 'string', format: 'uuid' });
  });
});

describe('the answer', () => {
  const Named = model('Named', { name: string() });

  test('names place, type and input, and repeats the body', () => {
    const body = parseJson('{"name":1.0}');
    const result = parse(Named, body, 'body');
    if (result.ok) throw new Error('accepted');
    expect(JSON.parse(stringifyJson(validationError(result.items, body)))).toEqual({
      exception_message: 'Invalid request received.',
      exception_detail: [
        { type: 'string_type', loc: ['body', 'name'], msg: 'Input should be a valid string', input: 1 },
      ],
      request_body: { name: 1 },
    });
  });

  test('a body that is absent or null is missing as a whole', () => {
    for (const body of [undefined, null]) {
      const result = parse(Named, body, 'body');
      expect(result).toMatchObject({ ok: false, items: [{ type: 'missing', loc: ['body'], input: null }] });
    }
  });

  test('of a query parameter that is given twice the last counts', () => {
    const Query = kinds.parameters({ n: kinds.int() });
    expect(parse(Query, { n: ['1', '2'] }, 'query')).toEqual({ ok: true, value: { n: 2 } });
    expect(parse(Query, {}, 'query')).toMatchObject({
      items: [{ type: 'missing', loc: ['query', 'n'], input: null }],
    });
  });
});
