import { and, not, or, type SQL, type SQLWrapper } from 'drizzle-orm';
import type { Dialect } from '../../db/dialect.ts';
import { parseTextSearch } from '../text-search.ts';

/** Whether a text matches a query, without regard to case; undefined when the query asks for nothing. */
export function matchesQuery(text: SQLWrapper, query: string, dialect: Dialect): SQL | undefined {
  const { include, exclude, required } = parseTextSearch(query);
  const contains = (term: string): SQL => dialect.containsText(text, term);
  return and(
    or(...include.map(contains)),
    ...exclude.map((term) => not(contains(term))),
    ...required.map(contains),
  );
}
