import { JsonNumber } from '../../json/json.ts';
import { type Issue, type Kind, kind, type Read, refuse } from './kind.ts';

export const SMALLINT_MAX = 32_767;
const INTEGER_MAX = 2_147_483_647;

export interface NumberRules {
  ge?: number;
  gt?: number;
  le?: number;
  lt?: number;
}

export interface IntRules extends NumberRules {
  /**
   * What its column takes, where that isn't a 32-bit integer. Prefect's answer to more is a 503 on PostgreSQL; ours is a 422.
   * Not in the document, since it isn't the wire's rule.
   */
  max?: number;
  min?: number;
}

const NOT_AN_INT = 'Input should be a valid integer';

export function int(rules: IntRules = {}): Kind<number> {
  const { max = INTEGER_MAX, min = -max - 1 } = rules;
  const read: Read<number> = (value, issues) => {
    const number = typeof value === 'number' && Number.isInteger(value) ? value : readInt(value, issues);
    if (number === undefined) return undefined as never;
    if (!isWithin(number, rules, value, issues)) return undefined as never;
    if (number > max) return outside(issues, 'less_than_equal', 'less than or equal to', max, 'le', value);
    if (number < min) {
      return outside(issues, 'greater_than_equal', 'greater than or equal to', min, 'ge', value);
    }
    return number;
  };
  return kind(read, { type: 'integer', ...limits(rules) });
}

function readInt(value: unknown, issues: Issue[]): number | undefined {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string') {
    if (/^\s*[+-]?\d+(_\d+)*(\.0+)?\s*$/.test(value)) return Number(value.replaceAll('_', ''));
    return refuse(issues, 'int_parsing', `${NOT_AN_INT}, unable to parse string as an integer`, value);
  }
  if (value instanceof JsonNumber && /^-?\d+$/.test(value.text)) return value.valueOf();
  if (typeof value !== 'number' && !(value instanceof JsonNumber)) {
    return refuse(issues, 'int_type', NOT_AN_INT, value);
  }
  const number = value.valueOf();
  if (!Number.isFinite(number))
    return refuse(issues, 'finite_number', 'Input should be a finite number', value);
  if (!Number.isInteger(number)) {
    return refuse(issues, 'int_from_float', `${NOT_AN_INT}, got a number with a fractional part`, value);
  }
  if (Math.abs(number) < 2 ** 63) return number;
  const message = 'Unable to parse input string as an integer, exceeded maximum size';
  return refuse(issues, 'int_parsing_size', message, value);
}

/** A finite number: pydantic takes infinities, but JSON has no way to give them back. */
export function float(rules: NumberRules = {}): Kind<number> {
  const read: Read<number> = (value, issues) => {
    const number = typeof value === 'number' ? value : readFloat(value, issues);
    if (number === undefined || !isWithin(number, rules, value, issues)) return undefined as never;
    if (!Number.isFinite(number))
      return refuse(issues, 'finite_number', 'Input should be a finite number', value);
    return number;
  };
  return kind(read, { type: 'number', ...limits(rules) });
}

const FLOAT = /^\s*[+-]?(?:\d+(?:_\d+)*(?:\.\d*)?(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)\s*$/i;
const NOT_FINITE = /^\s*[+-]?(?:inf|infinity|nan)\s*$/i;

function readFloat(value: unknown, issues: Issue[]): number | undefined {
  if (value instanceof JsonNumber) return value.valueOf();
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string') return refuse(issues, 'float_type', 'Input should be a valid number', value);
  if (FLOAT.test(value)) return Number(value.replaceAll('_', ''));
  if (NOT_FINITE.test(value)) return Number.NaN;
  return refuse(
    issues,
    'float_parsing',
    'Input should be a valid number, unable to parse string as a number',
    value,
  );
}

const TRUE = new Set(['1', 'on', 't', 'true', 'y', 'yes']);
const FALSE = new Set(['0', 'off', 'f', 'false', 'n', 'no']);

export function bool(): Kind<boolean> {
  const read: Read<boolean> = (value, issues) => {
    if (typeof value === 'boolean') return value;
    const spelled =
      typeof value === 'string' ? value.toLowerCase() : isWhole(value) ? String(value.valueOf()) : null;
    if (spelled === null) return refuse(issues, 'bool_type', 'Input should be a valid boolean', value);
    if (TRUE.has(spelled)) return true;
    if (FALSE.has(spelled)) return false;
    return refuse(
      issues,
      'bool_parsing',
      'Input should be a valid boolean, unable to interpret input',
      value,
    );
  };
  return kind(read, { type: 'boolean' });
}

function isWhole(value: unknown): value is number | JsonNumber {
  if (typeof value !== 'number' && !(value instanceof JsonNumber)) return false;
  const number = value.valueOf();
  return Number.isInteger(number) && Math.abs(number) < 2 ** 63;
}

function isWithin(number: number, rules: NumberRules, input: unknown, issues: Issue[]): boolean {
  const { ge, gt, le, lt } = rules;
  const before = issues.length;
  if (le !== undefined && number > le)
    outside(issues, 'less_than_equal', 'less than or equal to', le, 'le', input);
  else if (lt !== undefined && number >= lt) outside(issues, 'less_than', 'less than', lt, 'lt', input);
  else if (ge !== undefined && number < ge) {
    outside(issues, 'greater_than_equal', 'greater than or equal to', ge, 'ge', input);
  } else if (gt !== undefined && number <= gt)
    outside(issues, 'greater_than', 'greater than', gt, 'gt', input);
  return issues.length === before;
}

function outside(
  issues: Issue[],
  type: string,
  words: string,
  bound: number,
  key: string,
  input: unknown,
): never {
  return refuse(issues, type, `Input should be ${words} ${bound}`, input, { [key]: bound });
}

function limits({ ge, gt, le, lt }: NumberRules): Record<string, number> {
  return {
    ...(ge !== undefined && { minimum: ge }),
    ...(gt !== undefined && { exclusiveMinimum: gt }),
    ...(le !== undefined && { maximum: le }),
    ...(lt !== undefined && { exclusiveMaximum: lt }),
  };
}
