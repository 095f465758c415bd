import { JsonNumber } from '../json.ts';

export type Json = unknown;
export type JsonObject = Record<string, unknown>;

/** One thing that is wrong with a value, with where it is below the value that was looked at. */
export interface SchemaError {
  message: string;
  /** Below the value that the enclosing error is about. */
  path: (string | number)[];
  keyword: string;
  schema: Json;
  value: Json;
  /** Why each branch of an anyOf or oneOf failed. */
  context: SchemaError[];
}

/** Stands for a value that isn't known; with what is wrong, where that is why. */
export class Placeholder {
  readonly problem: string | undefined;

  constructor(problem?: string) {
    this.problem = problem;
  }
}

export function isObject(value: Json): value is JsonObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber)
  );
}

export function isNumber(value: Json): value is number | JsonNumber {
  return typeof value === 'number' || value instanceof JsonNumber;
}

const TESTS: Record<string, (value: Json) => boolean> = {
  array: Array.isArray,
  boolean: (value) => typeof value === 'boolean',
  integer: (value) => isNumber(value) && Number.isInteger(value.valueOf()),
  null: (value) => value === null,
  number: isNumber,
  object: isObject,
  string: (value) => typeof value === 'string',
};

export const TYPE_NAMES = Object.keys(TESTS);

export function isOfType(value: Json, type: string): boolean {
  return TESTS[type]?.(value) ?? false;
}

/** Equality of JSON values: 1 is 1.0, but true isn't 1. */
export function isEqual(one: Json, other: Json): boolean {
  if (isNumber(one) && isNumber(other)) return sameNumber(one, other);
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((element, i) => isEqual(element, other[i]));
  }
  if (isObject(one) && isObject(other)) {
    const names = Object.keys(one);
    return (
      names.length === Object.keys(other).length &&
      names.every((name) => Object.hasOwn(other, name) && isEqual(one[name], other[name]))
    );
  }
  return one === other;
}

function sameNumber(one: number | JsonNumber, other: number | JsonNumber): boolean {
  const whole = /^-?\d+$/;
  const [a, b] = [
    String(one instanceof JsonNumber ? one.text : one),
    String(other instanceof JsonNumber ? other.text : other),
  ];
  // Long whole numbers differ where doubles don't.
  return whole.test(a) && whole.test(b) ? BigInt(a) === BigInt(b) : Number(a) === Number(b);
}
