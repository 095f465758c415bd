import { typeError } from '../faults.ts';
import { iterated } from './iterating.ts';
import {
  Dict,
  List,
  Markup,
  PyObject,
  Range,
  Tuple,
  typeName,
  Undefined,
  type Value,
  View,
} from './values.ts';

/** The number that a value counts as; undefined when it is none. */
export function numberOf(value: Value): bigint | number | undefined {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  return typeof value === 'bigint' || typeof value === 'number' ? value : undefined;
}

const textIn = (value: Value): string | undefined =>
  value instanceof Markup ? value.text : typeof value === 'string' ? value : undefined;

export function isEqual(one: Value, other: Value): boolean {
  if (one === other) return !Number.isNaN(one);
  const [a, b] = [numberOf(one), numberOf(other)];
  // JavaScript too compares a whole number and another one by what they are worth.
  // biome-ignore lint/suspicious/noDoubleEquals: a bigint is never === a number
  if (a !== undefined && b !== undefined) return a == b;
  const [text, otherText] = [textIn(one), textIn(other)];
  if (text !== undefined || otherText !== undefined) return text === otherText;
  if (one instanceof Undefined) return other instanceof Undefined;
  if (one instanceof Dict && other instanceof Dict) {
    return (
      one.size === other.size &&
      one.entries.every(([key, value]) => {
        const twin = other.get(key);
        return twin !== undefined && isEqual(value, twin);
      })
    );
  }
  return sequencesEqual(one, other) ?? false;
}

function sequencesEqual(one: Value, other: Value): boolean | undefined {
  for (const kind of [List, Tuple, Range]) {
    if (!(one instanceof kind && other instanceof kind)) continue;
    const others = other.items;
    return one.items.length === others.length && one.items.every((item, i) => isEqual(item, others[i]!));
  }
  return undefined;
}

/** Below zero when `one` comes first. */
export function compare(one: Value, other: Value, operator = '<'): number {
  if (one instanceof Undefined) throw one.fault;
  if (other instanceof Undefined) throw other.fault;
  const [a, b] = [numberOf(one), numberOf(other)];
  if (a !== undefined && b !== undefined) return a < b ? -1 : a > b ? 1 : 0;
  const [text, otherText] = [textIn(one), textIn(other)];
  if (text !== undefined && otherText !== undefined) {
    return Buffer.compare(Buffer.from(text), Buffer.from(otherText));
  }
  for (const kind of [List, Tuple]) {
    if (one instanceof kind && other instanceof kind) return compareItems(one.items, other.items, operator);
  }
  throw typeError(
    `'${operator}' not supported between instances of '${typeName(one)}' and '${typeName(other)}'`,
  );
}

function compareItems(one: readonly Value[], other: readonly Value[], operator: string): number {
  const at = one.findIndex((item, i) => i >= other.length || !isEqual(item, other[i]!));
  if (at < 0) return one.length - other.length;
  return at >= other.length ? 1 : compare(one[at]!, other[at]!, operator);
}

export function contains(container: Value, item: Value): boolean {
  const text = textIn(container);
  if (text !== undefined) {
    if (item instanceof Undefined) throw item.fault;
    const part = textIn(item);
    if (part === undefined) {
      throw typeError(`'in <string>' requires string as left operand, not ${typeName(item)}`);
    }
    return text.includes(part);
  }
  if (container instanceof Dict) return container.get(item) !== undefined;
  if (container instanceof PyObject && !(container instanceof View)) {
    return iterated(container).some((other) => isEqual(item, other));
  }
  if (container instanceof View) return container.items.some((other) => isEqual(item, other));
  throw typeError(`argument of type '${typeName(container)}' is not iterable`);
}

/** What an operator of Python says of two values. */
export function holds(left: Value, operator: string, right: Value): boolean {
  switch (operator) {
    case '==':
      return isEqual(left, right);
    case '!=':
      return !isEqual(left, right);
    case 'in':
      return contains(right, left);
    case 'not in':
      return !contains(right, left);
    case '<':
      return compare(left, right, operator) < 0;
    case '<=':
      return compare(left, right, operator) <= 0;
    case '>':
      return compare(left, right, operator) > 0;
    default:
      return compare(left, right, operator) >= 0;
  }
}
