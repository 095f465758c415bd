import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import {
  type Countable,
  countEventsBy,
  InvalidCount,
  type TimeUnit,
} from '../../src/entities/event/counts.ts';
import { insertEvents } from '../../src/entities/event/event.ts';
import { addSeconds, toMicros } from '../../src/time/timestamp.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { makeEvent } from './make.ts';

const SINCE = '2026-11-20T10:20:30.123456Z';
/** On edges of spans, a microsecond before them, and in between. */
const OFFSETS = [
  0, 0.000001, 0.29, 0.58, 0.999999, 1, 29.5, 29.876543, 29.876544, 30, 59, 60, 3569.876543, 3569.876544,
  3600, 80_000,
];
const events = OFFSETS.map((seconds, i) =>
  makeEvent({
    event: i % 4 === 0 ? 'rare' : 'often',
    occurred: addSeconds(SINCE, seconds),
    resource: {
      'prefect.resource.id': `thing.${i % 3}`,
      ...(i % 3 === 1 && { 'prefect.resource.name': `name ${i}` }),
      ...(i % 3 === 2 && { 'prefect.name': 'old name' }),
    },
  }),
);

let own: TestDatabase;
let db: Database;
beforeAll(async () => {
  own = await createTestDatabase();
  db = own.db;
  await db.transaction(() => insertEvents(db, events));
});
afterAll(() => own.dispose());

const count = (countable: Countable, seconds = 86_400, unit: TimeUnit = 'day', interval = 1) =>
  db.longRead(() =>
    countEventsBy(
      db,
      countable,
      { occurred: { since: SINCE, until: addSeconds(SINCE, seconds) } },
      unit,
      interval,
    ),
  );

describe('by time', () => {
  test.each([
    ['second', 0.29, 0.87],
    ['second', 0.01, 2],
    ['second', 0.5, 100],
    ['minute', 1, 4000],
    ['minute', 50.5, 90_000],
    ['hour', 1, 90_000],
    ['day', 1, 90_000],
    ['week', 0.5, 90_000],
  ] as const)('in spans of %s x %d', async (unit, interval, seconds) => {
    const spans = await count('time', seconds, unit, interval);
    const until = addSeconds(SINCE, seconds);
    for (const [i, span] of spans.entries()) {
      const within = events.filter(
        ({ occurred }) => occurred >= span.start_time && occurred <= span.end_time && occurred <= until,
      );
      expect([span.value, span.count]).toEqual([String(i), within.length]);
      if (i > 0) expect(toMicros(span.start_time)).toBe(toMicros(spans[i - 1]!.end_time) + 1);
    }
    expect(spans[0]!.start_time <= SINCE && SINCE <= spans[0]!.end_time).toBe(true);
    expect(spans.at(-1)!.end_time >= until).toBe(true);
  });

  test('a day is counted in days alone', async () => {
    await expect(count('day', 90_000, 'hour', 1)).rejects.toThrow(InvalidCount);
    await expect(count('day', 90_000, 'day', 3)).rejects.toThrow('count by time');
    expect(await count('day', 90_000)).toEqual([
      {
        value: '0',
        label: '2026-11-20T00:00:00+00:00',
        count: 15,
        start_time: '2026-11-20T00:00:00.000000Z',
        end_time: '2026-11-20T23:59:59.999999Z',
      },
      expect.objectContaining({ value: '1', label: '2026-11-21T00:00:00+00:00', count: 1 }),
    ]);
  });

  test('a fraction in a label is told as Python tells it', async () => {
    const [first] = await count('time', 1, 'second', 0.29);
    expect(first!.label).toMatch(/^2026-11-20T10:20:2\d\.\d{6}\+00:00$|^2026-11-20T10:20:30\.\d{6}\+00:00$/);
  });

  test('no more than a thousand', async () => {
    await expect(count('time', 1001, 'second')).rejects.toThrow(InvalidCount);
    await expect(count('event', 1001, 'second')).rejects.toThrow('would create 1001 buckets');
    expect((await count('time', 999, 'second')).length).toBeGreaterThanOrEqual(999);
  });
});

test('by name, the most frequent first', async () => {
  expect(await count('event')).toEqual([
    {
      value: 'often',
      label: 'often',
      count: 12,
      start_time: events[1]!.occurred,
      end_time: events[15]!.occurred,
    },
    {
      value: 'rare',
      label: 'rare',
      count: 4,
      start_time: events[0]!.occurred,
      end_time: events[12]!.occurred,
    },
  ]);
});

test('by resource, under the last name it had', async () => {
  expect(await count('resource')).toEqual([
    {
      value: 'thing.0',
      label: 'thing.0',
      count: 6,
      start_time: events[0]!.occurred,
      end_time: events[15]!.occurred,
    },
    {
      value: 'thing.1',
      label: 'name 13',
      count: 5,
      start_time: events[1]!.occurred,
      end_time: events[13]!.occurred,
    },
    {
      value: 'thing.2',
      label: 'old name',
      count: 5,
      start_time: events[2]!.occurred,
      end_time: events[14]!.occurred,
    },
  ]);
});
