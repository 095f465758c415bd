import type { Timestamp } from '../../time/timestamp.ts';
import { parseTextSearch, type TextSearch } from '../text-search.ts';
import { RESOURCE_ID, RESOURCE_ROLE } from './event.ts';

/** What a label must be: one pattern or any of several; `*` and `?` are wildcards, a leading `!` negates. */
export type LabelPatterns = Record<string, string | string[]>;

export interface AnyResourceFilter {
  id?: string[] | null;
  id_prefix?: string[] | null;
  labels?: LabelPatterns | null;
}

export interface RelatedFilter {
  id?: string[] | null;
  role?: string[] | null;
  resources_in_roles?: [id: string, role: string][] | null;
  labels?: LabelPatterns | null;
}

/** Prefect's EventFilter, with its defaults filled in where the criteria can't do without. */
export interface EventFilter {
  occurred: { since: Timestamp; until: Timestamp };
  event?: {
    prefix?: string[] | null;
    exclude_prefix?: string[] | null;
    name?: string[] | null;
    exclude_name?: string[] | null;
  } | null;
  resource?: (AnyResourceFilter & { distinct?: boolean }) | null;
  related?: RelatedFilter | RelatedFilter[] | null;
  any_resource?: AnyResourceFilter | AnyResourceFilter[] | null;
  id?: { id?: string[] | null } | null;
  text?: { query: string } | null;
  order?: 'ASC' | 'DESC';
}

/** A test of one text, which is never passed by a label that isn't there. */
export type TextTest =
  | { test: 'oneOf'; values: string[]; negated?: boolean }
  | { test: 'startsWith'; prefixes: string[]; negated?: boolean }
  | { test: 'matches'; patterns: Pattern[] };

export interface Pattern {
  glob: string;
  negated: boolean;
}

/** What a resource involved in an event must be: all tests hold of the same one. The event's own has the role ''. */
export type ResourceTest =
  | { of: 'id' | 'role'; is: TextTest }
  | { of: 'label'; label: string; is: TextTest }
  | { of: 'id and role'; pairs: [id: string, role: string][] };

/**
 * One criterion of a filter. SQL (`event-filter-sql.ts`) and a look at an event in memory (`event-filter-match.ts`) are
 * both made of these, so that a subscriber sees what a query would find.
 */
export type Criterion =
  | { on: 'occurred'; since: Timestamp; until: Timestamp }
  | { on: 'name'; is: TextTest }
  | { on: 'id'; ids: string[] }
  | { on: 'some resource'; tests: ResourceTest[] }
  | { on: 'text'; search: TextSearch };

/** What all must hold of an event for the filter to let it through; an empty list or object filters nothing. */
export function criteriaOf(filter: EventFilter): Criterion[] {
  const criteria: Criterion[] = [{ on: 'occurred', ...filter.occurred }];
  const { event, resource, id, text } = filter;
  if (filled(event?.prefix)) criteria.push(name({ test: 'startsWith', prefixes: event.prefix }));
  if (filled(event?.exclude_prefix)) {
    criteria.push(name({ test: 'startsWith', prefixes: event.exclude_prefix, negated: true }));
  }
  if (filled(event?.name)) criteria.push(name({ test: 'oneOf', values: event.name }));
  if (filled(event?.exclude_name)) {
    criteria.push(name({ test: 'oneOf', values: event.exclude_name, negated: true }));
  }
  pushResource(criteria, resource ? resourceTests(resource) : [], { of: 'role', is: PRIMARY });
  for (const related of listOf(filter.related)) pushRelated(criteria, related);
  for (const any of listOf(filter.any_resource)) pushResource(criteria, resourceTests(any));
  if (filled(id?.id)) criteria.push({ on: 'id', ids: id.id });
  if (text && text.query.trim() !== '') criteria.push({ on: 'text', search: parseTextSearch(text.query) });
  return criteria;
}

const PRIMARY: TextTest = { test: 'oneOf', values: [''] };
const NOT_PRIMARY: TextTest = { test: 'oneOf', values: [''], negated: true };

function pushResource(criteria: Criterion[], tests: ResourceTest[], ...always: ResourceTest[]): void {
  if (tests.length > 0) criteria.push({ on: 'some resource', tests: [...always, ...tests] });
}

function pushRelated(criteria: Criterion[], filter: RelatedFilter): void {
  const tests = resourceTests(filter);
  const pairs = filter.resources_in_roles;
  if (filled(pairs)) tests.push({ of: 'id and role', pairs });
  const hasRole = filled(filter.role);
  if (hasRole) tests.push({ of: 'role', is: { test: 'oneOf', values: filter.role! } });
  pushResource(criteria, tests, ...(hasRole ? [] : [{ of: 'role', is: NOT_PRIMARY } as const]));
}

function resourceTests({ id, id_prefix, labels }: AnyResourceFilter): ResourceTest[] {
  const tests: ResourceTest[] = [];
  if (filled(id)) tests.push({ of: 'id', is: { test: 'oneOf', values: id } });
  if (filled(id_prefix)) tests.push({ of: 'id', is: { test: 'startsWith', prefixes: id_prefix } });
  for (const [label, expected] of Object.entries(labels ?? {})) tests.push(labelTest(label, expected));
  return tests;
}

function labelTest(label: string, expected: string | string[]): ResourceTest {
  const values = typeof expected === 'string' ? [expected] : expected;
  // Prefect compares roles as they stand, without wildcards.
  if (label === RESOURCE_ROLE) return { of: 'role', is: { test: 'oneOf', values } };
  const is: TextTest = { test: 'matches', patterns: values.map(pattern) };
  return label === RESOURCE_ID ? { of: 'id', is } : { of: 'label', label, is };
}

function pattern(text: string): Pattern {
  const negated = text.startsWith('!');
  return { glob: negated ? text.slice(1) : text, negated };
}

function name(is: TextTest): Criterion {
  return { on: 'name', is };
}

function listOf<T>(value: T | T[] | null | undefined): T[] {
  if (value === null || value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function filled<T>(values: T[] | null | undefined): values is T[] {
  return values !== null && values !== undefined && values.length > 0;
}
