import { iterated } from '../python/iterating.ts';
import { itemOf } from '../python/members.ts';
import { Undefined, type Value } from '../python/values.ts';
import type { FilterContext } from './filter.ts';

export type Pick = (item: Value) => Value;

/** Goes along a path like `a.0.b`; a number by itself is a place. */
export function picker(attribute: Value, { budget }: FilterContext, fallback?: Value): Pick {
  if (attribute === null) return (item) => item;
  const path: Value[] =
    typeof attribute === 'string'
      ? attribute.split('.').map((part) => (/^\d+$/.test(part) ? BigInt(part) : part))
      : [attribute];
  return (item) => {
    const found = path.reduce((of: Value, key) => itemOf(of, key, budget), item);
    return found instanceof Undefined && fallback !== undefined ? fallback : found;
  };
}

/** The items of a list, which cost what there are of them. */
export function counted(value: Value, { budget }: FilterContext): readonly Value[] {
  return budget.items(iterated(value));
}
