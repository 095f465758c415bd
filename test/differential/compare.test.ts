/** The comparison itself: whatever it let pass here, it would let pass between the servers. */
import { describe, expect, test } from 'vitest';
import { parseJson } from '../../src/json/json.ts';
import { compareAnswers } from './compare.ts';
import { knownDifferences } from './known.ts';
import { Pair } from './pair.ts';
import type { Answer } from './request.ts';
import { fullName, get, type StepOptions } from './sequence.ts';
import { guarded } from './sequences/guarded.ts';
import { groups } from './sequences/index.ts';

const A = '11111111-1111-4111-8111-111111111111';
const B = '22222222-2222-4222-8222-222222222222';
const C = '33333333-3333-4333-8333-333333333333';

const answer = (text: string, status = 200, headers = {}): Answer => ({
  status,
  headers,
  text,
  body: text === '' ? '' : parseJson(text),
  ms: 1,
});

/** The places that differ between two bodies, after others that were compared before. */
function places(
  oracle: string,
  ours: string,
  options: StepOptions = {},
  before: [string, string][] = [],
): string[] {
  const pair = new Pair();
  pair.sent({ name: 'sent-name', at: '2026-01-02T03:04:05.5Z', id: C });
  const compare = (left: string, right: string) =>
    compareAnswers(get('/x', options), answer(left), answer(right), pair).map(({ at }) => at);
  for (const [left, right] of before) expect(compare(left, right)).toEqual([]);
  return compare(oracle, ours);
}

const at = (second: number) => `2026-11-21T10:00:${String(second).padStart(2, '0')}.123456Z`;

test('every known difference is one of a sequence that there is', () => {
  const names = [...groups, guarded].flatMap((group) => group.sequences.map((one) => fullName(group, one)));
  const lost = knownDifferences.filter((known) => !names.some((name) => known.sequence.test(name)));
  expect(lost.map((known) => known.reason)).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});

describe('what corresponds', () => {
  test('an id stands for another one, always for the same', () => {
    expect(places(`{"a":"${A}","b":"${A}"}`, `{"a":"${B}","b":"${B}"}`)).toEqual([]);
    expect(places(`{"a":"${A}","b":"${A}"}`, `{"a":"${B}","b":"${A}"}`)).toEqual(['body.b']);
    expect(places(`{"a":"${A}","b":"${B}"}`, `{"a":"${B}","b":"${B}"}`)).toEqual(['body.b']);
    expect(places(`{"x":"${A}"}`, `{"x":"${A}"}`, {}, [[`{"x":"${A}"}`, `{"x":"${B}"}`]])).toEqual([
      'body.x',
    ]);
    expect(places(`"prefect.flow-run.${A} is"`, `"prefect.flow-run.${B} is"`)).toEqual([]);
    expect(places(`"prefect.flow-run.${A} is"`, `"prefect.task-run.${B} is"`)).toEqual(['body']);
  });

  test('an id that was sent stands for itself', () => {
    expect(places(`"${C}"`, `"${C}"`)).toEqual([]);
    expect(places(`"${C}"`, `"${B}"`)).toEqual(['body']);
    expect(places(`"${B}"`, `"${C}"`)).toEqual(['body']);
  });

  test('moments that are near, and the same one again', () => {
    expect(places(`["${at(1)}","${at(1)}"]`, `["${at(2)}","${at(2)}"]`)).toEqual([]);
    expect(places(`["${at(1)}","${at(1)}"]`, `["${at(1)}","${at(2)}"]`)).toEqual(['body.1']);
    expect(places(`"${at(1)}"`, `"${at(9)}"`)).toEqual(['body']);
    expect(
      places(`{"created":"${at(1)}","updated":"${at(1)}"}`, `{"created":"${at(1)}","updated":"${at(2)}"}`),
    ).toEqual([]);
    expect(places(`"${at(1)}"`, 'null')).toEqual(['body']);
  });

  test('a moment that was sent comes back, in whatever spelling', () => {
    expect(places('"2026-01-02T03:04:05.5Z"', '"2026-01-02T05:04:05.500000+02:00"')).toEqual([]);
    expect(places('"2026-01-02T03:04:05.5Z"', '"2026-01-02T03:04:05.500001Z"')).toEqual(['body']);
  });

  test('a generated name, but none that was sent', () => {
    expect(places('{"name":"busy-crab"}', '{"name":"calm-owl"}')).toEqual([]);
    expect(places('{"name":"sent-name"}', '{"name":"calm-owl"}')).toEqual(['body.name']);
    expect(places('{"message":"busy-crab"}', '{"message":"calm-owl"}')).toEqual(['body.message']);
  });
});

describe('values', () => {
  test.each([
    ['1', '1.0'],
    ['12345678901234567890', '12345678901234567000'],
    ['0.0', '-0.0'],
    ['0', '0.0'],
    ['"1"', '1'],
    ['null', '{}'],
    ['[]', '{}'],
    ['[1,2]', '[2,1]'],
    ['[1]', '[1,1]'],
    ['{"a":1}', '{}'],
    ['{}', '{"a":null}'],
    ['{"a":{"b":[0,{"c":true}]}}', '{"a":{"b":[0,{"c":false}]}}'],
    ['"a"', '"A"'],
  ])('%s is not %s', (oracle, ours) => {
    expect(places(oracle, ours)).not.toEqual([]);
  });

  test.each([
    ['1e3', '1000.0'],
    ['{"a":1,"b":2}', '{"b":2,"a":1}'],
    ['{"pause_keys":["a","b"]}', '{"pause_keys":["b","a"]}'],
    ['{"total_run_time":0.5}', '{"total_run_time":0.7}'],
  ])('%s is as good as %s', (oracle, ours) => {
    expect(places(oracle, ours)).toEqual([]);
  });

  test('seconds are near each other, and nothing is not a little', () => {
    expect(places('{"total_run_time":0.5}', '{"total_run_time":7.5}')).toEqual(['body.total_run_time']);
    expect(places('{"total_run_time":0.0}', '{"total_run_time":0.1}')).toEqual(['body.total_run_time']);
    expect(places('{"n":0.5}', '{"n":0.6}')).toEqual(['body.n']);
  });

  test('a list without an order still has the same items', () => {
    const unordered = { unordered: true };
    expect(
      places(
        `[{"id":"${A}","n":1},{"id":"${B}","n":2}]`,
        `[{"id":"${A}","n":2},{"id":"${B}","n":1}]`,
        unordered,
      ),
    ).toEqual([]);
    expect(places('[{"n":1},{"n":2}]', '[{"n":2},{"n":3}]', unordered)).not.toEqual([]);
    expect(places('{"results":[1,2]}', '{"results":[2,1]}', unordered)).toEqual([]);
    expect(places('[{"tags":["a","b"]}]', '[{"tags":["b","a"]}]', unordered)).not.toEqual([]);
  });
});

describe('answers', () => {
  const differ = (oracle: Answer, ours: Answer) =>
    compareAnswers(get('/x'), oracle, ours, new Pair()).map((difference) => difference.at);
  const refusal = (detail: unknown, body: unknown = { a: 1 }) =>
    answer(
      JSON.stringify({ exception_message: 'Invalid', exception_detail: detail, request_body: body }),
      422,
    );
  const item = (loc: unknown[], type: string, msg = 'm') => ({ loc, type, msg, input: 1 });

  test('status and headers', () => {
    expect(differ(answer('1'), answer('1', 201))).toEqual(['status']);
    const json = { 'content-type': 'application/json' };
    expect(differ(answer('1', 200, json), answer('1', 200, { 'content-type': 'text/html' }))).toEqual([
      'header.content-type',
    ]);
    expect(differ(answer('1', 423, { 'retry-after': '1.5' }), answer('1', 423))).toEqual([
      'header.retry-after',
    ]);
    expect(
      differ(answer('1', 423, { 'retry-after': '1.5' }), answer('1', 423, { 'retry-after': '9' })),
    ).toEqual([]);
    const moved = (location: string) => answer('', 307, { location });
    expect(differ(moved('http://a:1/api/flows/'), moved('http://b:2/api/flows/'))).toEqual([]);
    expect(differ(moved('http://a:1/api/flows/'), moved('http://b:2/flows/'))).toEqual(['header.location']);
  });

  test('of a refusal the place and kind of each error', () => {
    const one = item(['body', 'a'], 'missing');
    expect(differ(refusal([one]), refusal([item(['body', 'a'], 'missing', 'other words')]))).toEqual([]);
    expect(differ(refusal([one]), refusal([item(['body', 'b'], 'missing')]))).toEqual([
      'body.exception_detail',
    ]);
    expect(differ(refusal([one]), refusal([item(['body', 'a'], 'string_type')]))).toEqual([
      'body.exception_detail',
    ]);
    expect(differ(refusal([one]), refusal([one, one]))).toEqual(['body.exception_detail']);
    expect(differ(refusal([one]), refusal([one], { a: 2 }))).toEqual(['body.request_body.a']);
    expect(differ(refusal([one]), answer('{"detail":"x"}', 422))).toEqual(['body']);
    expect(differ(answer('{"detail":"x"}', 422), answer('{"detail":"y"}', 422))).toEqual(['body.detail']);
  });

  test('where Prefect fails, a refusal', () => {
    expect(differ(answer('{}', 500), answer('{}', 422))).toEqual([]);
    expect(differ(answer('{}', 503), answer('{}', 500))).toEqual(['status']);
    expect(differ(answer('{}', 500), answer('{}', 200))).toEqual(['status']);
  });
});
