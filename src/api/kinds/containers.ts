import { JsonNumber, JsonText } from '../../json/json.ts';
import { isStorable, isWellFormed, mayBeUnstorable, withoutUnstorable } from '../../json/unstorable.ts';
import {
  areEnough,
  type Issue,
  type JsonSchema,
  type Kind,
  kind,
  placeBelow,
  type Read,
  refuse,
} from './kind.ts';
import { isStorableKey, refuseUnstorable } from './text.ts';

/** What JSON calls an object; numbers in their own spelling are objects of ours. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber)
  );
}

export interface ListRules {
  min?: number;
  max?: number;
}

export function list<T>(element: Kind<T>, rules: ListRules = {}): Kind<T[]> {
  const read: Read<T[]> = (value, issues) => {
    if (!Array.isArray(value)) return refuse(issues, 'list_type', 'Input should be a valid list', value);
    const before = issues.length;
    const result = readElements(element, value, issues);
    return issues.length === before && !isLongEnough('List', value, rules, issues)
      ? (undefined as never)
      : result;
  };
  return kind(read, listSchema(element, rules));
}

/** A whole body that is a list: Python's Sequence, which has another word for what isn't one. */
export function sequence<T>(element: Kind<T>): Kind<T[]> {
  const read: Read<T[]> = (value, issues) => {
    if (Array.isArray(value)) return readElements(element, value, issues);
    if (typeof value === 'string') {
      const message = "'str' instances are not allowed as a Sequence value";
      return refuse(issues, 'sequence_str', message, value, { type_name: 'str' });
    }
    const message = 'Input should be an instance of Sequence';
    return refuse(issues, 'is_instance_of', message, value, { class: 'Sequence' });
  };
  return kind(read, listSchema(element, {}));
}

/** A list without duplicates, sent as a JSON array. */
export function set<T>(element: Kind<T>): Kind<T[]> {
  const read: Read<T[]> = (value, issues) => {
    if (!Array.isArray(value)) return refuse(issues, 'set_type', 'Input should be a valid set', value);
    return [...new Set(readElements(element, value, issues))];
  };
  return kind(read, { ...listSchema(element, {}), uniqueItems: true });
}

/** A list of exactly two. */
export function pair<A, B>(first: Kind<A>, second: Kind<B>): Kind<[A, B]> {
  const read: Read<[A, B]> = (value, issues) => {
    if (!Array.isArray(value)) return refuse(issues, 'tuple_type', 'Input should be a valid tuple', value);
    if (value.length > 2) {
      const ctx = { field_type: 'Tuple', max_length: 2, actual_length: value.length };
      const message = `Tuple should have at most 2 items after validation, not ${value.length}`;
      return refuse(issues, 'too_long', message, value, ctx);
    }
    return [readAt(first, value, 0, issues), readAt(second, value, 1, issues)];
  };
  return kind(read, { type: 'array', maxItems: 2, minItems: 2, prefixItems: [first.schema, second.schema] });
}

function readAt<T>(element: Kind<T>, values: unknown[], at: number, issues: Issue[]): T {
  const before = issues.length;
  const value = values[at];
  const result =
    value === undefined ? refuse(issues, 'missing', 'Field required', values) : element.read(value, issues);
  placeBelow(issues, before, at);
  return result;
}

function listSchema(element: Kind<unknown>, { min, max }: ListRules): JsonSchema {
  return {
    type: 'array',
    items: element.schema,
    ...(max !== undefined && { maxItems: max }),
    ...(min !== undefined && { minItems: min }),
  };
}

function readElements<T>(element: Kind<T>, values: unknown[], issues: Issue[]): T[] {
  const result = new Array<T>(values.length);
  const start = issues.length;
  for (let i = 0; i < values.length && !areEnough(issues, start); i++) {
    const before = issues.length;
    result[i] = element.read(values[i], issues);
    if (issues.length > before) placeBelow(issues, before, i);
  }
  return result;
}

function isLongEnough(word: string, values: unknown[], { min, max }: ListRules, issues: Issue[]): boolean {
  const { length } = values;
  if (max !== undefined && length > max) {
    const message = `${word} should have at most ${max} item${max === 1 ? '' : 's'} after validation, not ${length}`;
    return refuse(issues, 'too_long', message, values, {
      field_type: word,
      max_length: max,
      actual_length: length,
    });
  }
  if (min !== undefined && length < min) {
    const message = `${word} should have at least ${min} item${min === 1 ? '' : 's'} after validation, not ${length}`;
    return refuse(issues, 'too_short', message, values, {
      field_type: word,
      min_length: min,
      actual_length: length,
    });
  }
  return true;
}

/** A map from text to one kind of value. */
export function dict<T>(member: Kind<T>): Kind<Record<string, T>> {
  const read: Read<Record<string, T>> = (value, issues) => {
    if (!isObject(value)) return refuse(issues, 'dict_type', 'Input should be a valid dictionary', value);
    const result: Record<string, T> = {};
    const start = issues.length;
    for (const key of Object.keys(value)) {
      if (areEnough(issues, start)) break;
      if (!isStorableKey(key, issues)) continue;
      const before = issues.length;
      const read = member.read(value[key], issues);
      if (issues.length > before) placeBelow(issues, before, key);
      else setMember(result, key, read);
    }
    return result;
  };
  return kind(read, { type: 'object', additionalProperties: member.schema });
}

/** Assignment, but `__proto__` is a name like any other. */
function setMember<T>(target: Record<string, T>, key: string, value: T): void {
  if (key !== '__proto__') target[key] = value;
  else Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

export interface JsonRules {
  /** Take out NULs instead of refusing them. */
  strip?: boolean;
  /** Leave NULs in: for columns of PostgreSQL's `json`, which only `jsonb` and text are without. */
  nul?: boolean;
}

/** Any JSON value, kept as its text. */
export function json(rules: JsonRules = {}): Kind<JsonText> {
  return kind((value, issues) => capture(value, rules, issues), {});
}

/** Any JSON object, kept as its text. */
export function jsonObject(rules: JsonRules = {}): Kind<JsonText> {
  const read: Read<JsonText> = (value, issues) => {
    if (!isObject(value)) return refuse(issues, 'dict_type', 'Input should be a valid dictionary', value);
    return capture(value, rules, issues);
  };
  return kind(read, { type: 'object', additionalProperties: true });
}

function capture(value: unknown, rules: JsonRules, issues: Issue[]): JsonText {
  const captured = JsonText.ofParsed(value);
  const isFine = rules.nul ? isWellFormed : isStorable;
  if (!mayBeUnstorable(captured.text) || isJsonOf(isFine, value)) return captured;
  return rules.strip ? new JsonText(withoutUnstorable(captured.text)) : refuseUnstorable(issues, value);
}

/** Whether all texts in a value, and all names, are fine. */
function isJsonOf(isFine: (text: string) => boolean, value: unknown): boolean {
  if (typeof value === 'string') return isFine(value);
  if (Array.isArray(value)) return value.every((element) => isJsonOf(isFine, element));
  if (!isObject(value)) return true;
  return Object.keys(value).every((key) => isFine(key) && isJsonOf(isFine, value[key]));
}
