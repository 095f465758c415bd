import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addSeconds,
  fromMicros,
  now,
  parseTimestamp,
  secondsBetween,
  toMicros,
} from '../../src/time/timestamp.ts';

test.each([
  ['2026-11-21T02:24:57.929266Z', '2026-11-21T02:24:57.929266Z'],
  ['2026-11-21T02:24:57Z', '2026-11-21T02:24:57.000000Z'],
  ['2026-11-21 02:24:57.5+01:30', '2026-11-21T00:54:57.500000Z'],
  ['2026-11-21t02:24:57.1234567z', '2026-11-21T02:24:57.123456Z'],
  ['2026-01-01T00:30:00-0100', '2026-01-01T01:30:00.000000Z'],
  ['2026-11-21T02:24:57', '2026-11-21T02:24:57.000000Z'],
  ['9999-12-31T23:59:59.999999Z', '9999-12-31T23:59:59.999999Z'],
])('%s is %s', (text, moment) => {
  expect(parseTimestamp(text)).toBe(moment);
});

test.each([
  '',
  'today',
  '2026-02-30T00:00:00Z',
  '2026-01-01T24:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-01-01',
  '0000-01-01T00:00:00Z',
])('%j is not a moment', (text) => {
  expect(parseTimestamp(text)).toBeNull();
});

test('microseconds survive arithmetic', () => {
  const micros = fc.integer({ min: -2_000_000_000_000_000, max: 9_000_000_000_000_000 });
  fc.assert(
    fc.property(micros, (value) => {
      expect(toMicros(fromMicros(value))).toBe(value);
    }),
  );
  expect(addSeconds('2026-12-31T23:59:59.999999Z', 0.000001)).toBe('2027-01-01T00:00:00.000000Z');
  expect(secondsBetween('2026-01-01T00:00:00.250000Z', '2026-01-01T00:00:01.000000Z')).toBe(0.75);
});

test('now never goes backwards and is the wall clock', () => {
  const first = now();
  let last = first;
  for (let i = 0; i < 1_000; i++) {
    const next = now();
    expect(next >= last).toBe(true);
    last = next;
  }
  expect(Math.abs(Date.parse(`${first.slice(0, 23)}Z`) - Date.now())).toBeLessThan(1_000);
});
