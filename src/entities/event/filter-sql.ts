import { and, between, not, or, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import type { TextSearch } from '../text-search.ts';
import type { Criterion, ResourceTest, TextTest } from './filter.ts';

/** The condition on rows of `events` that all criteria come to. */
export function eventCondition(db: Database, criteria: Criterion[]): SQL {
  const span = criteria.find((criterion) => criterion.on === 'occurred');
  return and(...criteria.map((criterion) => condition(db, criterion, span))) ?? sql`true`;
}

type Span = Extract<Criterion, { on: 'occurred' }> | undefined;

function condition(db: Database, criterion: Criterion, span: Span): SQL {
  const { events } = db.tables;
  switch (criterion.on) {
    case 'occurred':
      return between(events.occurred, criterion.since, criterion.until);
    case 'name':
      return textCondition(db, events.event, criterion.is);
    case 'id':
      return db.dialect.isIn(events.id, criterion.ids);
    case 'some resource':
      return resourceCondition(db, criterion.tests, span);
    case 'text':
      return searchCondition(db, criterion.search);
  }
}

/** The span is repeated here because the index of `event_resources` ends with the moment. */
function resourceCondition(db: Database, tests: ResourceTest[], span: Span): SQL {
  const { events, event_resources } = db.tables;
  const resources = db.orm
    .select({ event_id: event_resources.event_id })
    .from(event_resources)
    .where(
      and(
        span && between(event_resources.occurred, span.since, span.until),
        ...tests.map((test) => resourceTest(db, test)),
      ),
    );
  return sql`${events.id} in ${resources}`;
}

function resourceTest(db: Database, test: ResourceTest): SQL {
  const { resource_id, resource_role, resource } = db.tables.event_resources;
  switch (test.of) {
    case 'id':
      return textCondition(db, resource_id, test.is);
    case 'role':
      return textCondition(db, resource_role, test.is);
    case 'label':
      return textCondition(db, db.dialect.jsonField(resource, test.label), test.is);
    case 'id and role':
      return or(
        ...test.pairs.map(([id, role]) => sql`(${resource_id} = ${id} and ${resource_role} = ${role})`),
      )!;
  }
}

function textCondition(db: Database, text: SQLWrapper, is: TextTest): SQL {
  const { dialect } = db;
  if (is.test === 'matches') {
    const matches = is.patterns.map(({ glob, negated }) => {
      const matched = dialect.matchesGlob(text, glob);
      return negated ? not(matched) : matched;
    });
    return or(...matches) ?? sql`false`;
  }
  const found =
    is.test === 'oneOf'
      ? oneOf(db, text, is.values)
      : or(...is.prefixes.map((prefix) => dialect.startsWith(text, prefix)))!;
  return is.negated ? not(found) : found;
}

/** After an equality an index goes on in the order of moments, after a list it doesn't. */
function oneOf({ dialect }: Database, text: SQLWrapper, values: string[]): SQL {
  return values.length === 1 ? sql`${text} = ${values[0]}` : dialect.isIn(text, values);
}

/** Names and values both are searched, as they stand in the JSON. */
function searchCondition({ dialect, tables: { events } }: Database, search: TextSearch): SQL {
  const searched = sql`(${events.event} || ' ' || cast(${events.resource} as text) || ' ' || cast(${events.related} as text) || ' ' || cast(${events.payload} as text))`;
  const has = (term: string) => dialect.containsText(searched, term);
  return (
    and(
      or(...search.include.map(has)),
      ...search.exclude.map((term) => not(has(term))),
      ...search.required.map(has),
    ) ?? sql`true`
  );
}
