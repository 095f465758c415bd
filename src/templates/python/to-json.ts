import { pythonJson } from '../../json/python-json.ts';
import { typeError, unrendered } from '../faults.ts';
import { floatText, written } from './showing.ts';
import { Dict, List, Markup, Tuple, typeName, type Value } from './values.ts';

/** Python's `json.dumps(value, sort_keys=True, indent=...)`. */
export function jsonOf(value: Value, indent?: number, level = 0): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return written(value);
  if (typeof value === 'number') return Number.isFinite(value) ? floatText(value) : special(value);
  if (typeof value === 'string') return pythonJson(value);
  if (value instanceof Markup) return pythonJson(value.text);
  if (value instanceof List || value instanceof Tuple) {
    return enclosed(
      '[]',
      value.items.map((item) => jsonOf(item, indent, level + 1)),
      indent,
      level,
    );
  }
  if (!(value instanceof Dict)) {
    throw typeError(`Object of type ${typeName(value)} is not JSON serializable`);
  }
  const members = value.entries.map(([key, member]) => {
    if (typeof key !== 'string') throw unrendered('JSON of keys that are no texts');
    return [key, member] as const;
  });
  members.sort(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  const texts = members.map(([key, member]) => `${pythonJson(key)}: ${jsonOf(member, indent, level + 1)}`);
  return enclosed('{}', texts, indent, level);
}

const special = (value: number): string =>
  Number.isNaN(value) ? 'NaN' : value < 0 ? '-Infinity' : 'Infinity';

function enclosed(brackets: string, texts: string[], indent: number | undefined, level: number): string {
  if (texts.length === 0) return brackets;
  const [open, close] = brackets;
  if (indent === undefined) return `${open}${texts.join(', ')}${close}`;
  const line = (depth: number) => `\n${' '.repeat(indent * depth)}`;
  return `${open}${line(level + 1)}${texts.join(`,${line(level + 1)}`)}${line(level)}${close}`;
}
