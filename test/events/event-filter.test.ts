import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { insertEvents, type Labels, type ReceivedEvent } from '../../src/entities/event/event.ts';
import { criteriaOf, type EventFilter } from '../../src/entities/event/filter.ts';
import { matchesEvent, matchesGlob } from '../../src/entities/event/filter-match.ts';
import { countEvents, readEvents, readEventsAfter } from '../../src/entities/event/query.ts';
import { JsonText } from '../../src/json/json.ts';
import { addSeconds } from '../../src/time/timestamp.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { makeEvent } from './make.ts';

const BEGAN = '2026-11-21T10:00:00.000000Z';
const ALWAYS = { since: addSeconds(BEGAN, -1), until: addSeconds(BEGAN, 1000) };

/** Few and short texts, so that filters find something; with all that means something to LIKE, GLOB and JSON paths. */
const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', 'ab', 'A', 'aB', 'b') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('a.b', 'a*', 'a%', 'a_', 'a?', '[a]', '!a', 'é', '𝄞a', '/', '\\', ''),
  },
  {
    weight: 1,
    arbitrary: fc.string({
      unit: fc.constantFrom('a', 'b', 'A', '.', '*', '?', '%', '_', '[', ']', '\\', '𝄞'),
      maxLength: 4,
    }),
  },
);
const filledText = text.filter((value) => value !== '');
const label = fc.constantFrom('kind', 'a.b', 'with"quote', "it's");
const labels = fc.dictionary(label, text, { maxKeys: 4 }) as fc.Arbitrary<Labels>;
const role = fc.constantFrom('owner', 'Owner', 'flow-run', 'tag');

const event: fc.Arbitrary<ReceivedEvent> = fc
  .record({
    event: text,
    id: filledText,
    labels,
    related: fc.array(fc.tuple(filledText, role, labels), { maxLength: 3 }),
    payload: fc.dictionary(fc.constantFrom('k', 'word'), fc.constantFrom('needle', 'hay', 'Needle'), {
      maxKeys: 2,
    }),
    second: fc.integer({ min: 0, max: 5 }),
  })
  .map((given) =>
    makeEvent({
      event: given.event,
      occurred: addSeconds(BEGAN, given.second),
      resource: { 'prefect.resource.id': given.id, ...given.labels },
      related: given.related.map(([id, as, more]) => ({
        'prefect.resource.id': id,
        'prefect.resource.role': as,
        ...more,
      })),
      payload: JsonText.of(given.payload),
    }),
  );

const some = <T>(of: fc.Arbitrary<T>) => fc.option(fc.array(of, { maxLength: 2 }), { nil: null });
const glob = fc.oneof(text, fc.constantFrom('*', 'a*', '*b', '?', 'A?', '*a*', '??', '[ab]', '[a]*'));
const pattern = fc.tuple(fc.boolean(), glob).map(([negated, value]) => (negated ? `!${value}` : value));
const patterns = fc.oneof(pattern, fc.array(pattern, { maxLength: 2 }));
const specification = fc.option(
  fc.dictionary(fc.oneof(label, fc.constantFrom('prefect.resource.id', 'prefect.resource.role')), patterns, {
    maxKeys: 2,
  }),
  { nil: null },
);
const resourceFilter = fc.record({ id: some(text), id_prefix: some(text), labels: specification });
const relatedFilter = fc.record({
  id: some(text),
  role: some(role),
  resources_in_roles: some(fc.tuple(text, role)),
  labels: specification,
});
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null, freq: 1 });
const orList = <T>(of: fc.Arbitrary<T>) => maybe(fc.oneof(of, fc.array(of, { maxLength: 2 })));
const query = fc.constantFrom('needle', 'NEEDLE hay', '+needle -hay', '!word', '"needle"', 'a%', '');
const nameFilter = fc.record({
  prefix: some(text),
  exclude_prefix: some(text),
  name: some(text),
  exclude_name: some(text),
});
const occurred = fc
  .tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 }))
  .map(([since, until]) => ({ since: addSeconds(BEGAN, since), until: addSeconds(BEGAN, until) }));
const criteria = {
  occurred: fc.oneof({ weight: 4, arbitrary: fc.constant(ALWAYS) }, { weight: 1, arbitrary: occurred }),
  event: maybe(nameFilter),
  resource: maybe(resourceFilter),
  related: orList(relatedFilter),
  any_resource: orList(resourceFilter),
  text: maybe(fc.record({ query })),
};

/** Mostly one criterion with one test in it: a filter of many finds little, and little goes wrong in it. */
const filter: fc.Arbitrary<EventFilter> = fc.oneof(
  { weight: 1, arbitrary: fc.record(criteria) },
  ...['event', 'resource', 'related', 'any_resource', 'text'].map((name) => ({
    weight: 1,
    arbitrary: fc.record({ occurred: fc.constant(ALWAYS), [name]: criteria[name as keyof typeof criteria] }),
  })),
  { weight: 1, arbitrary: occurred.map((span) => ({ occurred: span })) },
  ...['resource', 'related', 'any_resource'].map((name) => ({
    weight: 2,
    arbitrary: specification.map((specified) => ({ occurred: ALWAYS, [name]: { labels: specified } })),
  })),
) as fc.Arbitrary<EventFilter>;

describe('a filter', () => {
  let own: TestDatabase;
  let db: Database;
  const events = fc.sample(event, { numRuns: 300, seed: 7 });
  beforeAll(async () => {
    own = await createTestDatabase();
    db = own.db;
    await db.transaction(() => insertEvents(db, events));
  });
  afterAll(() => own.dispose());

  test('finds in the database what it lets through in memory', async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(filter, async (given) => {
        const expected = events.filter((one) => matchesEvent(criteriaOf(given), one)).map(({ id }) => id);
        const read = await db.longRead(() => readEvents(db, given, { limit: 1000, offset: 0 }));
        expect(read.map(({ id }) => id).sort()).toEqual(expected.sort());
        expect(await db.longRead(() => countEvents(db, given))).toBe(expected.length);
        found += expected.length;
      }),
      { numRuns: 400 },
    );
    expect(found).toBeGreaterThan(1000);
  });

  test('gives events back as they are', async () => {
    const read = await readEvents(db, { occurred: ALWAYS }, { limit: 1000, offset: 0 });
    const byId = new Map(read.map((one) => [one.id, one]));
    for (const one of events) {
      expect({ ...byId.get(one.id), payload: '' }).toEqual({ ...one, payload: '' });
      expect(JSON.parse(byId.get(one.id)!.payload.text)).toEqual(JSON.parse(one.payload.text));
    }
  });

  test('orders by moment, then id, and pages through all of it once', async () => {
    const ordered = events.map(({ occurred, id }) => `${occurred} ${id}`).sort();
    const page = async (order: 'ASC' | 'DESC', offset: number) =>
      (await readEvents(db, { occurred: ALWAYS, order }, { limit: 70, offset })).map(
        ({ occurred, id }) => `${occurred} ${id}`,
      );
    const pages = await Promise.all([0, 70, 140, 210, 280].map((offset) => page('ASC', offset)));
    expect(pages.flat()).toEqual(ordered);
    expect(await page('DESC', 0)).toEqual(ordered.toReversed().slice(0, 70));

    const read: string[] = [];
    let last: ReceivedEvent | null = null;
    for (;;) {
      const next: ReceivedEvent[] = await readEventsAfter(db, { occurred: ALWAYS }, last, 70);
      read.push(...next.map(({ occurred, id }) => `${occurred} ${id}`));
      last = next.at(-1) ?? null;
      if (!last) break;
    }
    expect(read).toEqual(ordered);
  });

  test.each(['ASC', 'DESC'] as const)(
    'for distinct resources has one event of each, the first %s',
    async (order) => {
      const given: EventFilter = { occurred: ALWAYS, order, resource: { distinct: true } };
      const inOrder = events.toSorted((a, b) =>
        `${a.occurred}${a.id}` < `${b.occurred}${b.id}` === (order === 'ASC') ? -1 : 1,
      );
      const first = new Map<string, string>();
      for (const { resource, id } of inOrder) {
        if (!first.has(resource['prefect.resource.id']!)) first.set(resource['prefect.resource.id']!, id);
      }
      const read = await readEvents(db, given, { limit: 1000, offset: 0 });
      expect(read.map(({ id }) => id)).toEqual([...first.values()]);
      expect(await countEvents(db, given)).toBe(first.size);
    },
  );
});

describe('of an event about thing.1 with an owner', () => {
  const one = makeEvent({
    event: 'thing.stopped',
    occurred: BEGAN,
    resource: { 'prefect.resource.id': 'thing.1', kind: 'big' },
    related: [
      { 'prefect.resource.id': 'user.1', 'prefect.resource.role': 'owner', team: 'blue' },
      { 'prefect.resource.id': 'user.2', 'prefect.resource.role': 'payer', team: 'red' },
    ],
    payload: JsonText.of({ why: 'out of Memory' }),
  });
  const cases: [Partial<EventFilter>, boolean][] = [
    [{}, true],
    [{ event: { prefix: ['thing.'], exclude_prefix: ['thing.st'] } }, false],
    [{ event: { prefix: ['thing_'] } }, false],
    [{ event: { prefix: [], name: ['thing.stopped', 'x'] } }, true],
    [{ resource: { id: ['thing.1'], labels: { kind: ['small', 'b*'] } } }, true],
    [{ resource: { id: ['user.1'] } }, false],
    [{ resource: { labels: { team: 'blue' } } }, false],
    [{ resource: { labels: { absent: '!x' } } }, false],
    [{ resource: { labels: { kind: [] } } }, false],
    [{ related: { id: ['user.1'] } }, true],
    [{ related: { id: ['thing.1'] } }, false],
    [{ related: { role: [''], id: ['thing.1'] } }, true],
    [{ related: { role: ['owner'], labels: { team: 'red' } } }, false],
    [{ related: { resources_in_roles: [['user.1', 'payer']] } }, false],
    [
      {
        related: {
          resources_in_roles: [
            ['user.1', 'payer'],
            ['user.2', 'payer'],
          ],
        },
      },
      true,
    ],
    [{ related: [{ id: ['user.1'] }, { id: ['user.2'] }] }, true],
    [{ related: [{ id: ['user.1'] }, { id: ['user.3'] }] }, false],
    [{ any_resource: { id_prefix: ['thing.'], labels: { team: 'blue' } } }, false],
    [{ any_resource: { id: ['thing.1', 'x'] } }, true],
    [
      { any_resource: { labels: { 'prefect.resource.id': 'user.*', 'prefect.resource.role': 'payer' } } },
      true,
    ],
    [{ any_resource: {} }, true],
    [{ id: { id: [] } }, true],
    [{ id: { id: ['00000000-0000-4000-8000-000000000000'] } }, false],
    [{ text: { query: 'MEMORY' } }, true],
    [{ text: { query: 'cpu memory -blue' } }, false],
    [{ text: { query: '+owner +"out of memory"' } }, true],
  ];
  test.each(cases)('%j says %s', (given, expected) => {
    expect(matchesEvent(criteriaOf({ occurred: ALWAYS, ...given }), one)).toBe(expected);
  });
});

test('no pattern is slow', () => {
  const began = performance.now();
  expect(matchesGlob(`${'*a'.repeat(200)}b`, 'a'.repeat(5000))).toBe(false);
  expect(performance.now() - began).toBeLessThan(1000);
});
