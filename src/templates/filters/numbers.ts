/** Jinja's filters of numbers. */

import { typeError, unrendered } from '../faults.ts';
import { Given } from '../python/arguments.ts';
import { numberOf } from '../python/comparing.ts';
import { fixed } from '../python/formatting.ts';
import { MOST_DIGITS } from '../python/showing.ts';
import { typeName, Undefined, type Value } from '../python/values.ts';
import type { Filter } from './filter.ts';

const WHOLE = /^\s*[+-]?\d+(?:_\d+)*\s*$/;
const DECIMAL = /^\s*[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+)?\s*$/i;

const toWhole: Filter = (value, args) => {
  const given = new Given('int', args, ['default', 'base']);
  if (value instanceof Undefined) throw value.fault;
  if (given.whole('base', 10) !== 10) throw unrendered('numbers of another base');
  if (typeof value === 'string' && value.length > MOST_DIGITS) throw unrendered('numbers that long');
  if (typeof value === 'string' && WHOLE.test(value))
    return BigInt(value.replaceAll('_', '').trim().replace(/^\+/, ''));
  const number = toNumber(value);
  if (typeof number === 'bigint') return number;
  return number === undefined || !Number.isFinite(number)
    ? given.value('default', 0n)
    : BigInt(Math.trunc(number));
};

function toNumber(value: Value): bigint | number | undefined {
  if (typeof value !== 'string') return numberOf(value);
  return DECIMAL.test(value) ? Number(value.replaceAll('_', '')) : undefined;
}

const toFloat: Filter = (value, args) => {
  if (value instanceof Undefined) throw value.fault;
  const number = toNumber(value);
  return number === undefined ? new Given('float', args, ['default']).value('default', 0) : Number(number);
};

const round: Filter = (value, args) => {
  const given = new Given('round', args, ['precision', 'method']);
  const [places, method] = [given.whole('precision', 0), given.text('method', 'common')];
  if (value instanceof Undefined) throw value.fault;
  const number = numberOf(value);
  if (number === undefined) throw typeError(`type ${typeName(value)} doesn't define __round__ method`);
  if (places < 0) throw unrendered('numbers rounded to tens');
  if (method === 'common') return typeof number === 'bigint' ? number : Number(fixed(number, places));
  if (method !== 'ceil' && method !== 'floor') throw unrendered(`the way to round '${method}'`);
  return Math[method](Number(number) * 10 ** places) / 10 ** places;
};

export const NUMBER_FILTERS: Record<string, Filter> = {
  int: toWhole,
  float: toFloat,
  abs: (value) => {
    if (value instanceof Undefined) throw value.fault;
    const number = numberOf(value);
    if (number === undefined) throw typeError(`bad operand type for abs(): '${typeName(value)}'`);
    return number < 0 ? -number : number;
  },
  round,
};
