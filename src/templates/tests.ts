/** Jinja's tests: what may stand after `is`. */

import { unrendered } from './faults.ts';
import { compare, contains, isEqual, numberOf } from './python/comparing.ts';
import { itemsOf } from './python/iterating.ts';
import { shown } from './python/showing.ts';
import {
  Callable,
  Dict,
  Generator,
  List,
  Markup,
  PyObject,
  Range,
  Tuple,
  Undefined,
  type Value,
  View,
} from './python/values.ts';

type Test = (value: Value, other: Value) => boolean;

const isText = (value: Value) => typeof value === 'string' || value instanceof Markup;

function rest(value: Value, by: bigint): bigint {
  if (value instanceof Undefined) throw value.fault;
  const number = numberOf(value);
  if (typeof number !== 'bigint' || by === 0n) throw unrendered('such a test of what is no whole number');
  return number % by;
}

function isSame(value: Value, other: Value): boolean {
  if (value instanceof PyObject || other instanceof PyObject) return value === other;
  return typeof value === typeof other && value === other;
}

const cased = (change: (text: string) => string) => (value: Value) => {
  const text = shown(value);
  return change(text) === text && text.toLowerCase() !== text.toUpperCase();
};

const isSequence = (value: Value) =>
  isText(value) ||
  [List, Tuple, Range, Dict].some((kind) => value instanceof kind) ||
  value instanceof Undefined;

const equal: Test = (value, other) => isEqual(value, other);
const unequal: Test = (value, other) => !isEqual(value, other);
const less: Test = (value, other) => compare(value, other, '<') < 0;
const atMost: Test = (value, other) => compare(value, other, '<=') <= 0;
const more: Test = (value, other) => compare(value, other, '>') > 0;
const atLeast: Test = (value, other) => compare(value, other, '>=') >= 0;

/** Those that are given something to compare with. */
export const COMPARING: Record<string, Test> = {
  divisibleby: (value, other) => {
    const by = numberOf(other);
    if (typeof by !== 'bigint') throw unrendered('such a test of what is no whole number');
    return rest(value, by) === 0n;
  },
  eq: equal,
  equalto: equal,
  '==': equal,
  ne: unequal,
  '!=': unequal,
  lt: less,
  lessthan: less,
  '<': less,
  le: atMost,
  '<=': atMost,
  gt: more,
  greaterthan: more,
  '>': more,
  ge: atLeast,
  '>=': atLeast,
  in: (value, other) => contains(other, value),
  sameas: isSame,
};

export const TESTS: Record<string, (value: Value) => boolean> = {
  boolean: (value) => typeof value === 'boolean',
  callable: (value) => value instanceof Callable,
  defined: (value) => !(value instanceof Undefined),
  undefined: (value) => value instanceof Undefined,
  even: (value) => rest(value, 2n) === 0n,
  odd: (value) => rest(value, 2n) !== 0n,
  true: (value) => value === true,
  false: (value) => value === false,
  none: (value) => value === null,
  float: (value) => typeof value === 'number',
  integer: (value) => typeof value === 'bigint',
  number: (value) => numberOf(value) !== undefined,
  string: isText,
  mapping: (value) => value instanceof Dict,
  iterable: (value) => value instanceof Generator || value instanceof View || itemsOf(value) !== undefined,
  sequence: isSequence,
  lower: cased((text) => text.toLowerCase()),
  upper: cased((text) => text.toUpperCase()),
  escaped: (value) => value instanceof Markup || value instanceof Undefined,
};

/** Jinja's that aren't here. */
export const OTHER_TESTS = new Set(['filter', 'test']);
