import type { Catalog } from '../../src/migrations/catalog/catalog.ts';
import { catalogFacts } from '../../src/migrations/catalog/describe.ts';

/** A database's structure, one line a fact, sorted. */
export function describeCatalog(catalog: Catalog): string[] {
  return catalogFacts(catalog)
    .map((fact) => fact.text)
    .sort();
}

export const isColumnOrder = (fact: string): boolean => / columns in order /.test(fact);
