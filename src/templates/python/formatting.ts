import type { Budget } from '../budget.ts';
import { typeError, unrendered } from '../faults.ts';
import { numberOf } from './comparing.ts';
import { floatText, shown, written } from './showing.ts';
import { Dict, List, Range, Tuple, typeName, Undefined, type Value } from './values.ts';

const PLACE = /%(?:(%)|(?:\.(\d{1,3}))?([sdifr]))|%/g;

/** Python's `'%s' % value`, without widths and flags. */
export function percentFormat(format: string, right: Value, budget: Budget): string {
  const values = right instanceof Tuple ? [...right.items] : [right];
  const text = format.replace(PLACE, (all, percent?: string, places?: string, kind?: string) => {
    if (percent) return '%';
    if (kind === undefined) throw unrendered(`formats like ${format.slice(0, 40)}`);
    const value = values.shift();
    if (value === undefined) throw typeError('not enough arguments for format string');
    return budget.text(formatted(value, kind, places, all));
  });
  if (values.length > 0 && !hasItems(right)) {
    throw typeError('not all arguments converted during string formatting');
  }
  return budget.text(text);
}

/** Python takes what has items for names that the format doesn't use. */
const hasItems = (value: Value): boolean =>
  [List, Dict, Range, Undefined].some((kind) => value instanceof kind);

function formatted(value: Value, kind: string, places: string | undefined, place: string): string {
  if (kind === 's' || kind === 'r') {
    const text = kind === 's' ? shown(value) : written(value);
    return places === undefined ? text : [...text].slice(0, Number(places)).join('');
  }
  const number = numberOf(value);
  if (number === undefined) {
    const wanted =
      kind === 'f' ? 'must be real number, not' : `%${kind} format: a real number is required, not`;
    throw typeError(`${wanted} ${typeName(value)}`);
  }
  if (kind === 'f') return fixed(Number(number), Number(places ?? 6));
  if (places !== undefined) throw unrendered(`formats like ${place}`);
  return typeof number === 'bigint' ? String(number) : String(BigInt(Math.trunc(number)));
}

const LARGEST_FIXED = 1e21;

/** So many places after the point; of two that are as near the even one, as Python does it. */
export function fixed(number: number, places: number): string {
  if (!Number.isFinite(number)) return floatText(number);
  if (Math.abs(number) >= LARGEST_FIXED || places > 60) throw unrendered('numbers that long');
  const exact = Math.abs(number).toFixed(100);
  const end = exact.indexOf('.') + 1 + places;
  const rounded = Math.abs(number).toFixed(places);
  const isTie = /^50*$/.test(exact.slice(end));
  const lower = exact.slice(0, places === 0 ? end - 1 : end);
  const isEven = Number(lower.at(-1)) % 2 === 0;
  const sign = number < 0 || Object.is(number, -0) ? '-' : '';
  return sign + (isTie && isEven ? lower : rounded);
}

const FIELD = /\{\{|\}\}|\{(\d*|[A-Za-z_]\w*)\}|[{}]/g;

/** Python's `'{} {name}'.format(...)`, without conversions and widths. */
export function braceFormat(format: string, plain: Value[], named: Map<string, Value>): string {
  let next = 0;
  return format.replace(FIELD, (all, field?: string) => {
    if (all === '{{' || all === '}}') return all[0]!;
    if (field === undefined) throw unrendered(`formats like ${format.slice(0, 40)}`);
    const value = /^\d*$/.test(field) ? plain[field === '' ? next++ : Number(field)] : named.get(field);
    if (value === undefined) throw unrendered(`formats like ${format.slice(0, 40)} that lack a value`);
    return shown(value);
  });
}
