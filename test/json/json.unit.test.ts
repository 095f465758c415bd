import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  JsonNumber,
  JsonSyntaxError,
  JsonText,
  JsonTooDeep,
  JsonTooLarge,
  parseJson,
  stringifyJson,
} from '../../src/json/json.ts';

describe('a value comes back as it was sent', () => {
  test.each([
    '1.0',
    '-0',
    '-0.0',
    '1e100',
    '1E+2',
    '12345678901234567890',
    '0.1',
    '123456789012345678901234567890.5',
    '[1.0,2,3.10]',
    '{"b":1,"2":2,"1":3}',
    '{"__proto__":{"a":1.0},"constructor":2}',
    '{"a":{"b":[{"c":1.50}]}}',
    '"a, 1.0]"',
    '{"text":"\\u00e9\\n\\ud83d\\ude00","x":1.0}',
    ' { "spaced" : [ 1.0 , 2 ] } ',
    '{"duplicate":1.0,"duplicate":2}',
  ])('%s', (text) => {
    const value = parseJson(text);
    expect(JsonText.of(value).text).toBe(text.trim());
    expect(stringifyJson({ inner: JsonText.of(value) })).toBe(`{"inner":${text.trim()}}`);
  });

  test('a part of a document keeps its own text', () => {
    const { parameters } = parseJson('{"name":"x","parameters": {"9":1.0, "8":[2.50]}}') as {
      parameters: object;
    };
    expect(JsonText.of(parameters).text).toBe('{"9":1.0, "8":[2.50]}');
  });

  test('numbers that JavaScript keeps stay numbers', () => {
    const value = parseJson('{"a":1,"b":1.5,"c":1.0}') as Record<string, unknown>;
    expect(value['a']).toBe(1);
    expect(value['b']).toBe(1.5);
    expect(value['c']).toEqual(new JsonNumber('1.0'));
  });

  test('a key __proto__ is a member and not the prototype', () => {
    const value = parseJson('{"__proto__":{"admin":true}}') as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(value['admin']).toBeUndefined();
  });
});

test('writes every text and every key as JSON.stringify does', () => {
  const unit = fc.oneof(
    fc.constantFrom(
      '"',
      '\\',
      '/',
      '\0',
      '\n',
      '\u001f',
      '\u007f',
      '\u2028',
      '\ud800',
      '\udfff',
      '\ue000',
      '\uffff',
      '𝄞',
      ' ',
      '!',
      '#',
      '[',
      ']',
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  );
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 80 }), (text) => {
      expect(stringifyJson(text)).toBe(JSON.stringify(text));
      expect(stringifyJson({ [text]: 1 })).toBe(JSON.stringify({ [text]: 1 }));
    }),
    { numRuns: 2000 },
  );
});

test('agrees with JSON.parse on every document that JSON.stringify writes', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      expect(JSON.parse(stringifyJson(parseJson(text)))).toEqual(JSON.parse(text));
    }),
  );
});

test('refuses exactly what JSON.parse refuses', () => {
  const nearlyJson = fc.array(
    fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '1', '1.0', 'e', '-', 'null', '"a"', ' ', '\\', '01'),
  );
  fc.assert(
    fc.property(nearlyJson, (pieces) => {
      const text = pieces.join('');
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      if (valid) expect(() => parseJson(text)).not.toThrow();
      else expect(() => parseJson(text)).toThrow(JsonSyntaxError);
    }),
    { numRuns: 5_000 },
  );
});

test.each(['1.0', '1', '{}'])(
  'around %s a document nested too deeply is refused and does not end the process',
  (core) => {
    const nested = (depth: number): string =>
      `{"a":"]\\"[","b":${'['.repeat(depth)}${core}${']'.repeat(depth)}}`;
    expect(() => parseJson(nested(100_000))).toThrow(JsonTooDeep);
    expect(() => parseJson(nested(501))).toThrow(JsonTooDeep);
    expect(JsonText.of(parseJson(nested(490))).text).toBe(nested(490));
  },
);

test('brackets in strings are no depth', () => {
  const text = `["${'['.repeat(1000)}\\\\","\\"${'{'.repeat(1000)}"]`;
  expect(parseJson(text)).toEqual(JSON.parse(text));
});

test('a document of more values than fit into memory is refused before it is parsed', () => {
  expect(() => parseJson(`[${'{},'.repeat(2_000_000)}1]`)).toThrow(JsonTooLarge);
  expect(parseJson(`["${','.repeat(3_000_000)}"]`)).toHaveLength(1);
});

test('what JSON cannot express is null, and undefined members are left out', () => {
  expect(stringifyJson({ a: Number.NaN, b: Number.POSITIVE_INFINITY, c: undefined, d: [undefined] })).toBe(
    '{"a":null,"b":null,"d":[null]}',
  );
});
