import { RenderFault } from '../faults.ts';
import {
  Dict,
  Generator,
  List,
  Markup,
  Range,
  Tuple,
  typeName,
  Undefined,
  type Value,
  View,
} from './values.ts';

/** What a loop goes through; undefined when it can't. */
export function itemsOf(value: Value): readonly Value[] | undefined {
  if (typeof value === 'string') return [...value];
  if (value instanceof Markup) return [...value.text].map((character) => new Markup(character));
  if (value instanceof Dict) return value.entries.map(([key]) => key);
  if (value instanceof Undefined) return [];
  if (value instanceof Generator) return value.take();
  if (value instanceof List || value instanceof Tuple || value instanceof Range || value instanceof View) {
    return value.items;
  }
  return undefined;
}

export function iterated(value: Value): readonly Value[] {
  const items = itemsOf(value);
  if (!items) throw new RenderFault('TypeError', `'${typeName(value)}' object is not iterable`);
  return items;
}
