import { isBookKeeping } from './book-keeping.ts';
import type { Catalog } from './catalog.ts';
import { catalogFacts, type Fact, type FactKind } from './describe.ts';

/** One object that isn't as it should be. */
export interface Difference {
  readonly kind: FactKind;
  readonly table: string | null;
  readonly name: string;
  readonly change: 'missing' | 'extra' | 'changed';
  /** The facts as they should be and as they are. */
  readonly expected: string | null;
  readonly found: string | null;
}

/**
 * What has to change in `found` to make it `expected`. A table that one of them lacks is one difference; the order of
 * columns is none, since nothing reads by position, nor is one more extension.
 */
export function compareCatalogs(expected: Catalog, found: Catalog): Difference[] {
  const missing = tablesOnlyIn(expected, found);
  const extra = tablesOnlyIn(found, expected);
  const relevant = (gone: string[]) => (fact: Fact) =>
    fact.kind !== 'order' && (fact.table === null || !gone.includes(fact.table));
  const before = byObject(catalogFacts(expected).filter(relevant(missing)));
  const after = byObject(catalogFacts(found).filter(relevant(extra)));
  const differences = [
    ...missing.map((name) => tableDifference(name, 'missing')),
    ...extra.map((name) => tableDifference(name, 'extra')),
  ];
  for (const [key, fact] of before) {
    const other = after.get(key);
    if (!other) differences.push({ ...object(fact), change: 'missing', expected: fact.text, found: null });
    else if (other.text !== fact.text)
      differences.push({ ...object(fact), change: 'changed', expected: fact.text, found: other.text });
  }
  for (const [key, fact] of after) {
    if (!before.has(key) && fact.kind !== 'extension')
      differences.push({ ...object(fact), change: 'extra', expected: null, found: fact.text });
  }
  return differences;
}

const object = ({ kind, table, name }: Fact) => ({ kind, table, name });

function tableDifference(name: string, change: 'missing' | 'extra'): Difference {
  const text = `table ${name}`;
  const expected = change === 'missing' ? text : null;
  return { kind: 'table', table: name, name, change, expected, found: expected === null ? text : null };
}

function tablesOnlyIn(one: Catalog, other: Catalog): string[] {
  return Object.keys(one.tables).filter((name) => !isBookKeeping(name) && !(name in other.tables));
}

function byObject(facts: Fact[]): Map<string, Fact> {
  const map = new Map<string, Fact>();
  for (const fact of facts) {
    const key = [fact.table, fact.kind, fact.name].join('\0');
    // Two constraints over the same columns may both be without a name.
    let free = key;
    while (map.has(free)) free += '\0';
    map.set(free, fact);
  }
  return map;
}
