import { branchKeywords } from './branch-keywords.ts';
import { containerKeywords } from './container-keywords.ts';
import { isOfFormat } from './formats.ts';
import { patternOf } from './pattern.ts';
import { pythonText } from './python-text.ts';
import { isEqual, isNumber, isOfType, type Json, type JsonObject, type SchemaError } from './types.ts';
import type { Validator } from './validator.ts';

/** What a keyword finds wrong; the validator adds where and with which keyword. */
export type Finding = { message: string } & Partial<SchemaError>;

export type Keyword = (validator: Validator, argument: Json, value: Json, schema: JsonObject) => Finding[];

const length = (text: string): number => [...text].length;

function bound(words: string, fails: (value: number, limit: number) => boolean): Keyword {
  return (_validator, limit, value) =>
    isNumber(value) && isNumber(limit) && fails(value.valueOf(), limit.valueOf())
      ? [{ message: `${pythonText(value)} is ${words} of ${pythonText(limit)}` }]
      : [];
}

function textLength(
  fails: (length: number, limit: number) => boolean,
  words: (limit: number) => string,
): Keyword {
  return (_validator, limit, value) =>
    typeof value === 'string' && isNumber(limit) && fails(length(value), limit.valueOf())
      ? [{ message: `${pythonText(value)} ${words(limit.valueOf())}` }]
      : [];
}

const valueKeywords: Record<string, Keyword> = {
  type(_validator, argument, value) {
    const types = Array.isArray(argument) ? argument : [argument];
    if (types.some((type) => isOfType(value, String(type)))) return [];
    return [{ message: `${pythonText(value)} is not of type ${types.map(pythonText).join(', ')}` }];
  },
  enum(_validator, argument, value) {
    const values = Array.isArray(argument) ? argument : [];
    if (values.some((each) => isEqual(each, value))) return [];
    return [{ message: `${pythonText(value)} is not one of ${pythonText(values)}` }];
  },
  const: (_validator, argument, value) =>
    isEqual(argument, value) ? [] : [{ message: `${pythonText(argument)} was expected` }],
  minimum: bound('less than the minimum', (value, limit) => value < limit),
  maximum: bound('greater than the maximum', (value, limit) => value > limit),
  exclusiveMinimum: bound('less than or equal to the minimum', (value, limit) => value <= limit),
  exclusiveMaximum: bound('greater than or equal to the maximum', (value, limit) => value >= limit),
  multipleOf(_validator, argument, value) {
    if (!isNumber(value) || !isNumber(argument)) return [];
    if (Number.isInteger(value.valueOf() / argument.valueOf())) return [];
    return [{ message: `${pythonText(value)} is not a multiple of ${pythonText(argument)}` }];
  },
  minLength: textLength(
    (size, limit) => size < limit,
    (limit) => (limit === 1 ? 'should be non-empty' : 'is too short'),
  ),
  maxLength: textLength(
    (size, limit) => size > limit,
    (limit) => (limit === 0 ? 'is expected to be empty' : 'is too long'),
  ),
  format: (validator, argument, value) =>
    validator.checksFormats && typeof value === 'string' && !isOfFormat(value, String(argument))
      ? [{ message: `${pythonText(value)} is not a ${pythonText(argument)}` }]
      : [],
  pattern: (_validator, argument, value) =>
    typeof value === 'string' && !patternOf(argument).test(value)
      ? [{ message: `${pythonText(value)} does not match ${pythonText(argument)}` }]
      : [],
};

export const keywords: Record<string, Keyword> = {
  ...valueKeywords,
  ...containerKeywords,
  ...branchKeywords,
};
