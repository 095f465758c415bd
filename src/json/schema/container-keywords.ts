import type { Finding, Keyword } from './keywords.ts';
import { patternOf } from './pattern.ts';
import { pythonText } from './python-text.ts';
import { isEqual, isNumber, isObject, type Json, type JsonObject } from './types.ts';

/** What is known of a JSON object's members by name, pattern or not at all. */
function extraNames(value: JsonObject, schema: JsonObject): string[] {
  const named = isObject(schema['properties']) ? schema['properties'] : {};
  const patterns = Object.keys(isObject(schema['patternProperties']) ? schema['patternProperties'] : {});
  const expressions = patterns.map((pattern) => patternOf(pattern));
  return Object.keys(value).filter(
    (name) => !Object.hasOwn(named, name) && !expressions.some((expression) => expression.test(name)),
  );
}

function unexpected(extras: Json[], what: string): Finding[] {
  const verb = extras.length === 1 ? 'was' : 'were';
  const list = extras.map(pythonText).join(', ');
  return [{ message: `Additional ${what} are not allowed (${list} ${verb} unexpected)` }];
}

function size(
  count: (value: Json) => number | undefined,
  fails: (count: number, limit: number) => boolean,
  words: (limit: number) => string,
): Keyword {
  return (_validator, limit, value) => {
    const counted = count(value);
    if (counted === undefined || !isNumber(limit) || !fails(counted, limit.valueOf())) return [];
    return [{ message: `${pythonText(value)} ${words(limit.valueOf())}` }];
  };
}

const elements = (value: Json) => (Array.isArray(value) ? value.length : undefined);
const members = (value: Json) => (isObject(value) ? Object.keys(value).length : undefined);
const atLeast = (words: string) => (limit: number) => (limit === 1 ? 'should be non-empty' : words);
const atMost = (words: string) => (limit: number) => (limit === 0 ? 'is expected to be empty' : words);

export const containerKeywords: Record<string, Keyword> = {
  properties(validator, argument, value) {
    if (!isObject(value) || !isObject(argument)) return [];
    return Object.entries(argument).flatMap(([name, schema]) =>
      Object.hasOwn(value, name) ? validator.below(value[name], schema, name) : [],
    );
  },
  patternProperties(validator, argument, value) {
    if (!isObject(value) || !isObject(argument)) return [];
    return Object.entries(argument).flatMap(([pattern, schema]) => {
      const expression = patternOf(pattern);
      const names = Object.keys(value).filter((name) => expression.test(name));
      return names.flatMap((name) => validator.below(value[name], schema, name));
    });
  },
  additionalProperties(validator, argument, value, schema) {
    if (!isObject(value)) return [];
    const extras = extraNames(value, schema);
    if (isObject(argument)) return extras.flatMap((name) => validator.below(value[name], argument, name));
    if (argument !== false || extras.length === 0) return [];
    if (!isObject(schema['patternProperties'])) return unexpected([...extras].sort(), 'properties');
    const patterns = Object.keys(schema['patternProperties']).sort().map(pythonText).join(', ');
    const verb = extras.length === 1 ? 'does' : 'do';
    const list = [...extras].sort().map(pythonText).join(', ');
    return [{ message: `${list} ${verb} not match any of the regexes: ${patterns}` }];
  },
  propertyNames: (validator, argument, value) =>
    isObject(value) ? Object.keys(value).flatMap((name) => validator.errors(name, argument)) : [],
  required(_validator, argument, value) {
    if (!isObject(value) || !Array.isArray(argument)) return [];
    const missing = argument.filter((name) => !Object.hasOwn(value, String(name)));
    return missing.map((name) => ({ message: `${pythonText(name)} is a required property` }));
  },
  minProperties: size(members, (n, limit) => n < limit, atLeast('does not have enough properties')),
  maxProperties: size(members, (n, limit) => n > limit, atMost('has too many properties')),
  dependentRequired(_validator, argument, value) {
    if (!isObject(value) || !isObject(argument)) return [];
    return Object.entries(argument).flatMap(([name, needed]) =>
      Object.hasOwn(value, name) && Array.isArray(needed)
        ? needed
            .filter((each) => !Object.hasOwn(value, String(each)))
            .map((each) => ({ message: `${pythonText(each)} is a dependency of ${pythonText(name)}` }))
        : [],
    );
  },
  dependentSchemas(validator, argument, value) {
    if (!isObject(value) || !isObject(argument)) return [];
    return Object.entries(argument).flatMap(([name, schema]) =>
      Object.hasOwn(value, name) ? validator.errors(value, schema) : [],
    );
  },
  prefixItems(validator, argument, value) {
    if (!Array.isArray(value) || !Array.isArray(argument)) return [];
    return value.slice(0, argument.length).flatMap((item, i) => validator.below(item, argument[i], i));
  },
  items(validator, argument, value, schema) {
    const prefix = Array.isArray(schema['prefixItems']) ? schema['prefixItems'].length : 0;
    if (!Array.isArray(value) || value.length <= prefix) return [];
    const rest = value.slice(prefix);
    if (argument !== false) return rest.flatMap((item, i) => validator.below(item, argument, prefix + i));
    const extra = pythonText(rest.length === 1 ? rest[0] : rest);
    const noun = prefix === 1 ? 'item' : 'items';
    return [{ message: `Expected at most ${prefix} ${noun} but found ${rest.length} extra: ${extra}` }];
  },
  minItems: size(elements, (n, limit) => n < limit, atLeast('is too short')),
  maxItems: size(elements, (n, limit) => n > limit, atMost('is too long')),
  uniqueItems: (_validator, argument, value) =>
    argument === true && Array.isArray(value) && hasRepetition(value)
      ? [{ message: `${pythonText(value)} has non-unique elements` }]
      : [],
  contains(validator, argument, value, schema) {
    if (!Array.isArray(value)) return [];
    const least = numberOr(schema['minContains'], 1);
    const most = numberOr(schema['maxContains'], value.length);
    const matches = value.filter((item) => validator.isValid(item, argument)).length;
    if (matches > most) {
      const message = `Too many items match the given schema (expected at most ${most})`;
      return [{ message, keyword: 'maxContains' }];
    }
    if (matches >= least) return [];
    if (matches === 0) {
      return [{ message: `${pythonText(value)} does not contain items matching the given schema` }];
    }
    const message = `Too few items match the given schema (expected at least ${least} but only ${matches} matched)`;
    return [{ message, keyword: 'minContains' }];
  },
};

/** Compares with the few that have the same key, so that a long list takes no square of its length. */
function hasRepetition(values: Json[]): boolean {
  const seen = new Map<string, Json[]>();
  return values.some((value) => {
    const key = keyOf(value);
    const alike = seen.get(key) ?? [];
    if (alike.some((earlier) => isEqual(earlier, value))) return true;
    seen.set(key, [...alike, value]);
    return false;
  });
}

/** The same for equal values, and hardly ever for others: long whole numbers share that of their double. */
function keyOf(value: Json): string {
  if (isNumber(value)) return String(value.valueOf());
  if (Array.isArray(value)) return `[${value.map(keyOf).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${keyOf(value[name])}`).join()}}`;
}

function numberOr(value: Json, fallback: number): number {
  return isNumber(value) ? value.valueOf() : fallback;
}
