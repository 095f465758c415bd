import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { fromMicros, now, type Timestamp, toMicros } from '../../time/timestamp.ts';
import { criteriaOf, type EventFilter } from './filter.ts';
import { eventCondition } from './filter-sql.ts';

export const COUNTABLES = ['day', 'time', 'event', 'resource'] as const;
export type Countable = (typeof COUNTABLES)[number];

export const TIME_UNITS = ['week', 'day', 'hour', 'minute', 'second'] as const;
export type TimeUnit = (typeof TIME_UNITS)[number];

export interface EventCount {
  value: string;
  label: string;
  count: number;
  start_time: Timestamp;
  end_time: Timestamp;
}

/** What can't be counted as it is asked for. */
export class InvalidCount extends Error {}

const UNIT_SECONDS: Record<TimeUnit, number> = {
  week: 604_800,
  day: 86_400,
  hour: 3600,
  minute: 60,
  second: 1,
};
const MAX_SPANS = 1000;

/** Where Prefect's spans of time are counted from: the Monday before its first event. */
const PIVOT = toMicros('2024-04-01T00:00:00.000000Z');

const BEGIN = toMicros('0001-01-01T00:00:00.000000Z');
const LONGEST = 2000 * 366 * 86_400 * 1e6;

/**
 * How many events fall into each span of time, or concern each resource, or have each name.
 * @throws InvalidCount
 */
export async function countEventsBy(
  db: Database,
  countable: Countable,
  filter: EventFilter,
  unit: TimeUnit,
  interval: number,
): Promise<EventCount[]> {
  checkSpans(filter, unit, interval);
  // Prefect fails where a day isn't asked for in days.
  if (countable === 'day' && (unit !== 'day' || interval !== 1)) {
    throw new InvalidCount('Days are counted by day, one at a time: count by time for other spans.');
  }
  if (countable === 'day' || countable === 'time') return countByTime(db, filter, unit, interval);
  return countByValue(db, countable, filter);
}

function checkSpans({ occurred: { since, until } }: EventFilter, unit: TimeUnit, interval: number): void {
  const spans = Math.ceil((toMicros(until) - toMicros(since)) / spanMicros(unit, interval));
  if (spans <= MAX_SPANS) return;
  throw new InvalidCount(
    `The given interval would create ${spans} buckets, which is too many. Please increase the interval or reduce the ` +
      `time range to produce ${MAX_SPANS} buckets or fewer.`,
  );
}

function spanMicros(unit: TimeUnit, interval: number): number {
  return Math.max(1, Math.round(UNIT_SECONDS[unit] * interval * 1e6));
}

/** Every span from the one with `since` in it to the one with `until` (or the current unit's end) in it; empty ones too. */
async function countByTime(
  db: Database,
  filter: EventFilter,
  unit: TimeUnit,
  interval: number,
): Promise<EventCount[]> {
  const { events } = db.tables;
  const size = spanMicros(unit, interval);
  const first = PIVOT + Math.floor((toMicros(filter.occurred.since) - PIVOT) / size) * size;
  if (first < BEGIN || size > LONGEST)
    throw new InvalidCount('The given interval is too long: its spans leave the calendar.');
  const spans = spansOf(first, Math.min(toMicros(filter.occurred.until), endOfCurrent(unit)), size);
  // Counted from the first span, where no event can be before it: so whole-number division is rounding down.
  const seconds = db.dialect.secondsBetween(db.dialect.timestampValue(fromMicros(first)), events.occurred);
  const span = sql`cast(round(${seconds} * 1000000) as bigint) / ${sql.raw(String(size))}`;
  const rows = await db.orm
    .select({ span: span.mapWith(Number), count: sql`count(*)`.mapWith(Number) })
    .from(events)
    .where(eventCondition(db, criteriaOf(filter)))
    .groupBy(sql`1`);
  for (const row of rows) {
    const found = spans[row.span as number];
    if (found) found.count = row.count as number;
  }
  return spans;
}

function spansOf(first: number, until: number, size: number): EventCount[] {
  const spans: EventCount[] = [];
  for (let start = first; start < until; start += size) {
    const moment = fromMicros(start);
    spans.push({
      value: String(spans.length),
      label: pythonIsoFormat(moment),
      count: 0,
      start_time: moment,
      end_time: fromMicros(start + size - 1),
    });
  }
  return spans;
}

/** The last microsecond of the week, day, hour ... that it is; weeks begin on Monday, as at the pivot. */
function endOfCurrent(unit: TimeUnit): number {
  const size = UNIT_SECONDS[unit] * 1e6;
  return PIVOT + (Math.floor((toMicros(now()) - PIVOT) / size) + 1) * size - 1;
}

function pythonIsoFormat(moment: Timestamp): string {
  const fraction = moment.slice(19, 26);
  return `${moment.slice(0, 19)}${fraction === '.000000' ? '' : fraction}+00:00`;
}

/** The most frequent first; a resource is called what its latest event calls it. */
async function countByValue(
  db: Database,
  countable: 'event' | 'resource',
  filter: EventFilter,
): Promise<EventCount[]> {
  const { events } = db.tables;
  const [value, label] =
    countable === 'event' ? [events.event, events.event] : [events.resource_id, resourceLabel(db)];
  const labelled = db.orm
    .select({
      value: sql<string>`${value}`.as('value'),
      label:
        sql<string>`first_value(${label}) over (partition by ${value} order by ${events.occurred} desc)`.as(
          'label',
        ),
      occurred: sql`${events.occurred}`.as('occurred'),
    })
    .from(events)
    .where(eventCondition(db, criteriaOf(filter)))
    .as('labelled');
  const rows = await db.orm
    .select({
      value: labelled.value,
      label: sql<string>`max(${labelled.label})`,
      count: sql`count(*)`.mapWith(Number),
      start_time: sql`min(${labelled.occurred})`.mapWith(events.occurred),
      end_time: sql`max(${labelled.occurred})`.mapWith(events.occurred),
    })
    .from(labelled)
    .groupBy(labelled.value)
    .orderBy(sql`3 desc`, sql`2`);
  return rows as EventCount[];
}

function resourceLabel({ dialect, tables: { events } }: Database): SQL {
  return sql`coalesce(${dialect.jsonField(events.resource, 'prefect.resource.name')}, ${dialect.jsonField(events.resource, 'prefect.name')}, ${events.resource_id})`;
}
