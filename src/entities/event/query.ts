import { and, desc, gt, gte, or, sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import type { Timestamp } from '../../time/timestamp.ts';
import type { Part } from '../list.ts';
import type { ReceivedEvent } from './event.ts';
import { criteriaOf, type EventFilter } from './filter.ts';
import { eventCondition } from './filter-sql.ts';

const eventColumns = ({ tables: { events } }: Database) => ({
  occurred: events.occurred,
  event: events.event,
  resource: events.resource,
  related: events.related,
  payload: events.payload,
  id: events.id,
  follows: events.follows,
  received: events.received,
});

const isDistinct = (filter: EventFilter): boolean => filter.resource?.distinct ?? false;

/** How many events match; of a filter for distinct resources, how many resources. */
export async function countEvents(db: Database, filter: EventFilter): Promise<number> {
  const { events } = db.tables;
  const counted = isDistinct(filter) ? sql`count(distinct ${events.resource_id})` : sql`count(*)`;
  const [row] = await db.orm
    .select({ count: counted.mapWith(Number) })
    .from(events)
    .where(eventCondition(db, criteriaOf(filter)));
  return row!.count as number;
}

/** One page in the filter's order; of a filter for distinct resources, the first event of each. */
export async function readEvents(db: Database, filter: EventFilter, page: Part): Promise<ReceivedEvent[]> {
  const { events } = db.tables;
  const direction = filter.order === 'ASC' ? sql`asc` : sql`desc`;
  const order = [sql`${events.occurred} ${direction}`, sql`${events.id} ${direction}`];
  let condition = eventCondition(db, criteriaOf(filter));
  if (isDistinct(filter)) {
    const rank = sql`row_number() over (partition by ${events.resource_id} order by ${sql.join(order, sql`, `)})`;
    condition = sql`${events.id} in (select id from (select ${events.id} as id, ${rank} as rank from ${events} where ${condition}) ranked where rank = 1)`;
  }
  return db.orm
    .select(eventColumns(db))
    .from(events)
    .where(condition)
    .orderBy(...order)
    .limit(page.limit)
    .offset(page.offset);
}

/** The next page in the order of their moments, after the event that the last one ended with. */
export async function readEventsAfter(
  db: Database,
  filter: EventFilter,
  last: Pick<ReceivedEvent, 'occurred' | 'id'> | null,
  limit: number,
): Promise<ReceivedEvent[]> {
  const { events } = db.tables;
  const from = last ? { ...filter, occurred: { ...filter.occurred, since: last.occurred } } : filter;
  const isLater = last && or(gt(events.occurred, last.occurred), gt(events.id, last.id));
  return db.orm
    .select(eventColumns(db))
    .from(events)
    .where(and(eventCondition(db, criteriaOf(from)), isLater ?? undefined))
    .orderBy(events.occurred, events.id)
    .limit(limit);
}

/** The moment of the last change to the table. */
export async function latestEventChange(db: Database): Promise<Timestamp | undefined> {
  const { events } = db.tables;
  const [row] = await db.orm
    .select({ updated: events.updated })
    .from(events)
    .orderBy(desc(events.updated))
    .limit(1);
  return row?.updated;
}

/** What has changed since then, in the order of the changes. */
export function readEventIdsSince(
  db: Database,
  since: Timestamp,
): Promise<{ id: string; updated: Timestamp }[]> {
  const { events } = db.tables;
  return db.orm
    .select({ id: events.id, updated: events.updated })
    .from(events)
    .where(gte(events.updated, since))
    .orderBy(events.updated);
}

/** In the order of their moments. */
export function readEventsByIds(db: Database, ids: string[]): Promise<ReceivedEvent[]> {
  const { events } = db.tables;
  return db.orm
    .select(eventColumns(db))
    .from(events)
    .where(db.dialect.isIn(events.id, ids))
    .orderBy(events.occurred, events.id);
}
