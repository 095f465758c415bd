/** How Python shows values. */
import { pythonFloat } from '../../json/python-json.ts';
import { pythonText } from '../../json/schema/python-text.ts';
import { RenderFault, unrendered } from '../faults.ts';
import { Dict, List, Markup, Range, Tuple, Undefined, type Value, View } from './values.ts';

/** Python's `str`. */
export function shown(value: Value): string {
  if (typeof value === 'string') return value;
  if (value instanceof Markup) return value.text;
  if (value instanceof Undefined) return '';
  return written(value);
}

/** Python's `repr`. */
export function written(value: Value): string {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return pythonText(value);
  if (typeof value === 'bigint') return wholeText(value);
  if (typeof value === 'number') return floatText(value);
  if (value instanceof Undefined) return 'Undefined';
  if (value instanceof Markup) return `Markup(${pythonText(value.text)})`;
  if (value instanceof List) return `[${value.items.map(written).join(', ')}]`;
  if (value instanceof Tuple) {
    return `(${value.items.map(written).join(', ')}${value.items.length === 1 ? ',' : ''})`;
  }
  if (value instanceof Dict) {
    return `{${value.entries.map(([key, member]) => `${written(key)}: ${written(member)}`).join(', ')}}`;
  }
  if (value instanceof Range) {
    const [start, stop, step] = value.bounds;
    return `range(${start}, ${stop}${step === 1n ? '' : `, ${step}`})`;
  }
  if (value instanceof View) return `${value.type}([${value.items.map(written).join(', ')}])`;
  throw unrendered(`a ${value.type} as text`);
}

export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  return Number.isFinite(value) ? pythonFloat(value) : value < 0 ? '-inf' : 'inf';
}

export const MOST_DIGITS = 4300;

function wholeText(value: bigint): string {
  const text = String(value);
  if (text.length <= MOST_DIGITS) return text;
  throw new RenderFault(
    'ValueError',
    `Exceeds the limit (${MOST_DIGITS} digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the limit`,
  );
}
