import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseJson } from '../../../src/json/json.ts';
import { CIRCULAR, schemaProblem } from '../../../src/json/schema/problem.ts';
import { pythonText } from '../../../src/json/schema/python-text.ts';

/** Schema, value, and what Prefect 3.8.8's own check says of them (null: nothing). */
const recorded: [schema: string, value: string, problem: string | null][] = JSON.parse(
  readFileSync(new URL('fixtures/problems.json', import.meta.url), 'utf8'),
);

const problem = (schema: string, value: string) =>
  schemaProblem(parseJson(value), parseJson(schema) as Record<string, unknown>) ?? null;

test('the fixture has many kinds of problems', () => {
  expect(recorded.filter(([, , said]) => said === null).length).toBeGreaterThan(5);
  expect(recorded.length).toBeGreaterThan(80);
});

test.each(recorded)('%s %s', (schema, value, said) => {
  expect(problem(schema, value)).toBe(said);
});

test('a long list is found to be without repetitions, or with one, in no time', () => {
  const unique = '{"type":"array","uniqueItems":true}';
  const items = Array.from({ length: 20_000 }, (_, i) => `{"a":${i},"b":["${i}"]}`);
  const began = performance.now();
  expect(problem(unique, `[${items.join()}]`)).toBe(null);
  expect(problem(unique, `[${items.join()},{"b":["7"],"a":7.0}]`)).toContain('has non-unique elements');
  expect(performance.now() - began).toBeLessThan(3000);
});

test.each([
  ['[1,1.0]', false],
  ['[{"a":1,"b":[2]},{"b":[2.0],"a":1}]', false],
  ['[9007199254740993,9007199254740992]', true],
  ['[1,true,"1",[1],null,"null",{"a":1},"{\\"a\\":1}",[[1]],["1"],["1,2"],[1,2]]', true],
])('the elements of %s are told apart', (list, unique) => {
  const said = problem('{"uniqueItems":true}', list);
  if (unique) expect(said).toBe(null);
  else expect(said).toContain('has non-unique elements');
});

describe('schemas that are wrong', () => {
  test('one that refers to itself', () => {
    expect(problem('{"$ref":"#"}', '1')).toBe(CIRCULAR);
  });

  test('one of an unknown type', () => {
    expect(problem('{"properties":{"a":{"type":"text"}}}', '{}')).toBe(
      "Invalid schema: 'text' is not a type.",
    );
  });

  test('a member that is called type is none', () => {
    expect(problem('{"properties":{"type":{"enum":["text"]}}}', '{"type":"text"}')).toBe(null);
  });

  test('one that has to be fetched isn’t', () => {
    expect(problem('{"$ref":"http://127.0.0.1/schema"}', '1')).toContain('http://127.0.0.1/schema');
  });
});

test.each([
  ['^(?P<word>\\w+)\\Z', 'abc', true],
  ['^[a\\_]+$', 'a_', true],
  ['^[a\\_]+$', 'b', false],
])('a pattern that Python knows: %s', (pattern, text, fits) => {
  expect(schemaProblem(text, { pattern }) === undefined).toBe(fits);
});

test('a pattern that nobody knows', () => {
  expect(schemaProblem('a', { pattern: '(' })).toContain('Invalid schema');
});

describe('schemas of pydantic 1', () => {
  test('what is not required may be null', () => {
    expect(problem('{"properties":{"a":{"type":"string"}}}', '{"a":null}')).toBe(null);
  });

  test('a list of items is a tuple', () => {
    const schema = '{"properties":{"a":{"type":"array","items":[{"type":"string"},{"type":"integer"}]}}}';
    expect(problem(schema, '{"a":["x",1]}')).toBe(null);
    expect(problem(schema, '{"a":["x","y"]}')).toBe(
      "Validation failed for field 'a[1]'. Failure reason: 'y' is not of type 'integer'",
    );
  });

  test('a block may be given by reference', () => {
    const definition =
      '{"title":"B","block_type_slug":"b","type":"object","properties":{},"required":["own"]}';
    const schema = `{"properties":{"a":{"$ref":"#/definitions/B"}},"definitions":{"B":${definition}}}`;
    expect(problem(schema, '{"a":{"$ref":{"block_document_id":"x"}}}')).toBe(null);
    expect(problem(schema, '{"a":{"own":1}}')).toBe(null);
    expect(problem(schema, '{"a":{}}')).not.toBe(null);
  });
});

test.each([
  ['"a"', "'a'"],
  ['"it\'s"', '"it\'s"'],
  ['"it\'s \\"q\\""', "'it\\'s \"q\"'"],
  ['"\\n\\u200b\\u0001é"', "'\\n\\u200b\\x01é'"],
  ['[true,false,null,1,1.0,-0.0,1e100,1.5]', '[True, False, None, 1, 1.0, -0.0, 1e+100, 1.5]'],
  ['12345678901234567890', '12345678901234567890'],
  ['{"a":[{}]}', "{'a': [{}]}"],
])('Python shows %s as %s', (json, shown) => {
  expect(pythonText(parseJson(json))).toBe(shown);
});
